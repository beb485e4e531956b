//! Times and durations of OTLP, in nanoseconds, as texts of Application Insights.

const DAY: u64 = 86_400_000_000_000;

/// `2024-03-05T06:07:08.1234567Z`.
pub(super) fn time(nanos: u64) -> String {
    let (year, month, day) = date(nanos / DAY);
    format!("{year:04}-{month:02}-{day:02}T{}Z", clock(nanos % DAY))
}

/// `d.hh:mm:ss.fffffff`, below 1000 days.
pub(super) fn duration(nanos: u64) -> String {
    let nanos = nanos.min(1000 * DAY - 1);
    format!("{}.{}", nanos / DAY, clock(nanos % DAY))
}

fn clock(nanos: u64) -> String {
    let seconds = nanos / 1_000_000_000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:07}", seconds % 60, nanos % 1_000_000_000 / 100)
}

/// The date of a day since 1970-01-01. Years begin in March here, so that the leap day is the last day of a year.
fn date(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468;
    let (era, day_of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era;
    if month < 10 { (year, month + 3, day_of_month) } else { (year + 1, month - 9, day_of_month) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_seven_decimals() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00.0000000Z"),
            (1_709_618_828_123_456_789, "2024-03-05T06:07:08.1234567Z"),
            (951_782_399_999_999_999, "2000-02-28T23:59:59.9999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.0000000Z"),
            (1_735_689_599_000_000_000, "2024-12-31T23:59:59.0000000Z"),
            (u64::MAX, "2554-07-21T23:34:33.7095516Z"),
        ] {
            assert_eq!(time(nanos), text);
        }
    }

    #[test]
    fn durations_are_below_1000_days() {
        assert_eq!(duration(13_000_000), "0.00:00:00.0130000");
        assert_eq!(duration(DAY + 3_661_000_000_199), "1.01:01:01.0000001");
        assert_eq!(duration(u64::MAX), "999.23:59:59.9999999");
    }
}
