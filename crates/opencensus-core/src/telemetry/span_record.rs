//! A finished span.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::ids::SpanId;
use crate::propagation::TraceContext;
use crate::resource::Resource;
use crate::sampling_rate::SamplingRate;
use crate::telemetry::{Link, SpanStatus};

/// The role of a span; OpenTelemetry's span kind. [`SpanRecord`] has an example.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SpanKind {
    /// An operation inside the process.
    #[default]
    Internal,
    /// An incoming request.
    Server,
    /// An outgoing call that waits for a response.
    Client,
    /// An outgoing message.
    Producer,
    /// An incoming message.
    Consumer,
}

/// A finished span that the middleware did not create, such as a span of OpenTelemetry's SDK or an outgoing
/// call.
///
/// Its events are separate items.
///
/// # Examples
///
/// ```
/// use opencensus_core::{SpanKind, SpanRecord, TraceContext};
/// use std::time::Duration;
///
/// let mut record = SpanRecord::new(TraceContext::root(), SpanKind::Client, "GET /stock");
/// record.duration = Duration::from_millis(12);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpanRecord {
    /// The span's own trace context.
    pub context: TraceContext,
    /// The id of the parent span. Default: none.
    pub parent: Option<SpanId>,
    /// The span's role.
    pub kind: SpanKind,
    /// The span's name.
    pub name: Cow<'static, str>,
    /// Exporters keep the name as it is. Otherwise one may compose a name from the attributes, as that of Application
    /// Insights does for HTTP calls: `GET /path`. Default: false.
    pub keeps_name: bool,
    /// When it began. Default: when the record was created.
    pub start: SystemTime,
    /// How long it took. Default: zero.
    pub duration: Duration,
    /// Whether it succeeded, if the application reports it. Default: unset.
    pub status: SpanStatus,
    /// Its attributes in their order. Default: none.
    pub attributes: Vec<Attribute>,
    /// Its links to other spans. Default: none.
    pub links: Vec<Link>,
    /// The name of the operation that the span belongs to, if it is known. Default: none.
    pub operation: Option<Cow<'static, str>>,
    /// The sampling rate. `None`: unknown. Default: 1.
    pub rate: Option<SamplingRate>,
    /// The process that recorded the span. `None`, the default: the exporter's own process.
    pub resource: Option<Arc<Resource>>,
}

impl SpanRecord {
    /// Creates a record of a span that begins and ends now, with rate 1.
    #[must_use]
    pub fn new(context: TraceContext, kind: SpanKind, name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            context,
            parent: None,
            kind,
            name: name.into(),
            keeps_name: false,
            start: SystemTime::now(),
            duration: Duration::ZERO,
            status: SpanStatus::Unset,
            attributes: Vec::new(),
            links: Vec::new(),
            operation: None,
            rate: Some(SamplingRate::ALL),
            resource: None,
        }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        let links: usize = self.links.iter().map(Link::size).sum();
        let attributes = attributes_size(&self.attributes);
        size_of::<Self>() + text_size(&self.name) + attributes + links + self.status.heap_size()
    }
}
