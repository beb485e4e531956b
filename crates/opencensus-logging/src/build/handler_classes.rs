//! The handler classes that write to no file.

use std::sync::Arc;

use opencensus_settings::checked::{collect, fault, inside};
use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};

use crate::build::arguments::Arguments;
use crate::build::values::names;
use crate::dialect::Dialect;
use crate::handlers::{Handler, MemoryHandler, NullHandler, QueueHandler, StreamHandler};
use crate::level::Level;
use crate::stream::Stream;

/// The capacity of a queue, unless the configuration sets it.
const QUEUED: u64 = 8 * 1024;

pub(super) fn null(_: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    Ok(Box::new(NullHandler))
}

pub(super) fn console(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let stream = arguments.text("stream")?;
    let shared = arguments.shared;
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

pub(super) fn memory(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
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

pub(super) fn queue(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let dialect = arguments.shared.dialect;
    let targets = arguments.value("handlers").map(|value| inside("handlers", names(&value, dialect))).transpose()?;
    let handler =
        |(at, name): (usize, &String)| inside("handlers", inside(&format!("[{at}]"), arguments.handler(name)));
    let targets = targets.unwrap_or_default();
    let handlers = collect(targets.iter().enumerate().map(handler))?;
    let respects_levels = arguments.flag("respect_handler_level")?.unwrap_or(dialect == Dialect::Native);
    // In Python the queue is an object, of which only the size matters here; the listener does not matter.
    let python_size = arguments.value("queue").and_then(|queue| queue["maxsize"].as_u64());
    arguments.value("listener");
    let capacity = arguments.number("capacity")?.or(python_size).filter(|size| *size > 0).unwrap_or(QUEUED);
    let capacity = usize::try_from(capacity).unwrap_or(usize::MAX).min(1 << 24);
    let handler = QueueHandler::new(handlers, respects_levels, capacity, Arc::clone(arguments.shared));
    if dialect == Dialect::Native {
        handler.listener().start();
    }
    Ok(Box::new(handler))
}
