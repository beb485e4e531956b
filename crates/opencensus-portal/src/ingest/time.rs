//! Parses times and durations in the formats that clients send.

/// Parses `2024-03-05T06:07:08`, optionally with decimals and `Z` or an offset, by default UTC. Returns
/// microseconds since 1970.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    let (date, clock) = text.trim().split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, offset) = split_offset(clock)?;
    let micros = parse_clock(clock)?;
    let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    in_range.then(|| days(year, month, day) * 86_400_000_000 + micros - offset)
}

/// Parses `d.hh:mm:ss.fffffff` or `hh:mm:ss` below 1000 days. Returns microseconds.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    let text = text.trim();
    let colon = text.find(':')?;
    let (days, clock) = match text[..colon].rfind('.') {
        Some(dot) => (number(&text[..dot])?, &text[dot + 1..]),
        None => (0, text),
    };
    (days < 1000).then_some(())?;
    Some(days * 86_400_000_000 + parse_clock(clock)?)
}

fn split_offset(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(sign) = clock.rfind(['+', '-']) else { return Some((clock, 0)) };
    let (hours, minutes) = clock[sign + 1..].split_once(':')?;
    let micros = (number(hours)? * 60 + number(minutes)?) * 60_000_000;
    Some((&clock[..sign], if clock[sign..].starts_with('-') { -micros } else { micros }))
}

fn parse_clock(clock: &str) -> Option<i64> {
    let mut parts = clock.splitn(3, ':');
    let (hours, minutes, seconds) = (number(parts.next()?)?, number(parts.next()?)?, parts.next()?);
    let (seconds, decimals) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let digits: String = decimals.chars().chain("000000".chars()).take(6).collect();
    let (seconds, micros) = (number(seconds)?, number(&digits)?);
    let decimals_fit = decimals.bytes().all(|byte| byte.is_ascii_digit());
    (hours < 24 && minutes < 60 && seconds < 61 && decimals_fit)
        .then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros)
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
    use super::*;

    #[test]
    fn times_of_all_formats_are_parsed() {
        let micros = 1_709_618_828_123_000;
        for text in [
            "2024-03-05T06:07:08.123Z",
            "2024-03-05T06:07:08.123000",
            "2024-03-05 06:07:08.1230000Z",
            "2024-03-05T07:37:08.123+01:30",
            "2024-03-05T05:07:08.123-01:00",
        ] {
            assert_eq!(parse_time(text), Some(micros), "{text}");
        }
        for text in ["", "2024-03-05", "2024-13-05T00:00:00Z", "T", "2024-03-05T25:00:00Z", "٢024-03-05T00:00:00Z"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn durations_of_all_formats_are_parsed() {
        assert_eq!(parse_duration("0.00:00:00.013"), Some(13_000));
        assert_eq!(parse_duration("00:00:01"), Some(1_000_000));
        assert_eq!(parse_duration("2.01:00:00.0000001"), Some((2 * 24 + 1) * 3_600_000_000));
        for text in ["", "5", "1000.00:00:00", "00:61:00", "a.00:00:00", "00:00:00.x"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
