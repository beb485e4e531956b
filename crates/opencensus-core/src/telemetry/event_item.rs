//! Converts events of spans to items.

use std::borrow::Cow;

use crate::attribute::{Attribute, Value};
use crate::telemetry::{ExceptionCause, ExceptionRecord, MessageRecord, Origin, Severity, TelemetryItem};

/// The attributes of OpenTelemetry's exception conventions that become fields.
const TYPE: &str = "exception.type";
const MESSAGE: &str = "exception.message";
const STACK: &str = "exception.stacktrace";
/// The crate `tracing-opentelemetry` adds the level of the event to each event of a span.
const LEVEL: &str = "level";

impl TelemetryItem {
    /// Creates the item for an event of a span: an exception for an event with the attribute `exception.type` or
    /// `exception.message` (OpenTelemetry's exception conventions) or with the name `exception`, a message with the
    /// event's name for any other.
    ///
    /// Another name of an exception becomes the attribute `event.name`. The attribute `level`, which the crate
    /// `tracing-opentelemetry` adds, becomes the severity.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::{Attribute, Origin, TelemetryItem};
    /// use std::time::SystemTime;
    ///
    /// let attributes = vec![Attribute::new("exception.message", "out of stock")];
    /// let item = TelemetryItem::from_event(Origin::at(SystemTime::now()), "could not reserve".into(), attributes);
    /// assert!(matches!(item, TelemetryItem::Exception(_)));
    /// ```
    #[must_use]
    pub fn from_event(origin: Origin, name: Cow<'static, str>, mut attributes: Vec<Attribute>) -> Self {
        let severity = take_severity(&mut attributes);
        let is_exception = attributes.iter().any(|attribute| matches!(&*attribute.key, TYPE | MESSAGE));
        if name != "exception" && !is_exception {
            let mut record = MessageRecord::new(origin, name);
            (record.severity, record.attributes) = (severity, attributes);
            return record.into();
        }
        let mut record = ExceptionRecord::new(origin);
        record.severity = severity;
        if name != "exception" && !name.is_empty() {
            record.attributes.push(Attribute::new("event.name", name));
        }
        for attribute in attributes {
            match &*attribute.key {
                TYPE => record.type_name = Some(text(attribute.value)),
                MESSAGE => record.message = Some(text(attribute.value)),
                STACK => set_stack(&mut record, attribute.value),
                "exception.escaped" => {}
                _ => record.attributes.push(attribute),
            }
        }
        record.into()
    }
}

fn text(value: Value) -> Cow<'static, str> {
    match value {
        Value::Text(text) => text,
        value => value.to_string().into(),
    }
}

/// A stack trace as text. The crate `tracing-opentelemetry` records the list of causes instead.
fn set_stack(record: &mut ExceptionRecord, value: Value) {
    match value {
        Value::List(causes) => {
            record.causes = causes.into_iter().map(|cause| ExceptionCause::new(None, text(cause))).collect();
        }
        value => record.stack = Some(text(value)),
    }
}

fn take_severity(attributes: &mut Vec<Attribute>) -> Option<Severity> {
    let at = attributes.iter().position(|attribute| attribute.key == LEVEL)?;
    let Value::Text(level) = &attributes[at].value else { return None };
    let severity = match &**level {
        "TRACE" | "DEBUG" => Severity::Verbose,
        "INFO" => Severity::Information,
        "WARN" => Severity::Warning,
        "ERROR" => Severity::Error,
        _ => return None,
    };
    attributes.remove(at);
    Some(severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn item(name: &'static str, attributes: Vec<Attribute>) -> TelemetryItem {
        TelemetryItem::from_event(Origin::at(SystemTime::now()), name.into(), attributes)
    }

    #[test]
    fn attributes_of_an_exception_make_an_exception_whatever_the_name_of_the_event_is() {
        let causes = Value::List(vec!["disk is full".into()]);
        let attributes = || {
            vec![
                Attribute::new("level", "ERROR"),
                Attribute::new("exception.message", "write failed"),
                Attribute::new("exception.stacktrace", causes.clone()),
                Attribute::new("shop.chair", 7),
            ]
        };
        let TelemetryItem::Exception(error) = item("could not reserve", attributes()) else { panic!() };
        assert_eq!(error.message.as_deref(), Some("write failed"));
        assert_eq!((&error.causes[..], &error.stack), (&[ExceptionCause::new(None, "disk is full")][..], &None));
        assert_eq!(error.severity, Some(Severity::Error));
        let others = [Attribute::new("event.name", "could not reserve"), Attribute::new("shop.chair", 7)];
        assert_eq!(error.attributes, others);
        let TelemetryItem::Exception(error) = item("exception", attributes()) else { panic!() };
        assert_eq!(error.attributes, [Attribute::new("shop.chair", 7)]);
        let no_cause = vec![Attribute::new("exception.stacktrace", Value::List(vec![]))];
        let TelemetryItem::Exception(error) = item("exception", no_cause) else { panic!() };
        assert!(error.stack.is_none() && error.causes.is_empty());
    }

    #[test]
    fn level_of_tracing_becomes_the_severity_of_a_message() {
        for (level, severity) in [
            (Value::from("TRACE"), Some(Severity::Verbose)),
            ("INFO".into(), Some(Severity::Information)),
            ("WARN".into(), Some(Severity::Warning)),
            ("high".into(), None),
            (3.into(), None),
        ] {
            let TelemetryItem::Message(message) = item("low stock", vec![Attribute::new("level", level)]) else {
                panic!()
            };
            assert_eq!((&*message.message, message.severity), ("low stock", severity));
            assert_eq!(message.attributes.is_empty(), severity.is_some(), "another level stays an attribute");
        }
    }
}
