//! Hexadecimal digits, converted without branches on their values, which would be mispredicted on real ids.
//!
//! The functions that decode ids are inlined always: with constant lengths the compiler uses vectors of 16 digits.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A word whose bytes are all this one.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Whether all bytes are lower-case digits: upper-case digits are invalid in `traceparent`.
// The compiler compares 16 bytes at once: no branch leaves the loop.
#[inline(always)]
fn are_digits<const N: usize>(bytes: &[u8; N]) -> bool {
    let is_other = |byte: u8| byte.wrapping_sub(b'0') > 9 && byte.wrapping_sub(b'a') > 5;
    !bytes.iter().fold(false, |found, byte| found | is_other(*byte))
}

/// The number that eight digits express, all of them at once, as the bytes of a word.
#[inline(always)]
fn number(digits: [u8; 8]) -> u32 {
    let word = u64::from_be_bytes(digits);
    // Letters have this bit set, digits do not.
    let letters = (word >> 6) & all(1);
    let values = (word & all(0x0F)).wrapping_add(letters * 9);
    let pairs = (values | values >> 4) & 0x00FF_00FF_00FF_00FF;
    let quads = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF;
    (quads | quads >> 16) as u32
}

/// Decodes two digits.
#[inline]
pub(crate) fn decode_byte(digits: [u8; 2]) -> Option<u8> {
    let value = |digit: u8| (digit & 0x0F) + (digit >> 6) * 9;
    are_digits(&digits).then(|| value(digits[0]) << 4 | value(digits[1]))
}

#[inline(always)]
pub(crate) fn decode_u64(digits: &[u8; 16]) -> Option<u64> {
    are_digits(digits).then(|| numbers(digits).fold(0, |number, word| number << 32 | u64::from(word)))
}

#[inline(always)]
pub(crate) fn decode_u128(digits: &[u8; 32]) -> Option<u128> {
    let number = || numbers(digits).fold(0, |number, word| number << 32 | u128::from(word));
    are_digits(digits).then(number)
}

/// The numbers of the words, eight digits each, in their order.
#[inline(always)]
fn numbers(digits: &[u8]) -> impl Iterator<Item = u32> {
    digits.as_chunks::<8>().0.iter().map(|digits| number(*digits))
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
