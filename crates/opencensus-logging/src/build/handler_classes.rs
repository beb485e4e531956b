//! The built-in classes, under this crate's names and under Python's and Django's.

use std::path::PathBuf;
use std::sync::Arc;

use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::build::Arguments;
use crate::config::plan::{names, shown_value};
use crate::dialect::Dialect;
use crate::filters::{CallbackFilter, Filter, NameFilter, RequireDebugFalse, RequireDebugTrue};
use crate::formatters::{Colour, Formatter, HumanFormatter, JsonFormatter, StandardFormatter, Style};
use crate::handlers::{
    Charset, Encoding, FileHandler, Handler, LineFile, MemoryHandler, Missing, NullHandler, QueueHandler,
    RotatingFileHandler, Schedule, Stream, StreamHandler, TimedRotatingFileHandler, When, modified,
};
use crate::level::Level;
use crate::registry::canonical;

/// This crate's names of handlers, for whoever misspells one.
const HANDLERS: [&str; 9] = [
    "console",
    "file",
    "mail_admins",
    "memory",
    "null",
    "queue",
    "rotating_file",
    "timed_rotating_file",
    "watched_file",
];
const FORMATTERS: [&str; 4] = ["human", "json", "server", "standard"];
const FILTERS: [&str; 4] = ["callback", "name", "require_debug_false", "require_debug_true"];

/// Records that a queue holds unless it is told otherwise.
const QUEUED: u64 = 8 * 1024;

/// Whether handlers of this class write to a stream or a file.
pub(crate) fn writes(class: &str) -> bool {
    !matches!(
        class,
        "null"
            | "logging.NullHandler"
            | "memory"
            | "logging.handlers.MemoryHandler"
            | "queue"
            | "logging.handlers.QueueHandler"
    )
}

pub(crate) fn handler(class: &str, arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    match class {
        "console" | "logging.StreamHandler" => stream(arguments),
        "file" | "logging.FileHandler" => file(arguments, false),
        "watched_file" | "logging.handlers.WatchedFileHandler" => file(arguments, true),
        "rotating_file" | "logging.handlers.RotatingFileHandler" => rotating(arguments),
        "timed_rotating_file" | "logging.handlers.TimedRotatingFileHandler" => timed(arguments),
        "null" | "logging.NullHandler" => Ok(Box::new(NullHandler)),
        "memory" | "logging.handlers.MemoryHandler" => memory(arguments),
        "queue" | "logging.handlers.QueueHandler" => queue(arguments),
        #[cfg(feature = "mail")]
        "mail_admins" | crate::config::django::ADMIN_EMAIL => super::mail_admins::mail_admins(arguments),
        _ => fault(format!("{}, which is no handler's class", redact::text(class)), nearest(class, &HANDLERS)),
    }
}

fn stream(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let stream = arguments.text("stream")?;
    let shared = &arguments.system.shared;
    let stream: Stream = match stream.as_deref() {
        None | Some("ext://sys.stderr" | "stderr") => shared.stderr.clone(),
        Some("ext://sys.stdout" | "stdout") => shared.stdout.clone(),
        Some(other) => return inside("stream", fault(redact::text(other), "write `stderr` or `stdout`")),
    };
    let handler = StreamHandler::new(stream, arguments.formatter());
    Ok(match arguments.attribute("terminator") {
        Some(terminator) => Box::new(handler.with_terminator(terminator)),
        None => Box::new(handler),
    })
}

