//! The handler classes that write to no file.

use std::sync::Arc;

use opencensus_settings::checked::{collect, fault, inside};
use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::build::arguments::Arguments;
use crate::build::values::{names, whole_number};
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
    let stream = arguments.noted_text("stream");
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
    if arguments.peek("capacity").is_none_or(Value::is_null) {
        arguments.fault("capacity", Fault::new("nothing", "write how many records it keeps: `capacity = 100`"));
    }
    let capacity = arguments.noted_number(&["capacity"]).unwrap_or(1);
    let flush_level = arguments.noted_level(&["flushLevel", "flush_level"]).unwrap_or(Level::ERROR);
    let target = arguments.noted_text("target");
    let flush_on_close = arguments.noted_flag(&["flushOnClose", "flush_on_close"]).unwrap_or(true);
    let target = target.map(|name| inside("target", arguments.handler(&name))).transpose()?;
    let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
    Ok(Box::new(MemoryHandler::new(capacity, flush_level, target).with_flush_on_close(flush_on_close)))
}

pub(super) fn queue(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let dialect = arguments.shared.dialect;
    let targets = arguments.value("handlers").map(|value| inside("handlers", names(&value, dialect))).transpose();
    let respects_levels = arguments.noted_flag(&["respect_handler_level"]).unwrap_or(dialect == Dialect::Native);
    // In Python the queue is an object, of which only the size matters here; the listener does not matter.
    let queue = arguments.value("queue");
    let python_size = queue.and_then(|queue| whole_number(queue.get("maxsize")?, dialect));
    arguments.value("listener");
    let capacity = arguments.noted_number(&["capacity"]).or(python_size).filter(|size| *size > 0).unwrap_or(QUEUED);
    let targets = arguments.note(targets).unwrap_or_default();
    let handler =
        |(at, name): (usize, &String)| inside("handlers", inside(&format!("[{at}]"), arguments.handler(name)));
    let handlers = collect(targets.iter().enumerate().map(handler))?;
    let capacity = usize::try_from(capacity).unwrap_or(usize::MAX).min(1 << 24);
    let handler = QueueHandler::new(handlers, respects_levels, capacity, Arc::clone(arguments.shared));
    if dialect == Dialect::Native && !arguments.is_rehearsal() {
        handler.listener().start();
    }
    Ok(Box::new(handler))
}
