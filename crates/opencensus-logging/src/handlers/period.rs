//! When the period of a file began that an earlier process wrote.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::handlers::{Schedule, When};

/// The longest beginning of a line that is searched for a time, in bytes.
const LONGEST: u64 = 1024;

/// When the period of a file began: with its first line, or else with the end of the last older file, or else when it
/// was made, or last written. `None`: it does not exist, or is empty.
pub(crate) fn begun(path: &Path, schedule: &Schedule) -> Option<Timestamp> {
    let metadata = fs::metadata(path).ok().filter(|metadata| metadata.is_file() && metadata.len() > 0)?;
    let modified = metadata.modified().ok().and_then(whole_seconds)?;
    let of_line = || time_of_first_line(path, &schedule.time_zone);
    let of_older = || older_files(path, schedule.when).ok()?.pop().and_then(|(suffix, _)| schedule.end(&suffix));
    let of_creation = || metadata.created().ok().and_then(whole_seconds);
    // A time after the last write is not that of the first line.
    let is_possible = |time: &Timestamp| *time <= modified;
    let begun = of_line().filter(is_possible).or_else(|| of_older().filter(is_possible));
    Some(begun.or_else(|| of_creation().filter(is_possible)).unwrap_or(modified))
}

/// The last write to a file, with which its period begins in Python.
pub(crate) fn modified(path: &Path) -> Option<Timestamp> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok().and_then(whole_seconds)
}

/// Periods begin and end with whole seconds, as the names of files do.
pub(super) fn whole_seconds(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok().and_then(|time| Timestamp::from_second(time.as_second()).ok())
}

/// The older files of this path, each with the suffix of its name, the oldest first.
pub(super) fn older_files(path: &Path, when: When) -> io::Result<Vec<(String, PathBuf)>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    let mut old = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let entry_name = entry.file_name();
        let suffix = entry_name.to_str().and_then(|entry| entry.strip_prefix(name)?.strip_prefix('.'));
        let is_rotated = |suffix: &&str| jiff::fmt::strtime::parse(when.date_format(), suffix).is_ok();
        if let Some(suffix) = suffix.filter(is_rotated) {
            old.push((suffix.to_owned(), entry.path()));
        }
    }
    old.sort();
    Ok(old)
}

fn time_of_first_line(path: &Path, zone: &TimeZone) -> Option<Timestamp> {
    let mut line = Vec::new();
    BufReader::new(File::open(path).ok()?.take(LONGEST)).read_until(b'\n', &mut line).ok()?;
    time_in(&String::from_utf8_lossy(&line), zone)
}

/// The first time in a text in the form of `asctime` or of RFC 3339, in this zone unless the text has an offset.
fn time_in(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    /// `2024-03-05 06:07:08`
    const LEN: usize = 19;
    let is_form = |at: &usize| {
        let form = text.get(*at..at + LEN).map(str::as_bytes).unwrap_or_default();
        form.len() == LEN && [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')].iter().all(|(at, c)| form[*at] == *c)
    };
    let at = (0..text.len().saturating_sub(LEN - 1)).find(is_form)?;
    let time: DateTime = text[at..at + LEN].parse().ok()?;
    let rest = text[at + LEN..].trim_start_matches(|c: char| c == '.' || c == ',' || c.is_ascii_digit());
    let offset = match rest.as_bytes() {
        [b'Z', ..] => Some(TimeZone::UTC),
        [b'+' | b'-', ..] => rest.get(..6).and_then(|offset| {
            Some(format!("{time}{offset}[{offset}]").parse::<jiff::Zoned>().ok()?.time_zone().clone())
        }),
        _ => None,
    };
    Some(time.to_zoned(offset.unwrap_or_else(|| zone.clone())).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_a_line_is_found_in_its_usual_forms() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        for (line, expected) in [
            ("2024-03-05 06:07:08,123 INFO shop", Some("2024-03-05T05:07:08Z")),
            ("INFO 2024-03-05 06:07:08 shop", Some("2024-03-05T05:07:08Z")),
            (r#"{"timestamp":"2024-03-05T06:07:08.123456Z","level""#, Some("2024-03-05T06:07:08Z")),
            ("2024-03-05T06:07:08+03:00 x", Some("2024-03-05T03:07:08Z")),
            ("2024-13-05 06:07:08", None),
            ("no time", None),
            ("größe 2024-03-05 06:07:08", Some("2024-03-05T05:07:08Z")),
        ] {
            let expected = expected.map(|time| time.parse::<Timestamp>().unwrap());
            assert_eq!(time_in(line, &zone), expected, "{line}");
        }
    }

    #[test]
    fn period_begins_with_the_first_line_or_with_the_end_of_the_last_older_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        let schedule = Schedule::new(When::Minutes, 1, None, TimeZone::UTC);
        assert_eq!(begun(&path, &schedule), None);
        let time = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        fs::write(&path, "a line without a time\n").unwrap();
        fs::write(folder.path().join("app.log.2024-03-05_06-07"), "").unwrap();
        fs::write(folder.path().join("app.log.2024-03-05_06-05"), "").unwrap();
        assert_eq!(begun(&path, &schedule), time("2024-03-05T06:08:00Z"));
        fs::write(&path, "2024-03-05 06:08:30,123 a line\n").unwrap();
        assert_eq!(begun(&path, &schedule), time("2024-03-05T06:08:30Z"));
        let days = Schedule::new(When::Midnight, 1, None, TimeZone::UTC);
        fs::write(&path, "a line without a time\n").unwrap();
        fs::write(folder.path().join("app.log.2024-03-05"), "").unwrap();
        assert_eq!(begun(&path, &days), time("2024-03-06T00:00:00Z"));
    }
}
