//! The header `Retry-After`.

use std::time::{Duration, SystemTime};

/// Parses seconds, or an HTTP date relative to `now`. `None` if the value is not in the future or is
/// malformed.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        let too_long = if seconds > 0.0 { Duration::MAX } else { Duration::ZERO };
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(too_long);
        return (wait > Duration::ZERO).then_some(wait);
    }
    httpdate::parse_http_date(value).ok()?.duration_since(now).ok().filter(|wait| *wait > Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_parsed_and_anything_else_is_ignored() {
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 20:00:00 GMT").unwrap();
        let parse = |value| retry_after(value, now).map(|wait| wait.as_secs_f64());
        assert_eq!(parse("30"), Some(30.0));
        assert_eq!(parse(" 1.5 "), Some(1.5));
        assert_eq!(parse("Sat, 21 Nov 2026 20:01:00 GMT"), Some(60.0));
        assert!(parse("1e300").is_some_and(|seconds| seconds > 1e9));
        for invalid in ["0", "-5", "soon", "", "NaN", "Sat, 21 Nov 2026 19:59:00 GMT"] {
            assert_eq!(parse(invalid), None, "{invalid}");
        }
    }
}
