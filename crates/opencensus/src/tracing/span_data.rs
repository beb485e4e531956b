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
    pub(super) fields: SpanFields,
}

/// Marks a span that began outside of requests. One without mark and data is below a request that is not kept: such spans
/// are to cost the least. It takes no memory.
pub(super) struct OutsideOfRequests;

impl SpanData {
    /// A span that begins now.
    pub(super) fn new(request: Arc<RequestSpan>, parent: TraceContext, fields: SpanFields) -> Self {
        let context = TraceContext::new(parent.trace_id(), SpanId::random(), parent.flags());
        Self { request, context, parent: parent.span_id(), started: Instant::now(), fields }
    }

    /// Sends the span, which ends now, below its request.
    pub(super) fn send(self, metadata: &'static Metadata<'static>) {
        let (fields, duration) = (self.fields, self.started.elapsed());
        let name = fields.name.unwrap_or(metadata.name().into());
        let mut record = SpanRecord::new(self.context, fields.kind, name);
        record.parent = Some(self.parent);
        // The record begins when it is made.
        record.start = record.start.checked_sub(duration).unwrap_or(SystemTime::UNIX_EPOCH);
        record.duration = duration;
        record.status = fields.status;
        record.attributes = fields.attributes;
        record.attributes.push(Attribute::new("code.namespace", metadata.target()));
        self.request.submit(record);
    }
}
