//! The fields of a span.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use opencensus_core::{Attribute, SpanKind, SpanStatus, Value};
use tracing::field::{Field, Visit};

use crate::tracing::event_fields::integer;

/// The fields of a span: attributes, and those with a meaning in OpenTelemetry.
#[derive(Default)]
pub(super) struct SpanFields {
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) kind: SpanKind,
    pub(super) status: SpanStatus,
    pub(super) attributes: Vec<Attribute>,
}

impl SpanFields {
    /// `fields`: their greatest number.
    pub(super) fn with_capacity(fields: usize) -> Self {
        // One more for the target.
        Self { attributes: Vec::with_capacity(fields + 1), ..Self::default() }
    }

    /// Marks the span as failed, unless a status was set.
    pub(super) fn fail(&mut self, message: &str) {
        if self.status == SpanStatus::Unset {
            self.status = SpanStatus::Error(message.to_owned().into());
        }
    }

    fn add(&mut self, field: &Field, value: Value) {
        match field.name() {
            "otel.name" => self.name = Some(text(value)),
            "otel.kind" => self.kind = kind(&text(value)),
            "otel.status_code" => self.set_status(&text(value)),
            "otel.status_description" | "otel.status_message" => self.status = SpanStatus::Error(text(value)),
            name => {
                if name == "error" && is_error(&value) {
                    self.fail(&value.to_string());
                }
                self.set_attribute(name, value);
            }
        }
    }

    fn set_status(&mut self, code: &str) {
        if code.eq_ignore_ascii_case("ok") {
            self.status = SpanStatus::Ok;
        } else if code.eq_ignore_ascii_case("error") && !matches!(self.status, SpanStatus::Error(_)) {
            self.status = SpanStatus::Error("".into());
        }
    }

    /// A field that is recorded again replaces the earlier one.
    fn set_attribute(&mut self, key: &'static str, value: Value) {
        match self.attributes.iter_mut().find(|known| known.key == key) {
            Some(known) => known.value = value,
            None => self.attributes.push(Attribute::new(key, value)),
        }
    }
}

fn text(value: Value) -> Cow<'static, str> {
    match value {
        Value::Text(text) => text,
        other => other.to_string().into(),
    }
}

/// The role of a span below a request. A server's span there is about the request, which has a row of its own.
fn kind(name: &str) -> SpanKind {
    let kinds = [("client", SpanKind::Client), ("producer", SpanKind::Producer), ("consumer", SpanKind::Consumer)];
    let kind = kinds.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    kind.map_or(SpanKind::Internal, |(_, kind)| kind)
}

/// Whether the field `error` states an error: OpenTracing's flag, or a text.
fn is_error(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Text(text) => !text.is_empty() && text != "false",
        _ => true,
    }
}

impl Visit for SpanFields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.to_owned().into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, integer(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }

    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        self.add(field, error.to_string().into());
    }
}
