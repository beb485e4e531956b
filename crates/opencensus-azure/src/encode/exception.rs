//! `ExceptionData`: errors.

use std::io::Write as _;

use opencensus_core::{ExceptionCause, ExceptionRecord};

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::encode::reduction::MAX_CAUSES;
use crate::encode::severity::write_severity;
use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::stack::frames;
use crate::mapping::tag::CLIENT_ADDRESS;

/// The number of causes that were left out: there are too many, or the item was too large.
const CAUSES_LEFT_OUT: &str = "opencensus.causes_left_out";

impl Encoder {
    pub(super) fn write_exception(&mut self, out: &mut Buffer<'_>, record: &ExceptionRecord) {
        let attributes = Attributes::new(&record.attributes);
        let most = out.reduction().map_or(MAX_CAUSES, |reduction| reduction.causes.min(MAX_CAUSES));
        let causes = &record.causes[..record.causes.len().min(most)];
        self.begin_below(out, "Exception", &record.origin);
        self.write_tags(out, &attributes, &CLIENT_ADDRESS);
        out.extend_from_slice(br#"},"data":{"baseType":"ExceptionData","baseData":{"ver":2,"exceptions":[{"#);
        if !causes.is_empty() {
            out.extend_from_slice(br#""id":1,"#);
        }
        self.write_outermost(out, record);
        out.push(b'}');
        for (at, cause) in causes.iter().enumerate() {
            self.write_cause(out, at + 1, cause);
        }
        out.push(b']');
        write_severity(out, record.severity);
        let left_out = record.causes.len() - causes.len();
        self.write_properties(out, &attributes, |_, out| {
            if left_out > 0 {
                out.named(CAUSES_LEFT_OUT, &left_out.to_string(), fields::PROPERTY_VALUE.limit);
            }
        });
        out.extend_from_slice(b"}}}");
    }

    /// Writes the members of the error that the item is about.
    fn write_outermost(&self, out: &mut Buffer<'_>, record: &ExceptionRecord) {
        out.extend_from_slice(br#""hasFullStack":"#);
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
    }

    /// Writes a cause. `outer`: the id of the error that it caused; ids count from the outermost error, as depths do.
    fn write_cause(&self, out: &mut Buffer<'_>, outer: usize, cause: &ExceptionCause) {
        let _ = write!(**out, r#",{{"id":{},"outerId":{outer},"hasFullStack":false"#, outer + 1);
        let type_name = given(cause.type_name.as_deref());
        if let Some(type_name) = type_name {
            out.member(fields::EXCEPTION_TYPE, type_name);
        }
        let message = given(Some(&cause.message)).or(type_name).unwrap_or("Exception");
        out.member(fields::EXCEPTION_MESSAGE, &self.redact(message));
        out.push(b'}');
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
