//! Parses values of plain texts, such as those of environment variables. `None`: the text is anything else.

use std::time::Duration;

/// Parses a switch: `true`, `yes`, `on`, `1` or their opposites, in any letter case.
///
/// # Examples
///
/// ```
/// use opencensus_settings::parse::switch;
///
/// assert_eq!((switch("Yes"), switch("0"), switch("maybe")), (Some(true), Some(false), None));
/// ```
#[must_use]
pub fn switch(text: &str) -> Option<bool> {
    match &*text.trim().to_ascii_lowercase() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Parses a whole number above 0. Underscores may group its digits.
#[must_use]
pub fn count(text: &str) -> Option<usize> {
    text.trim().replace('_', "").parse().ok().filter(|number| *number > 0)
}

/// Parses a number of bytes above 0, with a unit (`B`, `KiB`, `MiB`, `GiB`, in any letter case) or without.
///
/// # Examples
///
/// ```
/// use opencensus_settings::parse::bytes;
///
/// assert_eq!((bytes("512 KiB"), bytes("16 MB")), (Some(524_288), None));
/// ```
#[must_use]
pub fn bytes(text: &str) -> Option<usize> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    count(digits)?.checked_mul(unit)
}

/// Parses a duration: seconds, or a text such as `500ms` or `1m 30s`.
///
/// # Examples
///
/// ```
/// use opencensus_settings::parse::duration;
/// use std::time::Duration;
///
/// assert_eq!((duration("1m 30s"), duration("0.5")), (Some(Duration::from_secs(90)), Some(Duration::from_millis(500))));
/// ```
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.or_else(|| humantime::parse_duration(text).ok())
}
