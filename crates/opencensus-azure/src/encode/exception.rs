//! `ExceptionData`: errors.

use std::io::Write as _;

use opencensus_core::ExceptionRecord;

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::encode::severity::write_severity;
use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::stack::frames;
use crate::mapping::tag::CLIENT_ADDRESS;

impl Encoder {
    pub(super) fn write_exception(&mut self, out: &mut Buffer<'_>, record: &ExceptionRecord) {
        let attributes = Attributes::new(&record.attributes);
        self.begin_below(out, "Exception", &record.origin);
        self.write_tags(out, &attributes, &CLIENT_ADDRESS);
        out.extend_from_slice(
            br#"},"data":{"baseType":"ExceptionData","baseData":{"ver":2,"exceptions":[{"hasFullStack":"#,
        );
        let stack = given(record.stack.as_deref());
        out.extend_from_slice(if stack.is_some() { b"true" } else { b"false" });
        let type_name = given(record.type_name.as_deref());
        if let Some(type_name) = type_name {
            out.member(fields::EXCEPTION_TYPE, type_name);
        }
        let no_text = if record.attributes.is_empty() { "Exception" } else { "" };
        let message = given(record.message.as_deref()).or(type_name).unwrap_or(no_text);
        self.write_text(out, fields::EXCEPTION_MESSAGE, message, &record.attributes);
        if let Some(stack) = stack {
            write_stack(out, &self.redact(stack));
        }
        out.extend_from_slice(b"}]");
        write_severity(out, record.severity);
        self.write_properties(out, &attributes, |_, _| {});
        out.extend_from_slice(b"}}}");
    }
}

/// A text that is not blank.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim_start().is_empty())
}

/// Writes a Rust backtrace as frames and any other stack trace as text.
fn write_stack(out: &mut Buffer<'_>, stack: &str) {
    let Some(frames) = frames(stack) else { return out.member(fields::STACK, stack) };
    out.extend_from_slice(br#","parsedStack":["#);
    for (level, frame) in frames.iter().enumerate() {
        let comma = if level > 0 { "," } else { "" };
        let _ = write!(**out, r#"{comma}{{"level":{level}"#);
        out.member(fields::FRAME_METHOD, frame.method);
        if let Some(file) = frame.file {
            out.member(fields::FRAME_FILE, file);
        }
        if let Some(line) = frame.line {
            let _ = write!(**out, r#","line":{line}"#);
        }
        out.push(b'}');
    }
    out.push(b']');
}
