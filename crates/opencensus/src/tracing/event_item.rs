//! The item that an event becomes.

use std::borrow::Cow;

use opencensus_core::{Attribute, MessageRecord, Origin, Severity, TelemetryItem, TraceContext};
use opencensus_settings::error_type;
use tracing::{Level, Metadata};

use crate::tracing::event_fields::EventFields;

/// The place of an event in the source, and its target. `LogTracer` writes those of a `log` record into fields.
pub(super) struct EventSource {
    pub(super) target: Cow<'static, str>,
    file: Option<Cow<'static, str>>,
    line: Option<i64>,
}

impl EventSource {
    pub(super) fn of(metadata: &'static Metadata<'static>) -> Self {
        let (file, line) = (metadata.file().map(Cow::Borrowed), metadata.line().map(i64::from));
        Self { target: metadata.target().into(), file, line }
    }

    /// Takes it out of the fields of an event.
    pub(super) fn of_log(fields: &mut EventFields) -> Self {
        fields.take("log.module_path");
        let line = fields.take("log.line").and_then(|line| line.to_string().parse().ok());
        let mut text = |key| fields.take(key).map(|value| Cow::Owned(value.to_string()));
        Self { target: text("log.target").unwrap_or_default(), file: text("log.file"), line }
    }

    /// The attributes of the logging handler, too.
    fn attributes(self) -> impl Iterator<Item = Attribute> {
        let file = self.file.map(|file| Attribute::new("code.file.path", file));
        let line = self.line.map(|line| Attribute::new("code.line.number", line));
        [Some(Attribute::new("logger", self.target)), file, line].into_iter().flatten()
    }
}

/// An exception if the event is about an error, otherwise a message. `context`: `None` if the request decides.
pub(super) fn event_item(
    fields: EventFields,
    level: Level,
    source: EventSource,
    context: Option<TraceContext>,
) -> TelemetryItem {
    let mut origin = Origin::at(std::time::SystemTime::now());
    origin.context = context;
    let EventFields { message, error, mut attributes, .. } = fields;
    let severity = Some(severity(level));
    let Some(error) = error else {
        // Application Insights requires a text.
        let message = message.map_or_else(|| source.target.clone(), Cow::Owned);
        attributes.extend(source.attributes());
        let mut item = MessageRecord::new(origin, message);
        (item.severity, item.attributes) = (severity, attributes);
        return item.into();
    };
    if let Some(message) = message.filter(|message| Some(&**message) != error.message.as_deref()) {
        attributes.push(Attribute::new("log.message", message));
    }
    attributes.extend(source.attributes());
    let mut item = error;
    item.type_name.get_or_insert(error_type::UNKNOWN.into());
    (item.origin, item.severity, item.attributes) = (origin, severity, attributes);
    item.into()
}

fn severity(level: Level) -> Severity {
    match level {
        Level::ERROR => Severity::Error,
        Level::WARN => Severity::Warning,
        Level::INFO => Severity::Information,
        _ => Severity::Verbose,
    }
}
