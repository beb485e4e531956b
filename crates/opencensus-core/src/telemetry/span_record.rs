//! Finished spans of any kind.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::ids::SpanId;
use crate::propagation::TraceContext;
use crate::resource::Resource;
use crate::sampling_rate::SamplingRate;
use crate::telemetry::{Link, SpanStatus};

/// What a span stands for; OpenTelemetry's span kinds.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SpanKind {
    /// Work inside the process.
    #[default]
    Internal,
    /// An incoming request.
    Server,
    /// An outgoing call that is waited for.
    Client,
    /// A message that goes out.
    Producer,
    /// A message that comes in.
    Consumer,
}

/// A finished span that is not the middleware's, such as one of OpenTelemetry's SDK.
///
/// What happened during the span travels beside it, as items of their own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpanRecord {
    /// Trace id, span id and flags.
    pub context: TraceContext,
    /// The span above it.
    pub parent: Option<SpanId>,
    /// What it stands for.
    pub kind: SpanKind,
    /// Its name.
    pub name: Cow<'static, str>,
    /// When it began.
    pub start: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// What the application says about its success.
    pub status: SpanStatus,
    /// Its attributes in their order.
    pub attributes: Vec<Attribute>,
    /// Other spans that have to do with it.
    pub links: Vec<Link>,
    /// The share of spans that it stands for. `None`: unknown.
    pub rate: Option<SamplingRate>,
    /// Who made it. `None`: the exporter's own.
    pub resource: Option<Arc<Resource>>,
}

impl SpanRecord {
    /// A span that begins and ends now, and stands for itself.
    #[must_use]
    pub fn new(context: TraceContext, kind: SpanKind, name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            context,
            parent: None,
            kind,
            name: name.into(),
            start: SystemTime::now(),
            duration: Duration::ZERO,
            status: SpanStatus::Unset,
            attributes: Vec::new(),
            links: Vec::new(),
            rate: Some(SamplingRate::ALL),
            resource: None,
        }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        let links: usize = self.links.iter().map(|link| size_of::<Link>() + attributes_size(&link.attributes)).sum();
        let status = if let SpanStatus::Error(text) = &self.status { text_size(text) } else { 0 };
        size_of::<Self>() + text_size(&self.name) + attributes_size(&self.attributes) + links + status
    }
}
