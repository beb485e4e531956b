//! The handler classes that write to files.

use std::path::PathBuf;

use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::build::arguments::Arguments;
use crate::handlers::{
    Charset, Encoding, FileHandler, Handler, LineFile, RotatingFileHandler, Schedule, TimedRotatingFileHandler,
    Unencodable, When, modified,
};

pub(super) fn file(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let handler = file_handler(arguments)?;
    Ok(with_terminator(handler, arguments))
}

pub(super) fn watched(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let handler = file_handler(arguments)?.watching();
    Ok(with_terminator(handler, arguments))
}

fn file_handler(arguments: &mut Arguments<'_>) -> Checked<FileHandler> {
    let file = open(arguments)?;
    Ok(FileHandler::of(file, arguments.formatter()))
}

fn with_terminator(handler: FileHandler, arguments: &mut Arguments<'_>) -> Box<dyn Handler> {
    match arguments.attribute("terminator") {
        Some(terminator) => Box::new(handler.with_terminator(terminator)),
        None => Box::new(handler),
    }
}

pub(super) fn rotating(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let max_bytes = number(arguments, "maxBytes", "max_bytes")?.unwrap_or(0);
    let backups = number(arguments, "backupCount", "backup_count")?.unwrap_or(0);
    if max_bytes > 0 {
        // As in Python, a file that is rotated is never truncated: records of the last run would be lost.
        arguments.ignore("mode");
    }
    let file = open(arguments)?;
    let backups = u32::try_from(backups).unwrap_or(u32::MAX);
    Ok(Box::new(RotatingFileHandler::of(file, arguments.formatter(), max_bytes, backups)))
}

/// A number, by Python's name of the argument or this crate's.
fn number(arguments: &mut Arguments<'_>, python: &'static str, own: &'static str) -> Checked<Option<u64>> {
    Ok(arguments.number(python)?.or(arguments.number(own)?))
}

pub(super) fn timed(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let when = arguments.text("when")?.unwrap_or_else(|| "H".to_owned());
    let when = When::from_name(&when).ok_or_else(|| {
        let remedy = "write `S`, `M`, `H`, `D`, `midnight`, or `W0` (Monday) to `W6`";
        vec![Fault::new(redact::text(&when), remedy).inside("when")]
    })?;
    let interval = arguments.number("interval")?.unwrap_or(1);
    let backups = number(arguments, "backupCount", "backup_count")?.unwrap_or(0);
    let at = arguments.text("atTime")?.or(arguments.text("at_time")?);
    let at = at.map(|at| time_of_day(&at)).transpose()?;
    let zone = if arguments.flag("utc")?.unwrap_or(false) {
        jiff::tz::TimeZone::UTC
    } else {
        arguments.shared.context.time_zone.clone()
    };
    let modified = arguments.peek("filename").and_then(Value::as_str).and_then(|path| modified(path.as_ref()));
    let file = open(arguments)?;
    let schedule = Schedule::new(when, u32::try_from(interval).unwrap_or(u32::MAX), at, zone);
    let backups = usize::try_from(backups).unwrap_or(usize::MAX);
    Ok(Box::new(TimedRotatingFileHandler::of(file, modified, arguments.formatter(), schedule, backups)))
}

fn time_of_day(text: &str) -> Checked<jiff::civil::Time> {
    text.parse().map_err(|_| vec![Fault::new(redact::text(text), "write a time such as `03:30`").inside("atTime")])
}

/// The file, opened unless `delay` is set.
fn open(arguments: &mut Arguments<'_>) -> Checked<LineFile> {
    let path = PathBuf::from(arguments.required_text("filename")?);
    let truncate = match arguments.text("mode")?.as_deref() {
        None | Some("a" | "at") => false,
        Some("w" | "wt") => true,
        Some(other) => {
            return inside("mode", fault(redact::text(other), "write `a` to append, or `w` to truncate the file"));
        }
    };
    let encoding = encoding(arguments)?;
    let delay = arguments.flag("delay")?.unwrap_or(false);
    let file = LineFile::new(path, truncate, delay).map(|file| file.with_encoding(encoding));
    file.map_err(|error| {
        let found = format!("a file that cannot be opened ({error})");
        vec![Fault::new(found, "name a file in an existing folder that is writable").inside("filename")]
    })
}

fn encoding(arguments: &mut Arguments<'_>) -> Checked<Encoding> {
    let mut encoding = Encoding::default();
    if let Some(name) = arguments.text("encoding")? {
        let remedy = "write `utf-8`, `latin-1` or `ascii`";
        let unknown = || vec![Fault::new(redact::text(&name), remedy).inside("encoding")];
        encoding.charset = Charset::from_name(&name).ok_or_else(unknown)?;
    }
    if let Some(name) = arguments.text("errors")? {
        let remedy = "write `strict`, `ignore`, `replace` or `backslashreplace`";
        let unknown = || vec![Fault::new(redact::text(&name), remedy).inside("errors")];
        encoding.unencodable = Unencodable::from_name(&name).ok_or_else(unknown)?;
    }
    Ok(encoding)
}
