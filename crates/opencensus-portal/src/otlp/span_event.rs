//! Events of spans as exceptions and messages.

use serde_json::{Value, json};

use crate::otlp::attributes::Attributes;
use crate::otlp::envelope::Envelope;
use crate::otlp::exception;
use crate::otlp::message::Event;

/// The item of an event. `envelope` has the tags of the span's items below the span.
pub(super) fn map(event: Event, mut envelope: Envelope) -> Value {
    let mut attributes = Attributes::new(event.attributes);
    envelope.at(&[event.time_unix_nano]);
    if let Some(session) = attributes.take_within(64, &["session.id"]) {
        envelope.tag("ai.session.id", Some(session));
    }
    if event.name == "exception" {
        let fields = exception::fields(&mut attributes, None, None);
        return envelope.with("ExceptionData", fields, attributes);
    }
    let message = if event.name.trim().is_empty() { "unnamed" } else { &event.name };
    envelope.with("MessageData", json!({"message": message}), attributes)
}
