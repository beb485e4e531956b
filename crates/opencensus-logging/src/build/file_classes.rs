//! The handler classes that write to files.

use std::path::{Path, PathBuf};
use std::{fs, io};

use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::build::arguments::Arguments;
use crate::dialect::Dialect;
use crate::handlers::open_files::{self, SharedFile};
use crate::handlers::{
    Charset, Encoding, FileHandler, Handler, Look, RotatingFileHandler, Schedule, TimedRotatingFileHandler,
    Unencodable, When, begun, modified,
};

pub(super) fn file(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    // Python's handler writes on to a file that was moved.
    let look = if is_python(arguments) { Look::Never } else { Look::DEFAULT };
    let handler = file_handler(arguments, look)?;
    Ok(with_terminator(handler, arguments))
}

pub(super) fn watched(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let handler = file_handler(arguments, Look::ALWAYS)?;
    Ok(with_terminator(handler, arguments))
}

fn is_python(arguments: &Arguments<'_>) -> bool {
    arguments.shared.dialect == Dialect::Python
}

fn file_handler(arguments: &mut Arguments<'_>, look: Look) -> Checked<FileHandler> {
    let file = open(arguments, look)?;
    Ok(FileHandler::of(file, arguments.formatter()))
}

fn with_terminator(handler: FileHandler, arguments: &mut Arguments<'_>) -> Box<dyn Handler> {
    match arguments.attribute("terminator") {
        Some(terminator) => Box::new(handler.with_terminator(terminator)),
        None => Box::new(handler),
    }
}

pub(super) fn rotating(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let max_bytes = arguments.noted_number(&["maxBytes", "max_bytes"]).unwrap_or(0);
    let backups = arguments.noted_number(&["backupCount", "backup_count"]).unwrap_or(0);
    if max_bytes > 0 {
        // As in Python, a file that is rotated is never truncated: records of the last run would be lost.
        arguments.ignore("mode");
    }
    let file = open(arguments, Look::DEFAULT)?;
    let backups = u32::try_from(backups).unwrap_or(u32::MAX);
    let handler = RotatingFileHandler::of(file, arguments.formatter(), max_bytes, backups);
    Ok(Box::new(handler.counting_characters(arguments.shared.dialect == Dialect::Python)))
}

pub(super) fn timed(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let when = arguments.noted_text("when").unwrap_or_else(|| "H".to_owned());
    let when = When::from_name(&when).unwrap_or_else(|| {
        let remedy = "write `S`, `M`, `H`, `D`, `midnight`, or `W0` (Monday) to `W6`";
        arguments.fault("when", Fault::new(redact::text(&when), remedy));
        When::Hours
    });
    let interval = arguments.noted_number(&["interval"]).unwrap_or(1);
    let backups = arguments.noted_number(&["backupCount", "backup_count"]).unwrap_or(0);
    let at =
        ["atTime", "at_time"].map(|key| arguments.noted_text(key).and_then(|text| time_of_day(key, &text, arguments)));
    let at = at.into_iter().flatten().next();
    let zone = if arguments.noted_flag(&["utc"]).unwrap_or(false) {
        jiff::tz::TimeZone::UTC
    } else {
        arguments.shared.context.time_zone.clone()
    };
    let schedule = Schedule::new(when, u32::try_from(interval).unwrap_or(u32::MAX), at, zone);
    // Before the file is opened, which may create it.
    let path = arguments.peek("filename").and_then(Value::as_str).map(Path::new);
    let begun = path.and_then(|path| if is_python(arguments) { modified(path) } else { begun(path, &schedule) });
    let file = open(arguments, Look::DEFAULT)?;
    let backups = usize::try_from(backups).unwrap_or(usize::MAX);
    Ok(Box::new(TimedRotatingFileHandler::of(file, begun, arguments.formatter(), schedule, backups)))
}

fn time_of_day(key: &str, text: &str, arguments: &mut Arguments<'_>) -> Option<jiff::civil::Time> {
    let time = text.parse().ok();
    if time.is_none() {
        arguments.fault(key, Fault::new(redact::text(text), "write a time such as `03:30`"));
    }
    time
}

/// How a file is opened.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Mode {
    Append,
    Truncate,
    /// The file must not exist.
    Create,
}

impl Mode {
    /// By its letters in Python, in any order: `+` and `t` change nothing for a file that is only written.
    fn from_letters(letters: &str) -> Option<Self> {
        let mut letters: Vec<_> = letters.chars().filter(|letter| !"+t".contains(*letter)).collect();
        match (letters.pop(), letters.pop()) {
            (Some('a'), None) => Some(Self::Append),
            (Some('w'), None) => Some(Self::Truncate),
            (Some('x'), None) => Some(Self::Create),
            _ => None,
        }
    }
}

/// The file, opened unless `delay` is set.
fn open(arguments: &mut Arguments<'_>, look: Look) -> Checked<SharedFile> {
    const IN_FOLDER: &str = "name a file in an existing folder that is writable";
    let path = arguments.required_text("filename").map(|path| Some(PathBuf::from(path)));
    let path = arguments.note(path).unwrap_or_default();
    let letters = arguments.noted_text("mode").unwrap_or_else(|| "a".to_owned());
    let mode = Mode::from_letters(&letters).unwrap_or_else(|| {
        let remedy = "write `a` to append, `w` to truncate the file, or `x` for a file that must not exist";
        arguments.fault("mode", Fault::new(redact::text(&letters), remedy));
        Mode::Append
    });
    let encoding = encoding(arguments);
    let delay = arguments.noted_flag(&["delay"]).unwrap_or(false);
    let unusable = |error: io::Error| Fault::new(format!("a file that cannot be opened ({error})"), IN_FOLDER);
    if arguments.is_rehearsal() && !path.as_os_str().is_empty() {
        let error = would_open(&path).err();
        error.into_iter().for_each(|error| arguments.fault("filename", unusable(error)));
    }
    if mode == Mode::Create && path.exists() && !open_files::is_open(&path) {
        let remedy = "name another file, or write `mode = \"a\"` to append to it";
        arguments.fault("filename", Fault::new("a file that exists already", remedy));
    }
    let delay = delay || arguments.is_rehearsal();
    // In Python each handler has a file of its own.
    let is_own = arguments.is_rehearsal() || is_python(arguments);
    let open = if is_own { open_files::own } else { open_files::shared };
    let file = open(path, encoding, look, mode == Mode::Truncate, delay);
    file.map_err(|error| vec![unusable(error).inside("filename")])
}

/// Whether a file could be opened, without creating or changing it.
fn would_open(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(found) if found.is_file() => fs::OpenOptions::new().append(true).open(path).map(drop),
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => Ok(()),
        Err(_) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            folder.map_or(Ok(()), |folder| folder.metadata().map(drop))
        }
    }
}

fn encoding(arguments: &mut Arguments<'_>) -> Encoding {
    let mut encoding = Encoding::default();
    if let Some(name) = arguments.noted_text("encoding") {
        match Charset::from_name(&name) {
            Some(charset) => encoding.charset = charset,
            None => {
                let remedy = "write `utf-8`, `latin-1`, `ascii`, or another encoding such as `cp1252`";
                arguments.fault("encoding", Fault::new(redact::text(&name), remedy));
            }
        }
    }
    if let Some(name) = arguments.noted_text("errors") {
        match Unencodable::from_name(&name) {
            Some(unencodable) => encoding.unencodable = unencodable,
            None => {
                let remedy = "write `strict`, `ignore`, `replace` or `backslashreplace`";
                arguments.fault("errors", Fault::new(redact::text(&name), remedy));
            }
        }
    }
    encoding
}
