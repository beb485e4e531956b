//! Selects the headers of trace contexts.

use crate::propagation::{
    Caller, RemoteParent, TraceContext, TraceState, b3, cloud_trace, grpc_trace_bin, request_id, text_format,
};
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
    /// `opencensus-trace-traceid`, `-spanid` and `-traceoptions`: the text format of OpenCensus for Python. As there, every
    /// option but an empty text is read as "sampled", also `0`.
    TextFormat,
    /// `grpc-trace-bin`: the binary format of OpenCensus.
    GrpcTraceBin,
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

const TEXT_FORMAT: [Header; 3] = [Header::TextTraceId, Header::TextSpanId, Header::TextTraceOptions];

/// Propagation formats of outgoing calls, without an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PropagatorSet(u8);

impl Propagator {
    const ALL: [Self; 7] = [
        Self::TraceContext,
        Self::B3,
        Self::B3Multi,
        Self::RequestId,
        Self::CloudTrace,
        Self::TextFormat,
        Self::GrpcTraceBin,
    ];

    fn read<H: RequestHead>(self, head: &H) -> Caller {
        match self {
            Self::TraceContext => read_trace_context(head).into(),
            Self::B3 => head.single_header(Header::B3).map_or(Caller::Unknown, b3::parse_single),
            Self::B3Multi => b3::parse_multi(|header| head.single_header(header)),
            Self::RequestId => head.single_header(Header::RequestId).and_then(request_id::parse).into(),
            Self::CloudTrace => head.single_header(Header::CloudTraceContext).and_then(cloud_trace::parse).into(),
            Self::TextFormat => {
                let ids = head.single_header(Header::TextTraceId).zip(head.single_header(Header::TextSpanId));
                let options = head.single_header(Header::TextTraceOptions);
                ids.and_then(|(trace_id, span_id)| text_format::parse(trace_id, span_id, options)).into()
            }
            Self::GrpcTraceBin => head.single_header(Header::GrpcTraceBin).and_then(grpc_trace_bin::parse).into(),
        }
    }

    /// All headers of the format, which an outgoing call must not have from elsewhere.
    fn owned(self) -> &'static [Header] {
        match self {
            Self::TraceContext => &[Header::TraceParent, Header::TraceState],
            Self::B3 | Self::B3Multi => &b3::HEADERS,
            Self::RequestId => &[Header::RequestId],
            Self::CloudTrace => &[Header::CloudTraceContext],
            Self::TextFormat => &TEXT_FORMAT,
            Self::GrpcTraceBin => &[Header::GrpcTraceBin],
        }
    }

    fn write(self, context: TraceContext, state: Option<String>, mut set: impl FnMut(Header, String)) {
        match self {
            Self::TraceContext => {
                set(Header::TraceParent, context.to_header_text());
                state.into_iter().for_each(|state| set(Header::TraceState, state));
            }
            Self::B3 => set(Header::B3, b3::to_single(context)),
            Self::B3Multi => b3::to_multi(context).into_iter().for_each(|(header, value)| set(header, value)),
            Self::RequestId => set(Header::RequestId, request_id::to_header(context)),
            Self::CloudTrace => set(Header::CloudTraceContext, cloud_trace::to_header(context)),
            Self::TextFormat => {
                let values = text_format::to_headers(context);
                TEXT_FORMAT.into_iter().zip(values).for_each(|(header, value)| set(header, value));
            }
            Self::GrpcTraceBin => set(Header::GrpcTraceBin, grpc_trace_bin::to_header(context)),
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

    #[inline(always)]
    pub(crate) fn read<H: RequestHead>(&self, head: &H) -> Caller {
        // The usual format.
        if let [Propagator::TraceContext] = *self.0 {
            let may_have = head.may_have(Header::TraceParent);
            return if may_have { read_trace_context(head).into() } else { Caller::Unknown };
        }
        self.read_all(head)
    }

    /// The first caller with ids; without one, the first decision.
    #[cold]
    fn read_all<H: RequestHead>(&self, head: &H) -> Caller {
        let mut found = Caller::Unknown;
        for propagator in &self.0 {
            match propagator.read(head) {
                Caller::Parent(parent) => return Caller::Parent(parent),
                decision if found == Caller::Unknown => found = decision,
                _ => {}
            }
        }
        found
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
    /// Visits the headers: their names, and their values. A header without a value must be removed.
    pub(crate) fn visit(
        self,
        context: TraceContext,
        state: Option<String>,
        visit: &mut dyn FnMut(&'static str, Option<String>),
    ) {
        // The usual format, without a list.
        if self == Self::default() {
            visit(Header::TraceParent.as_str(), Some(context.to_header_text()));
            visit(Header::TraceState.as_str(), state);
            return;
        }
        self.headers(context, state).into_iter().for_each(|(name, value)| visit(name, value));
    }

    /// Headers and their values; a header whose value is `None` must be removed from the call.
    fn headers(self, context: TraceContext, state: Option<String>) -> Vec<(&'static str, Option<String>)> {
        let selected = || Propagator::ALL.into_iter().filter(|propagator| self.0 >> *propagator as u8 & 1 == 1);
        let mut headers = Vec::with_capacity(2);
        for header in selected().flat_map(Propagator::owned) {
            if !headers.iter().any(|(name, _)| *name == header.as_str()) {
                headers.push((header.as_str(), None));
            }
        }
        for propagator in selected() {
            propagator.write(context, state.clone(), |header, value| {
                // A propagator owns every header that it writes.
                if let Some(entry) = headers.iter_mut().find(|(name, _)| *name == header.as_str()) {
                    entry.1 = Some(value);
                }
            });
        }
        headers
    }
}

/// Reads `traceparent` and `tracestate`.
// Inlined always: a call would copy the caller twice.
#[inline(always)]
fn read_trace_context<H: RequestHead>(head: &H) -> Option<RemoteParent> {
    // Two lines are as invalid as a malformed one.
    let context = TraceContext::parse(head.single_header(Header::TraceParent)?)?;
    let has_state = head.may_have(Header::TraceState);
    let state = if has_state { TraceState::from_lines(head.header(Header::TraceState)) } else { None };
    Some(RemoteParent::new(context, state))
}
