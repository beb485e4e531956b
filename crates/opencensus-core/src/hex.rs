//! Hexadecimal digits without branches on their values: a branch mispredicts on real ids.

const DIGITS: &[u8; 16] = b"0123456789abcdef";
const INVALID: u8 = 0xFF;

// Lower case only: upper-case digits are invalid in a traceparent.
const VALUES: [u8; 256] = {
    let mut values = [INVALID; 256];
    let mut digit = 0;
    while digit < 16 {
        values[DIGITS[digit] as usize] = digit as u8;
        digit += 1;
    }
    values
};

/// Two digits as a byte.
pub(crate) fn decode_byte(digits: [u8; 2]) -> Option<u8> {
    let (high, low) = (VALUES[digits[0] as usize], VALUES[digits[1] as usize]);
    ((high | low) <= 0x0F).then_some(high << 4 | low)
}

pub(crate) fn decode_u64(digits: &[u8; 16]) -> Option<u64> {
    let (mut number, mut seen) = (0, 0);
    for &digit in digits {
        let value = VALUES[digit as usize];
        seen |= value;
        number = number << 4 | u64::from(value & 0x0F);
    }
    (seen <= 0x0F).then_some(number)
}

pub(crate) fn decode_u128(digits: &[u8; 32]) -> Option<u128> {
    let high = decode_u64(digits[..16].try_into().ok()?)?;
    let low = decode_u64(digits[16..].try_into().ok()?)?;
    Some(u128::from(high) << 64 | u128::from(low))
}

/// The digits of `bytes`; `N` must be twice their number.
pub(crate) fn encode<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut digits = [0; N];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[(byte >> 4) as usize];
        pair[1] = DIGITS[(byte & 0x0F) as usize];
    }
    digits
}
