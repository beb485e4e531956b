//! Times and durations in the schema's notation, written without `std::fmt`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60;

/// The longest duration of the schema is below 1000 days.
const MAX_DURATION: Duration = Duration::new(1000 * DAY - 1, 999_999_999);

/// Writes `2026-11-21T20:53:00.123456Z`. A time before 1970 is written as 1970-01-01.
pub(crate) fn write_time(out: &mut Vec<u8>, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil(since.as_secs() / DAY);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    put(&mut text[..4], year);
    put(&mut text[5..7], month);
    put(&mut text[8..10], day);
    put_clock(&mut text[11..26], since);
    out.extend_from_slice(&text);
}

/// Writes `0.00:00:01.500000`: days, hours, minutes, seconds, microseconds.
pub(crate) fn write_duration(out: &mut Vec<u8>, duration: Duration) {
    let duration = duration.min(MAX_DURATION);
    let days = duration.as_secs() / DAY;
    let mut text = *b"000.00:00:00.000000";
    put(&mut text[..3], days);
    put_clock(&mut text[4..], duration);
    let unwritten = usize::from(days < 10) + usize::from(days < 100);
    out.extend_from_slice(&text[unwritten..]);
}

/// Puts the time of the day into `00:00:00.000000`.
fn put_clock(text: &mut [u8], time: Duration) {
    let seconds = time.as_secs() % DAY;
    put(&mut text[..2], seconds / 3600);
    put(&mut text[3..5], seconds / 60 % 60);
    put(&mut text[6..8], seconds % 60);
    put(&mut text[9..15], time.subsec_micros().into());
}

/// Puts the lowest digits of the number into a text.
fn put(text: &mut [u8], mut number: u64) {
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Converts days since 1970-01-01 to year, month and day. The computation counts years from March, so
/// that the leap day is the last day of a year.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days + 719_468;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(seconds: u64, nanos: u32) -> String {
        let mut out = Vec::new();
        write_time(&mut out, UNIX_EPOCH + Duration::new(seconds, nanos));
        String::from_utf8(out).unwrap()
    }

    fn duration(duration: Duration) -> String {
        let mut out = Vec::new();
        write_duration(&mut out, duration);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_are_utc_with_microseconds() {
        assert_eq!(time(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(time(1_709_618_828, 123_456_789), "2024-03-05T06:07:08.123456Z");
        assert_eq!(time(951_782_399, 999_999_999), "2000-02-28T23:59:59.999999Z");
        assert_eq!(time(951_782_400, 0), "2000-02-29T00:00:00.000000Z");
        assert_eq!(time(4_107_542_400, 0), "2100-03-01T00:00:00.000000Z");
    }

    #[test]
    fn durations_stay_below_a_thousand_days() {
        assert_eq!(duration(Duration::from_micros(1_500_000)), "0.00:00:01.500000");
        assert_eq!(duration(Duration::from_secs(12 * DAY + 3661)), "12.01:01:01.000000");
        assert_eq!(duration(Duration::from_secs(1000 * DAY)), "999.23:59:59.999999");
    }
}
