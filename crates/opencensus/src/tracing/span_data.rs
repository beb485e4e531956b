//! A span that becomes a dependency.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use opencensus_core::{Attribute, RequestSpan, SpanId, SpanRecord, TraceContext};
use tracing::Metadata;

use crate::tracing::span_fields::SpanFields;

/// Data of a span below a request that may be kept.
pub(super) struct SpanData {
    pub(super) request: Arc<RequestSpan>,
    pub(super) context: TraceContext,
    parent: SpanId,
    started: Instant,
    start: SystemTime,
    pub(super) fields: SpanFields,
}

/// Marks a span below a request that is not kept, for the threads that do not know the request. It takes no memory.
pub(super) struct NotKept;

impl SpanData {
    /// A span that begins now.
    pub(super) fn new(request: Arc<RequestSpan>, parent: TraceContext, fields: SpanFields) -> Self {
        let context = TraceContext::new(parent.trace_id(), SpanId::random(), parent.flags());
        let (started, start) = (Instant::now(), SystemTime::now());
        Self { request, context, parent: parent.span_id(), started, start, fields }
    }

    /// Sends the span, which ends now, below its request.
    pub(super) fn send(self, metadata: &'static Metadata<'static>) {
        let fields = self.fields;
        let name = fields.name.unwrap_or(metadata.name().into());
        let mut record = SpanRecord::new(self.context, fields.kind, name);
        record.parent = Some(self.parent);
        record.start = self.start;
        record.duration = self.started.elapsed();
        record.status = fields.status;
        record.attributes = fields.attributes;
        record.attributes.push(Attribute::new("code.namespace", metadata.target()));
        self.request.submit(record);
    }
}
