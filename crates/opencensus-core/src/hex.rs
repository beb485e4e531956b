//! Hexadecimal digits, converted without branches on their values, which would be mispredicted on real ids.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A word whose bytes are all this one.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Decodes eight digits at once, as the bytes of a word. `None` if one of them is not a lower-case digit:
/// upper-case digits are invalid in `traceparent`.
fn decode_word(digits: [u8; 8]) -> Option<u32> {
    let word = u64::from_be_bytes(digits);
    // Letters have this bit set, digits do not.
    let letters = (word >> 6) & all(1);
    let values = (word & all(0x0F)) + letters * 9;
    // Encoded again, only valid digits are unchanged; `g` to `o` would have the values 16 to 24.
    let above_nine = ((values + all(6)) >> 4) & all(1);
    let written = values + all(b'0') + above_nine * u64::from(b'a' - b'0' - 10);
    let pairs = (values | values >> 4) & 0x00FF_00FF_00FF_00FF;
    let quads = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF;
    (written == word && values & all(0xF0) == 0).then_some((quads | quads >> 16) as u32)
}

/// Decodes two digits.
pub(crate) fn decode_byte(digits: [u8; 2]) -> Option<u8> {
    decode_word([b'0', b'0', b'0', b'0', b'0', b'0', digits[0], digits[1]]).map(|number| number as u8)
}

pub(crate) fn decode_u64(digits: &[u8; 16]) -> Option<u64> {
    let (high, low) = digits.split_at(8);
    let (high, low) = (decode_word(high.try_into().ok()?), decode_word(low.try_into().ok()?));
    Some(u64::from(high?) << 32 | u64::from(low?))
}

pub(crate) fn decode_u128(digits: &[u8; 32]) -> Option<u128> {
    let high = decode_u64(digits[..16].try_into().ok()?)?;
    let low = decode_u64(digits[16..].try_into().ok()?)?;
    Some(u128::from(high) << 64 | u128::from(low))
}

/// Encodes `bytes`; `N` must be twice their number.
pub(crate) fn encode<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut digits = [0; N];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[(byte >> 4) as usize];
        pair[1] = DIGITS[(byte & 0x0F) as usize];
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_bytes_is_decoded_or_rejected_as_by_the_standard_library() {
        for high in 0..=u8::MAX {
            for low in 0..=u8::MAX {
                let digits = [high, low];
                let is_lower_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                let expected = digits
                    .iter()
                    .all(is_lower_hex)
                    .then(|| u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
                assert_eq!(decode_byte(digits), expected, "{digits:?}");
            }
        }
    }

    #[test]
    fn every_position_of_a_word_is_checked() {
        assert_eq!(decode_u64(b"0123456789abcdef"), Some(0x0123_4567_89ab_cdef));
        for at in 0..32 {
            let mut digits = *b"4bf92f3577b34da6a3ce929d0e0e4736";
            for bad in [b'G', b'A', b'g', b'/', b':', b'`', 0, 0xFF, b' '] {
                digits[at] = bad;
                assert_eq!(decode_u128(&digits), None, "{at} {bad}");
            }
        }
    }
}