/// Path, and the file opened unless it is to wait.
fn open(arguments: &mut Arguments<'_>) -> Checked<LineFile> {
    let path = PathBuf::from(arguments.required_text("filename")?);
    let truncate = match arguments.text("mode")?.as_deref() {
        None | Some("a" | "at") => false,
        Some("w" | "wt") => true,
        Some(other) => return inside("mode", fault(redact::text(other), "write `a` to append, or `w` to begin anew")),
    };
    let encoding = encoding(arguments)?;
    let delay = arguments.flag("delay")?.unwrap_or(false);
    let file = LineFile::new(path, truncate, delay).map(|file| file.with_encoding(encoding));
    file.map_err(|error| {
        let found = format!("a file that cannot be opened ({error})");
        vec![Fault::new(found, "name a file in a folder that is there and may be written to").inside("filename")]
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
        encoding.missing = Missing::from_name(&name).ok_or_else(unknown)?;
    }
    Ok(encoding)
}

fn file(arguments: &mut Arguments<'_>, watched: bool) -> Checked<Box<dyn Handler>> {
    let file = open(arguments)?;
    let mut handler = FileHandler::of(file, arguments.formatter());
    if watched {
        handler = handler.watching();
    }
    Ok(match arguments.attribute("terminator") {
        Some(terminator) => Box::new(handler.with_terminator(terminator)),
        None => Box::new(handler),
    })
}

fn rotating(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let max_bytes = number(arguments, "maxBytes", "max_bytes")?.unwrap_or(0);
    let backups = number(arguments, "backupCount", "backup_count")?.unwrap_or(0);
    if max_bytes > 0 {
        // Rotation that begins with an empty file would lose what the last run said.
        arguments.values.remove("mode");
    }
    let file = open(arguments)?;
    let backups = u32::try_from(backups).unwrap_or(u32::MAX);
    Ok(Box::new(RotatingFileHandler::of(file, arguments.formatter(), max_bytes, backups)))
}

/// Python's name of an argument, and this crate's.
fn number(arguments: &mut Arguments<'_>, python: &'static str, ours: &'static str) -> Checked<Option<u64>> {
    Ok(arguments.number(python)?.or(arguments.number(ours)?))
}

fn timed(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
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
        arguments.system.shared.context.time_zone.clone()
    };
    let modified = arguments.values.get("filename").and_then(Value::as_str).and_then(|path| modified(path.as_ref()));
    let file = open(arguments)?;
    let schedule = Schedule::new(when, u32::try_from(interval).unwrap_or(u32::MAX), at, zone);
    let backups = usize::try_from(backups).unwrap_or(usize::MAX);
    Ok(Box::new(TimedRotatingFileHandler::of(file, modified, arguments.formatter(), schedule, backups)))
}

fn time_of_day(text: &str) -> Checked<jiff::civil::Time> {
    text.parse().map_err(|_| vec![Fault::new(redact::text(text), "write a time such as `03:30`").inside("atTime")])
}

fn memory(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let capacity = arguments.number("capacity")?.ok_or_else(|| {
        vec![Fault::new("nothing", "write how many records it keeps: `capacity = 100`").inside("capacity")]
    })?;
    let flush_level = match arguments.level("flushLevel")? {
        Some(level) => level,
        None => arguments.level("flush_level")?.unwrap_or(Level::ERROR),
    };
    let target = arguments.text("target")?.map(|name| inside("target", arguments.handler(&name))).transpose()?;
    let flush_on_close = match arguments.flag("flushOnClose")? {
        Some(flag) => flag,
        None => arguments.flag("flush_on_close")?.unwrap_or(true),
    };
    let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
    Ok(Box::new(MemoryHandler::new(capacity, flush_level, target).with_flush_on_close(flush_on_close)))
}

fn queue(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let dialect = arguments.system.shared.dialect;
    let targets = arguments.value("handlers").map(|value| inside("handlers", names(&value, dialect))).transpose()?;
    let handler =
        |(at, name): (usize, &String)| inside("handlers", inside(&format!("[{at}]"), arguments.handler(name)));
    let targets = targets.unwrap_or_default();
    let handlers = opencensus_settings::checked::collect(targets.iter().enumerate().map(handler))?;
    let respects_levels = arguments.flag("respect_handler_level")?.unwrap_or(dialect == Dialect::Native);
    // Python's queue is any object; what counts of it is its size, and of the listener nothing.
    let of_python = arguments.value("queue").and_then(|queue| queue["maxsize"].as_u64());
    arguments.value("listener");
    let capacity = arguments.number("capacity")?.or(of_python).filter(|size| *size > 0).unwrap_or(QUEUED);
    let capacity = usize::try_from(capacity).unwrap_or(usize::MAX).min(1 << 24);
    let handler = QueueHandler::new(handlers, respects_levels, capacity, Arc::clone(&arguments.system.shared));
    if dialect == Dialect::Native {
        handler.start_listener();
    }
    Ok(Box::new(handler))
}

