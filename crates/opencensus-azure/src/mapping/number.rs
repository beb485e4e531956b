//! Numbers as text.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The numbers from 0 to 999 with three digits each.
static DIGITS: [u8; 3000] = digits();

const fn digits() -> [u8; 3000] {
    let (mut digits, mut at) = ([b'0'; 3000], 0);
    while at < 3000 {
        let number = at / 3;
        digits[at] += (number / [100, 10, 1][at % 3] % 10) as u8;
        at += 1;
    }
    digits
}

/// An integer. One of three digits or fewer, which status codes are, is not formatted.
pub(crate) fn integer(number: i64) -> Cow<'static, str> {
    let unwritten = usize::from(number < 100) + usize::from(number < 10);
    let digits = match number {
        0..1000 => DIGITS.get(3 * number as usize..).and_then(|digits| digits.get(unwritten..3)),
        _ => None,
    };
    match digits.map(std::str::from_utf8) {
        Some(Ok(digits)) => Cow::Borrowed(digits),
        _ => Cow::Owned(number.to_string()),
    }
}

/// Appends a number in the notation of JavaScript, and so of Microsoft's exporter for it: the fewest digits that read
/// back as the same number, with an exponent from 10²¹ and below 10⁻⁶. Zero has no sign.
pub(crate) fn write_number(text: &mut String, number: f64) {
    let magnitude = number.abs();
    if number.is_nan() {
        text.push_str("NaN");
    } else if number.is_infinite() {
        text.push_str(if number > 0.0 { "Infinity" } else { "-Infinity" });
    } else if number == 0.0 {
        text.push('0');
    } else if (1e-6..1e21).contains(&magnitude) {
        let _ = write!(text, "{number}");
    } else {
        let start = text.len();
        let _ = write!(text, "{number:e}");
        if magnitude >= 1.0
            && let Some(at) = text[start..].find('e')
        {
            text.insert(start + at + 1, '+');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_written_as_by_the_standard_library() {
        for number in (-1..=1001).chain([i64::MIN, i64::MAX]) {
            assert_eq!(integer(number), number.to_string());
        }
    }

    #[test]
    fn numbers_are_written_as_in_javascript() {
        for (number, expected) in [
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (-0.0, "0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (33.333_333_333_333_336, "33.333333333333336"),
        ] {
            let mut text = String::new();
            write_number(&mut text, number);
            assert_eq!(text, expected, "{number:?}");
        }
    }
}
