//! Parses times and durations in the formats that clients send.

use serde_json::Value;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
/// Durations from here on are out of range.
const DURATION_END: i64 = 1000 * DAY;

/// Parses `2024-03-05T06:07:08`, optionally without seconds, with decimals, and with `Z` or an offset such as `+01:00`,
/// `+0100` or `+01`. The default is UTC. Returns microseconds since 1970.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    let (date, clock) = text.trim().split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, offset) = split_offset(clock)?;
    let micros = parse_clock(clock.trim_end())?;
    let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
    let exists = in_range && day <= days(year + month / 12, month % 12 + 1, 1) - days(year, month, 1);
    exists.then(|| days(year, month, day) * DAY + micros - offset)
}

/// Parses `hh:mm:ss.fffffff`, optionally with days in front, separated by a dot or a colon, or a duration of ISO 8601 such
/// as `PT0.0033S`, below 1000 days. Returns microseconds.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    let text = text.trim();
    let micros = match text.strip_prefix('P') {
        Some(iso) => parse_iso_duration(iso)?,
        None => {
            let (days, clock) = split_days(text);
            days_of_duration(days)? + parse_clock(clock)?
        }
    };
    (micros < DURATION_END).then_some(micros)
}

/// The duration that a field has: a text, or a number of milliseconds, which the retired SDK for Python sends with page
/// views. Returns microseconds.
pub(super) fn duration_of(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => parse_duration(text),
        value => {
            let micros = value.as_f64()? * 1000.0;
            (0.0..DURATION_END as f64).contains(&micros).then_some(micros.round() as i64)
        }
    }
}

/// Parses less than 1000 days. Returns microseconds.
fn days_of_duration(text: &str) -> Option<i64> {
    number(text).filter(|days| *days < 1000).map(|days| days * DAY)
}

/// Splits off the days, which are `0` by default: `d.hh:mm:ss` or, in the SDK for Ruby, `d:hh:mm:ss`.
fn split_days(text: &str) -> (&str, &str) {
    let first = text.find([':', '.']).filter(|at| text[*at..].starts_with('.') || text.matches(':').count() == 3);
    first.map_or(("0", text), |at| (&text[..at], &text[at + 1..]))
}

/// Parses `nDTnHnMnS`, of which any part may be missing, and the seconds may have decimals.
fn parse_iso_duration(text: &str) -> Option<i64> {
    let (date, mut clock) = text.split_once('T').unwrap_or((text, ""));
    let mut micros = if date.is_empty() { 0 } else { days_of_duration(date.strip_suffix('D')?)? };
    let has_part = !date.is_empty() || !clock.is_empty();
    for (unit, factor) in [('H', 3_600_000_000), ('M', 60_000_000)] {
        if let Some((count, rest)) = clock.split_once(unit) {
            micros += number(count)? * factor;
            clock = rest;
        }
    }
    if !clock.is_empty() {
        micros += parse_seconds(clock.strip_suffix('S')?)?;
    }
    has_part.then_some(micros)
}

/// Splits off `Z` and an offset, of which the SDK for PHP sends both.
fn split_offset(clock: &str) -> Option<(&str, i64)> {
    let clock = clock.strip_suffix(['Z', 'z']).unwrap_or(clock);
    let Some(sign) = clock.rfind(['+', '-']) else { return Some((clock, 0)) };
    let offset = &clock[sign + 1..];
    let (hours, minutes) = match offset.split_once(':') {
        Some(parts) => parts,
        None if offset.len() == 4 => offset.split_at_checked(2)?,
        None => (offset, "0"),
    };
    let micros = (number(hours)? * 60 + number(minutes)?) * 60_000_000;
    Some((&clock[..sign], if clock[sign..].starts_with('-') { -micros } else { micros }))
}

/// Parses `hh:mm` or `hh:mm:ss.fffffff`.
fn parse_clock(clock: &str) -> Option<i64> {
    let mut parts = clock.splitn(3, ':');
    let (hours, minutes, seconds) = (number(parts.next()?)?, number(parts.next()?)?, parts.next().unwrap_or("0"));
    let seconds = parse_seconds(seconds)?;
    let in_range = hours < 24 && minutes < 60 && seconds < 61_000_000;
    in_range.then_some((hours * 60 + minutes) * 60_000_000 + seconds)
}