pub(crate) fn formatter(class: &str, arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    let context = Arc::clone(&arguments.system.shared.context);
    match class {
        "standard" | "logging.Formatter" => Ok(Arc::new(standard(arguments)?.with_context(context))),
        "server" | "django.utils.log.ServerFormatter" => {
            Ok(Arc::new(standard(arguments)?.for_server().with_context(context)))
        }
        "json" => {
            let flat = arguments.flag("flat")?.unwrap_or(false);
            Ok(Arc::new(JsonFormatter::new().with_flat_fields(flat)))
        }
        "human" => {
            let colour = match arguments.text("colour")?.or(arguments.text("color")?).as_deref() {
                None | Some("auto") => Colour::Auto,
                Some("always") => Colour::Always,
                Some("never") => Colour::Never,
                Some(other) => {
                    return inside("colour", fault(redact::text(other), "write `auto`, `always` or `never`"));
                }
            };
            Ok(Arc::new(HumanFormatter::new(colour).with_context(context)))
        }
        _ => fault(format!("{}, which is no formatter's class", redact::text(class)), nearest(class, &FORMATTERS)),
    }
}

fn standard(arguments: &mut Arguments<'_>) -> Checked<StandardFormatter> {
    let format = match arguments.text("format")? {
        Some(format) => Some(format),
        None => arguments.text("fmt")?,
    };
    let style = arguments.text("style")?.unwrap_or_else(|| "%".to_owned());
    let style = Style::from_sign(&style)
        .ok_or_else(|| vec![Fault::new(redact::text(&style), "write `%`, `{` or `$`").inside("style")])?;
    let validate = arguments.flag("validate")?.unwrap_or(true);
    let mut formatter = match format {
        None => StandardFormatter::message_only(),
        Some(format) if validate => StandardFormatter::new(&format, style).map_err(|error| {
            let remedy = "write a format with fields in its own style, such as `%(levelname)s %(message)s`";
            vec![Fault::new(format!("a format that makes no sense ({error})"), remedy).inside("format")]
        })?,
        Some(format) => StandardFormatter::unchecked(&format, style),
    };
    if let Some(form) = arguments.text("datefmt")? {
        let is_known = arguments.system.shared.context.time(std::time::SystemTime::now(), &form).is_ok();
        if !is_known {
            return inside("datefmt", fault(redact::text(&form), "write a form of `strftime`, such as `%H:%M:%S`"));
        }
        formatter = formatter.with_date_format(form);
    }
    match arguments.value("defaults") {
        Some(Value::Object(defaults)) => Ok(formatter.with_defaults(defaults)),
        Some(other) => inside("defaults", fault(shown_value(&other), "write a table")),
        None => Ok(formatter),
    }
}

pub(crate) fn filter(class: &str, arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Filter>> {
    let shared = Arc::clone(&arguments.system.shared);
    match class {
        "name" | "logging.Filter" => {
            let name = arguments.text("name")?.unwrap_or_default();
            Ok(Arc::new(NameFilter::new(&canonical(&name, shared.dialect))))
        }
        "callback" | "django.utils.log.CallbackFilter" => callback(arguments),
        "require_debug_false" | "django.utils.log.RequireDebugFalse" => Ok(Arc::new(RequireDebugFalse { shared })),
        "require_debug_true" | "django.utils.log.RequireDebugTrue" => Ok(Arc::new(RequireDebugTrue { shared })),
        _ => fault(format!("{}, which is no filter's class", redact::text(class)), nearest(class, &FILTERS)),
    }
}

fn callback(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Filter>> {
    let name = arguments.required_text("callback")?;
    let callbacks = &arguments.system.factories.callbacks;
    let name = name.strip_prefix("ext://").unwrap_or(&name);
    match callbacks.get(name) {
        Some(callback) => Ok(Arc::new(CallbackFilter::of(Arc::clone(callback)))),
        None => {
            let known: Vec<_> = callbacks.keys().map(String::as_str).collect();
            let remedy = format!("give the function a name by `with_callback`; {}", nearest(name, &known));
            inside("callback", fault(format!("{}, which is no known function", redact::text(name)), remedy))
        }
    }
}
