//! Ids of traces and spans.

/// An id of `digits` hexadecimal digits. Older SDKs send other ids: these become a hash, the same for the same id.
pub(super) fn identifier(id: Option<&str>, digits: usize) -> String {
    let Some(id) = id.filter(|id| !id.is_empty()) else { return String::new() };
    let is_valid = id.len() == digits && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_valid {
        return id.to_ascii_lowercase();
    }
    let mut hash = format!("{:016x}{:016x}", fnv(0xcbf2_9ce4_8422_2325, id), fnv(0x9e37_79b9_7f4a_7c15, id));
    hash.truncate(digits);
    hash
}

/// The hash FNV-1a. It is never 0, which is no valid id.
fn fnv(seed: u64, text: &str) -> u64 {
    let hash = text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_ids_are_kept_and_others_become_hashes_of_the_same_length() {
        assert_eq!(identifier(Some("0AF7651916CD43DD"), 16), "0af7651916cd43dd");
        let (one, other) = (identifier(Some("|a.1."), 16), identifier(Some("|a.2."), 16));
        assert!(one.len() == 16 && one != other && one == identifier(Some("|a.1."), 16));
        assert_eq!(identifier(Some("0af7651916cd43dd"), 32).len(), 32);
        assert_eq!((identifier(None, 16), identifier(Some(""), 16)), (String::new(), String::new()));
    }
}
