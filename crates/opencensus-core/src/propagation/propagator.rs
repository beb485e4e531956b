//! Selects the headers of trace contexts.

use crate::propagation::{RemoteParent, TraceContext, TraceState, b3, cloud_trace, request_id};
use crate::request::{Header, RequestHead};

/// A format of propagation headers. [`Propagators`] has an example.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Propagator {
    /// `traceparent` and `tracestate`: W3C Trace Context.
    TraceContext,
    /// `b3`: Zipkin's one header.
    B3,
    /// `X-B3-TraceId`, `X-B3-SpanId`, `X-B3-Sampled`: Zipkin's several headers.
    B3Multi,
    /// `Request-Id`: Application Insights before W3C.
    RequestId,
    /// `X-Cloud-Trace-Context`: Google Cloud.
    CloudTrace,
}

/// Propagation formats. For incoming requests they are tried in order until one finds a caller; outgoing
/// calls carry all of them. The default is W3C Trace Context.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Propagator, Propagators};
///
/// let propagators = Propagators::new([Propagator::TraceContext, Propagator::B3]);
/// assert_eq!(propagators.iter().last(), Some(Propagator::B3));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Propagators(Vec<Propagator>);

/// Propagation formats of outgoing calls, without an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PropagatorSet(u8);

impl Propagator {
    const ALL: [Self; 5] = [Self::TraceContext, Self::B3, Self::B3Multi, Self::RequestId, Self::CloudTrace];

    #[inline]
    fn read<H: RequestHead>(self, head: &H) -> Option<RemoteParent> {
        let only = |name| {
            let mut lines = head.header(name);
            lines.next().filter(|_| lines.next().is_none())
        };
        match self {
            Self::TraceContext => RemoteParent::from_lines(head.header(Header::TraceParent), || {
                TraceState::from_lines(head.header(Header::TraceState))
            }),
            Self::B3 => b3::parse_single(only(Header::B3)?),
            Self::B3Multi => b3::parse_multi(
                only(Header::B3TraceId)?,
                only(Header::B3SpanId)?,
                only(Header::B3Sampled),
                only(Header::B3Flags),
            ),
            Self::RequestId => request_id::parse(only(Header::RequestId)?),
            Self::CloudTrace => cloud_trace::parse(only(Header::CloudTraceContext)?),
        }
    }

    fn write(self, context: TraceContext, state: Option<String>, headers: &mut Vec<(&'static str, Option<String>)>) {
        match self {
            Self::TraceContext => {
                let traceparent = context.to_header().map(char::from).iter().collect();
                headers.push((Header::TraceParent.as_str(), Some(traceparent)));
                headers.push((Header::TraceState.as_str(), state));
            }
            Self::B3 => headers.push((Header::B3.as_str(), Some(b3::to_single(context)))),
            Self::B3Multi => {
                let sampled = u8::from(context.flags().is_sampled()).to_string();
                headers.push((Header::B3TraceId.as_str(), Some(context.trace_id().to_string())));
                headers.push((Header::B3SpanId.as_str(), Some(context.span_id().to_string())));
                headers.push((Header::B3Sampled.as_str(), Some(sampled)));
            }
            Self::RequestId => headers.push((Header::RequestId.as_str(), Some(request_id::to_header(context)))),
            Self::CloudTrace => {
                headers.push((Header::CloudTraceContext.as_str(), Some(cloud_trace::to_header(context))));
            }
        }
    }
}

impl Propagators {
    /// Creates a list of formats. With an empty list every request begins a trace and propagates none.
    #[must_use]
    pub fn new(propagators: impl IntoIterator<Item = Propagator>) -> Self {
        Self(propagators.into_iter().collect())
    }

    /// The formats in their order.
    pub fn iter(&self) -> impl Iterator<Item = Propagator> + '_ {
        self.0.iter().copied()
    }

    #[inline]
    pub(crate) fn read<H: RequestHead>(&self, head: &H) -> Option<RemoteParent> {
        // The usual format.
        if let [Propagator::TraceContext] = *self.0 {
            return if head.may_have(Header::TraceParent) { Propagator::TraceContext.read(head) } else { None };
        }
        self.0.iter().find_map(|propagator| propagator.read(head))
    }

    /// The formats for outgoing calls.
    #[must_use]
    pub fn set(&self) -> PropagatorSet {
        PropagatorSet(self.0.iter().fold(0, |set, propagator| set | 1 << *propagator as u8))
    }
}

/// W3C Trace Context.
impl Default for Propagators {
    fn default() -> Self {
        Self(vec![Propagator::TraceContext])
    }
}

/// W3C Trace Context.
impl Default for PropagatorSet {
    fn default() -> Self {
        Self(1 << Propagator::TraceContext as u8)
    }
}

impl PropagatorSet {
    /// Headers and their values; a header whose value is `None` must be removed from the call.
    pub(crate) fn headers(self, context: TraceContext, state: Option<String>) -> Vec<(&'static str, Option<String>)> {
        let mut headers = Vec::with_capacity(2);
        for propagator in Propagator::ALL.into_iter().filter(|propagator| self.0 >> *propagator as u8 & 1 == 1) {
            propagator.write(context, state.clone(), &mut headers);
        }
        headers
    }
}
