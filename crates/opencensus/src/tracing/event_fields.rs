//! The fields of an event.

use std::error::Error;
use std::fmt;
use std::time::SystemTime;

use opencensus_core::{Attribute, ExceptionRecord, Origin, Value};
use tracing::field::{Field, Visit};

/// The fields of an event.
#[derive(Default)]
pub(super) struct EventFields {
    pub(super) message: Option<String>,
    /// The error that the event is about. `None` unless the event is one about an error.
    pub(super) error: Option<ExceptionRecord>,
    pub(super) attributes: Vec<Attribute>,
    is_error: bool,
}

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
        let error = self.error.as_ref().and_then(|error| error.message.as_deref());
        error.or(self.message.as_deref()).unwrap_or_default()
    }

    fn add_text(&mut self, field: &Field, text: String) {
        match field.name() {
            "message" => self.message = Some(text),
            "error" | "err" if self.is_error && self.error.is_none() => {
                let mut error = ExceptionRecord::new(Origin::at(SystemTime::now()));
                error.message = Some(text.into());
                self.error = Some(error);
            }
            _ => self.add(field, text.into()),
        }
    }

    fn add(&mut self, field: &Field, value: Value) {
        self.attributes.push(Attribute::new(field.name(), value));
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
            self.error = Some(ExceptionRecord::of_error(Origin::at(SystemTime::now()), error));
        } else {
            self.add(field, error.to_string().into());
        }
    }
}
