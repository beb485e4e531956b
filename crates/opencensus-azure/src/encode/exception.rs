//! What happened under a span.

use std::io::Write as _;

use opencensus_core::{ExceptionRecord, MessageRecord, Origin, Severity};

use crate::encode::json::{close_object, member};
use crate::encode::{Encoder, write_operation};
use crate::envelope::limits;
use crate::mapping::stack::frames;

impl Encoder {
    /// Appends the envelope of an error.
    pub(super) fn write_exception(&mut self, out: &mut Vec<u8>, record: &ExceptionRecord) {
        self.begin_under(out, "Exception", &record.origin);
        out.extend_from_slice(
            br#"},"data":{"baseType":"ExceptionData","baseData":{"ver":2,"exceptions":[{"hasFullStack":"#,
        );
        out.extend_from_slice(if record.stack.is_some() { b"true" } else { b"false" });
        if let Some(type_name) = &record.type_name {
            member(out, "typeName", type_name, limits::EXCEPTION_TYPE);
        }
        // Required.
        let message = record.message.as_deref().filter(|message| !message.is_empty());
        let message = message.or(record.type_name.as_deref()).unwrap_or("Exception");
        member(out, "message", message, limits::MESSAGE);
        if let Some(stack) = &record.stack {
            write_stack(out, stack);
        }
        out.extend_from_slice(b"}]");
        write_severity(out, record.severity);
        let start = out.len();
        self.write_properties_of(out, &record.attributes);
        close_object(out, start, "properties");
        out.extend_from_slice(b"}}}");
    }

    /// Appends the envelope of a message.
    pub(super) fn write_message(&mut self, out: &mut Vec<u8>, record: &MessageRecord) {
        self.begin_under(out, "Message", &record.origin);
        out.extend_from_slice(br#"},"data":{"baseType":"MessageData","baseData":{"ver":2"#);
        member(out, "message", &record.message, limits::MESSAGE);
        write_severity(out, record.severity);
        let start = out.len();
        self.write_properties_of(out, &record.attributes);
        close_object(out, start, "properties");
        out.extend_from_slice(b"}}}");
    }

    pub(super) fn begin_under(&mut self, out: &mut Vec<u8>, name: &str, origin: &Origin) {
        self.begin(out, name, origin.time, origin.rate, origin.resource.as_ref());
        if let Some(context) = origin.context {
            write_operation(out, context, Some(context.span_id()));
        }
        if let Some(operation) = &origin.operation {
            member(out, "ai.operation.name", operation, limits::TAG_OPERATION_NAME);
        }
    }
}

/// Frames, if it is a backtrace of Rust; else the text.
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

/// The schema's numbers.
fn write_severity(out: &mut Vec<u8>, severity: Option<Severity>) {
    let Some(severity) = severity else { return };
    let number = match severity {
        Severity::Verbose => b'0',
        Severity::Information => b'1',
        Severity::Warning => b'2',
        Severity::Error => b'3',
        Severity::Critical => b'4',
    };
    out.extend_from_slice(br#","severityLevel":"#);
    out.push(number);
}
