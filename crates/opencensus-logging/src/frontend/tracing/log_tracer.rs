//! Events that `LogTracer` makes of records of `log`.

use std::borrow::Cow;

use tracing::Metadata;

use crate::frontend::tracing::event_fields::EventFields;
use crate::record::Source;

/// Whether the event comes from `LogTracer`, which has one callsite per level for all targets.
pub(super) fn is_of_log(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "log" && metadata.fields().field("log.target").is_some()
}

/// The target and the source of a `log` record, which `LogTracer` writes into fields.
#[derive(Default)]
pub(super) struct LogTracerFields {
    pub(super) target: Option<String>,
    pub(super) source: Option<Source>,
}

impl LogTracerFields {
    /// Takes them out of the fields of an event.
    pub(super) fn take(fields: &mut EventFields) -> Self {
        let mut text = |key| fields.take(key).and_then(|value| value.as_str().map(str::to_owned));
        let (target, module, file) = (text("log.target"), text("log.module_path"), text("log.file"));
        let line = fields.take("log.line").and_then(|line| line.as_u64()).and_then(|line| u32::try_from(line).ok());
        let source = Source::new(file.unwrap_or_default(), line.unwrap_or(0), module.map(Cow::Owned));
        Self { target, source: Some(source) }
    }
}
