//! `ExceptionData`: errors.

use std::io::Write as _;

use opencensus_core::ExceptionRecord;

use crate::encode::encoder::Encoder;
use crate::encode::json::member;
use crate::encode::severity::write_severity;
use crate::envelope::limits;
use crate::mapping::stack::frames;

impl Encoder {
    pub(super) fn write_exception(&mut self, out: &mut Vec<u8>, record: &ExceptionRecord) {
        self.begin_below(out, "Exception", &record.origin);
        out.extend_from_slice(
            br#"},"data":{"baseType":"ExceptionData","baseData":{"ver":2,"exceptions":[{"hasFullStack":"#,
        );
        out.extend_from_slice(if record.stack.is_some() { b"true" } else { b"false" });
        if let Some(type_name) = &record.type_name {
            member(out, "typeName", type_name, limits::EXCEPTION_TYPE);
        }
        // The schema requires a message.
        let message = record.message.as_deref().filter(|message| !message.is_empty());
        let message = message.or(record.type_name.as_deref()).unwrap_or("Exception");
        member(out, "message", message, limits::MESSAGE);
        if let Some(stack) = &record.stack {
            write_stack(out, stack);
        }
        out.extend_from_slice(b"}]");
        write_severity(out, record.severity);
        self.write_properties(out, &record.attributes);
        out.extend_from_slice(b"}}}");
    }
}

/// Writes a Rust backtrace as frames and any other stack trace as text.
fn write_stack(out: &mut Vec<u8>, stack: &str) {
    let Some(frames) = frames(stack) else { return member(out, "stack", stack, limits::STACK) };
    out.extend_from_slice(br#","parsedStack":["#);
    for (level, frame) in frames.iter().enumerate() {
        let comma = if level > 0 { "," } else { "" };
        let _ = write!(out, r#"{comma}{{"level":{level}"#);
        member(out, "method", frame.method, limits::FRAME_TEXT);
        if let Some(file) = frame.file {
            member(out, "fileName", file, limits::FRAME_TEXT);
        }
        if let Some(line) = frame.line {
            let _ = write!(out, r#","line":{line}"#);
        }
        out.push(b'}');
    }
    out.push(b']');
}
