//! The fields of an event or a span.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};

use crate::captured_error::CapturedError;

/// The fields of an event or a span.
#[derive(Default)]
pub(super) struct EventFields {
    pub(super) message: Option<String>,
    pub(super) error: Option<CapturedError>,
    pub(super) fields: Vec<(Cow<'static, str>, Value)>,
}

impl EventFields {
    pub(super) fn get(&self, key: &str) -> Option<Value> {
        self.fields.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone())
    }

    /// Removes a field.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.fields.iter().position(|(known, _)| *known == key)?;
        Some(self.fields.swap_remove(at).1)
    }

    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        if field.name() == "message" {
            let value = value.into();
            self.message = Some(crate::formatters::text_of(&value).into_owned());
        } else {
            self.fields.push((Cow::Borrowed(field.name()), value.into()));
        }
    }

    /// All fields of a span, in which `message` and `error` are fields like others.
    pub(super) fn into_all(mut self) -> Vec<(Cow<'static, str>, Value)> {
        if let Some(message) = self.message {
            self.fields.push(("message".into(), message.into()));
        }
        if let Some(error) = self.error {
            self.fields.push(("error".into(), error.to_string().into()));
        }
        self.fields
    }
}

impl Visit for EventFields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        match self.error {
            None => self.error = Some(CapturedError::of(error)),
            Some(_) => self.add(field, error.to_string()),
        }
    }
}
