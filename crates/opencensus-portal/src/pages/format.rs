//! Formats values for the pages.

/// Formats a time in microseconds since 1970 as `06:07:08.123`, in UTC.
pub(crate) fn clock(micros: i64) -> String {
    let millis = micros.rem_euclid(86_400_000_000) / 1000;
    let (seconds, millis) = (millis / 1000, millis % 1000);
    format!("{:02}:{:02}:{:02}.{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Formats a time in microseconds since 1970 as `2024-03-05 06:07`, in UTC.
pub(super) fn date(micros: i64) -> String {
    let (year, month, day) = civil(micros.div_euclid(86_400_000_000));
    let minutes = micros.rem_euclid(86_400_000_000) / 60_000_000;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// Formats a time in microseconds since 1970 as `2024-03-05 06:07:08`, in UTC.
pub(super) fn moment(micros: i64) -> String {
    format!("{}:{:02}", date(micros), micros.div_euclid(1_000_000).rem_euclid(60))
}

/// Converts days since 1970-01-01 to a date. Years are counted from March, so that the leap day is the last of a year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Formats a duration in microseconds with three significant digits: `850 µs`, `12.3 ms`, `1.50 s`, `2.0 min`,
/// `3.5 h`, `4.0 d`.
pub(crate) fn duration(micros: i64) -> String {
    let micros = micros as f64;
    if micros.abs() < 1000.0 {
        format!("{micros:.0} µs")
    } else if micros.abs() < 999_500.0 {
        format!("{} ms", three_digits(micros / 1e3))
    } else if micros.abs() < 60e6 {
        format!("{} s", three_digits(micros / 1e6))
    } else if micros.abs() < 3600e6 {
        format!("{:.1} min", micros / 60e6)
    } else if micros.abs() < 2.0 * 86_400e6 {
        format!("{:.1} h", micros / 3600e6)
    } else {
        format!("{:.1} d", micros / 86_400e6)
    }
}

/// Formats a duration, or a dash without one.
pub(super) fn optional_duration(micros: Option<i64>) -> String {
    micros.map_or_else(|| "–".to_owned(), duration)
}

/// Formats a value of a metric: `0.25`, `1500`, `1e308`.
pub(super) fn number(value: f64) -> String {
    let is_short = value == 0.0 || (1e-6..1e15).contains(&value.abs());
    if is_short { value.to_string() } else { format!("{value:e}") }
}

fn three_digits(value: f64) -> String {
    let decimals = if value.abs() < 9.995 { 2 } else { usize::from(value.abs() < 99.95) };
    format!("{value:.decimals$}")
}

/// Formats a weighted number of items: `950`, `12,345`.
pub(super) fn count(count: f64) -> String {
    let digits = format!("{:.0}", count.max(0.0).abs());
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a share between 0 and 1: `0 %`, `0.4 %`, `12 %`.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = usize::from(percent > 0.0 && percent < 9.95);
    format!("{percent:.decimals$} %")
}

/// A name, or what stands for one that is empty.
pub(super) fn name(name: &str) -> &str {
    if name.trim().is_empty() { "(no name)" } else { name }
}

/// The first 240 characters of a text.
pub(super) fn beginning(text: &str) -> String {
    const MAX: usize = 240;
    let mut short: String = text.chars().take(MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_limited_and_names_are_never_empty() {
        assert_eq!((name(" "), name("a")), ("(no name)", "a"));
        assert_eq!(beginning(&"é".repeat(240)), "é".repeat(240));
        assert_eq!(beginning(&"é".repeat(241)), format!("{}…", "é".repeat(240)));
    }

    #[test]
    fn values_are_formatted() {
        assert_eq!(clock(1_709_618_828_123_456), "06:07:08.123");
        assert_eq!((date(1_709_618_828_123_456), date(-1)), ("2024-03-05 06:07".into(), "1969-12-31 23:59".into()));
        assert_eq!(date(951_782_400_000_000), "2000-02-29 00:00");
        assert_eq!(moment(1_709_618_828_123_456), "2024-03-05 06:07:08");
        let durations = [850, 1234, 12_345, 123_456, 999_400, 999_600, 1_500_000, 120_000_000].map(duration);
        assert_eq!(durations, ["850 µs", "1.23 ms", "12.3 ms", "123 ms", "999 ms", "1.00 s", "1.50 s", "2.0 min"]);
        let long = [3_599_000_000, 12_600_000_000, 172_800_000_000, 86_399_999_900_000].map(duration);
        assert_eq!(long, ["60.0 min", "3.5 h", "2.0 d", "1000.0 d"]);
        assert_eq!([0.0, -0.25, 1500.0, 1e308, 3e-9].map(number), ["0", "-0.25", "1500", "1e308", "3e-9"]);
        // The sum of no numbers is -0.0.
        assert_eq!([-0.0, 950.0, 12_345.6, 1e6].map(count), ["0", "950", "12,346", "1,000,000"]);
        assert_eq!([0.0, 0.004, 0.12, 1.0].map(percent), ["0 %", "0.4 %", "12 %", "100 %"]);
    }
}
