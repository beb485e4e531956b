//! The app id of an instrumentation key.

use std::borrow::Cow;

use serde::Deserialize;

/// The app id that stands for a key in correlation headers: a GUID that depends on the key alone, without regard to letter
/// case.
pub(super) fn app_id(key: &str) -> String {
    // FNV-1a, whose result does not depend on the version of the standard library.
    const OFFSET: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013B;
    let hash =
        key.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte.to_ascii_lowercase())).wrapping_mul(PRIME));
    // Version 8 (custom) and variant 1.
    let id = hash & !(0xF << 76) & !(0xC << 60) | 8 << 76 | 8 << 60;
    let hex = format!("{id:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The app id of an item, if the item has a key.
pub(super) fn app_id_of_item(item: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(rename = "iKey", borrow)]
        key: Cow<'a, str>,
    }
    serde_json::from_slice::<Envelope<'_>>(item).ok().map(|envelope| app_id(&envelope.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_ids_are_guids_that_depend_on_the_key_alone() {
        let id = app_id("00000000-0000-4000-8000-000000000001");
        assert_eq!(id, "44b3282f-b958-8b3d-85bd-46378e77e6d2");
        assert_eq!(app_id("0000ABCD"), app_id("0000abcd"));
        assert_ne!(app_id("a"), app_id("b"));
        assert_eq!(app_id("").len(), 36);
    }

    #[test]
    fn items_without_a_key_have_no_app_id() {
        assert_eq!(app_id_of_item(br#"{"name":"n","iKey":"k\u0031","data":{}}"#), Some(app_id("k1")));
        for item in [&b"{}"[..], b"[]", b"{\"iKey\":null}", b"{\"iKey\":1}", b"\xFF", b"{\"iKey\":\"k\""] {
            assert_eq!(app_id_of_item(item), None);
        }
    }
}
