//! Floating-point numbers as text.

use std::fmt::Write as _;

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
