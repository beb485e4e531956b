//! Parses numbers of bytes and spans of time.

use std::str::FromStr;
use std::time::Duration;

/// A number of bytes, such as `500000`, `256MiB` or `2GB`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bytes(pub(super) u64);

/// A span of time with its unit, such as `90s`, `30m`, `12h` or `30d`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span(pub(super) Duration);

const BYTES: [(&str, u64); 7] = [
    ("", 1),
    ("KB", 1000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
];
const SECONDS: [(&str, u64); 4] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text, &BYTES).map(Self).ok_or_else(|| format!("`{text}` is no number of bytes, such as 256MiB"))
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = parse(text, &SECONDS);
        seconds
            .map(Duration::from_secs)
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no span of time, such as 12h or 30d"))
    }
}

/// A positive whole number with one of the units, without regard to letter case.
fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    number.parse::<u64>().ok()?.checked_mul(*factor).filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_others_refused() {
        for (text, bytes) in [("1", 1), ("2KiB", 2048), ("3 mb", 3_000_000), ("1GiB", 1 << 30)] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("12h", 43_200), ("30d", 2_592_000)] {
            assert_eq!(text.parse(), Ok(Span(Duration::from_secs(seconds))), "{text}");
        }
        for text in ["", "0", "-1", "MiB", "1.5GB", "1TB", "99999999999999999999", "99999999999999GiB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        for text in ["30", "1w", "0d", "d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
