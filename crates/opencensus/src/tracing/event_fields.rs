//! The fields of an event.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use opencensus_core::{Attribute, Value};
use opencensus_settings::error_type;
use tracing::field::{Field, Visit};

/// The fields of an event.
#[derive(Default)]
pub(super) struct EventFields {
    pub(super) message: Option<String>,
    /// The error that the event is about. `None` unless the event is one about an error.
    pub(super) error: Option<CapturedError>,
    pub(super) attributes: Vec<Attribute>,
    is_error: bool,
}

/// A copy of an error that a caller lends.
pub(super) struct CapturedError {
    pub(super) type_name: Option<Cow<'static, str>>,
    pub(super) message: String,
    /// Its causes, the nearest first.
    pub(super) causes: Vec<(Option<Cow<'static, str>>, String)>,
}

/// The longest chain of causes: a cyclic one is cut here.
const MAX_CAUSES: usize = 64;

impl EventFields {
    /// `is_error`: the event has the level ERROR, so that a field with an error makes it an exception.
    pub(super) fn new(is_error: bool) -> Self {
        Self { is_error, ..Self::default() }
    }

    /// Removes a field.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.attributes.iter().position(|attribute| attribute.key == key)?;
        Some(self.attributes.remove(at).value)
    }

    /// The text of the error, otherwise the message.
    pub(super) fn description(&self) -> &str {
        let error = self.error.as_ref().map(|error| &*error.message);
        error.or(self.message.as_deref()).unwrap_or_default()
    }

    fn add_text(&mut self, field: &Field, text: String) {
        match field.name() {
            "message" => self.message = Some(text),
            "error" | "err" if self.is_error && self.error.is_none() => {
                self.error = Some(CapturedError { type_name: None, message: text, causes: Vec::new() });
            }
            _ => self.add(field, text.into()),
        }
    }

    fn add(&mut self, field: &Field, value: Value) {
        self.attributes.push(Attribute::new(field.name(), value));
    }
}

impl CapturedError {
    fn of(error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(error.source(), |cause| (**cause).source()).take(MAX_CAUSES);
        let causes = causes.map(|cause| (error_type::of(cause), cause.to_string())).collect();
        Self { type_name: error_type::of(error), message: error.to_string(), causes }
    }
}

/// An integer if it fits, otherwise its digits.
pub(super) fn integer(value: u64) -> Value {
    i64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from)
}

impl Visit for EventFields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add_text(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add_text(field, value.to_owned());
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
        if self.is_error && self.error.as_ref().is_none_or(|known| known.type_name.is_none()) {
            self.error = Some(CapturedError::of(error));
        } else {
            self.add(field, error.to_string().into());
        }
    }
}