/// Parses seconds, optionally with decimals. Returns microseconds.
fn parse_seconds(text: &str) -> Option<i64> {
    let (seconds, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits: String = decimals.chars().chain("000000".chars()).take(6).collect();
    let decimals_fit = !decimals.is_empty() && decimals.bytes().all(|byte| byte.is_ascii_digit());
    decimals_fit.then_some(number(seconds)? * 1_000_000 + number(&digits)?)
}

fn number(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Converts a date to days since 1970-01-01. The computation counts years from March, so that the leap
/// day is the last day of a year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn number_is_a_duration_in_milliseconds() {
        assert_eq!(duration_of(&json!(5)), Some(5000));
        assert_eq!(duration_of(&json!(0.5)), Some(500));
        assert_eq!(duration_of(&json!("00:00:00.005")), Some(5000));
        for value in [json!(-1), json!(86_400_000_000_u64), json!(1e300), json!(null), json!(true), json!([5])] {
            assert_eq!(duration_of(&value), None, "{value}");
        }
    }

    #[test]
    fn times_of_all_formats_are_parsed() {
        let micros = 1_709_618_828_123_000;
        for text in [
            "2024-03-05T06:07:08.123Z",
            "2024-03-05T06:07:08.123000",
            "2024-03-05 06:07:08.1230000Z",
            "2024-03-05T07:37:08.123+01:30",
            "2024-03-05T05:07:08.123-01:00",
            "2024-03-05T07:37:08.123+0130",
            "2024-03-05T07:07:08.1230000+01",
            "2024-03-05t06:07:08.123z",
            "2024-03-05T06:07:08.123+00:00Z",
            "2024-03-05 06:07:08.123 +0000",
        ] {
            assert_eq!(parse_time(text), Some(micros), "{text}");
        }
        assert_eq!(parse_time("2024-03-05T06:07Z"), Some(micros - 8_123_000));
        assert_eq!(parse_time("2024-02-29T00:00:00"), Some(1_709_164_800_000_000));
        assert_eq!(parse_time("2024-12-31T00:00:00"), Some(1_735_603_200_000_000));
        for text in [
            "",
            "2024-03-05",
            "2024-13-05T00:00:00Z",
            "2024-00-05T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-04-31T00:00:00Z",
            "T",
            "2024-03-05T25:00:00Z",
            "2024-03-05T00:00:00.Z",
            "2024-03-05T00:00:00+é00",
            "٢024-03-05T00:00:00Z",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn durations_of_all_formats_are_parsed() {
        assert_eq!(parse_duration("0.00:00:00.013"), Some(13_000));
        assert_eq!(parse_duration("00:00:01"), Some(1_000_000));
        assert_eq!(parse_duration("2.01:00:00.0000001"), Some((2 * 24 + 1) * 3_600_000_000));
        assert_eq!(parse_duration("00.00:00:00.013000"), Some(13_000));
        assert_eq!(parse_duration("00:00:00.0130000"), Some(13_000));
        assert_eq!(parse_duration("0:00:00:00.0000000"), Some(0));
        assert_eq!(parse_duration("1:02:03:04.5"), Some(((26 * 60 + 3) * 60 + 4) * 1_000_000 + 500_000));
        assert_eq!(parse_duration("01:02"), Some(3_720_000_000));
        assert_eq!(parse_duration("PT0.0033S"), Some(3_300));
        assert_eq!(parse_duration("P1DT1H1M1.5S"), Some(90_061_500_000));
        assert_eq!(parse_duration("P2D"), Some(172_800_000_000));
        assert_eq!(parse_duration("999.23:59:59.9999999"), Some(86_399_999_999_999));
        for text in [
            "",
            "5",
            "1000.00:00:00",
            "00:61:00",
            "a.00:00:00",
            "00:00:00.x",
            "24:00:00",
            "00:00:00.",
            "P",
            "PT",
            "P1W",
            "PT1",
            "PT1.S",
            "PTS",
            "P1000D",
            "P999999999D",
            "999999999.23:59:59",
            "PT99999999999H",
            "-00:00:01",
            "1.5",
            "..:",
            "é.00:00:00",
            "1:2:3:4:5",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
