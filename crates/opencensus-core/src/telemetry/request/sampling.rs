//! How a request was sampled.

use crate::ids::SpanId;
use crate::propagation::{SamplerMark, TraceState};
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;

/// How a request was sampled, as it is exported and propagated.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sampling {
    /// The share of requests that was kept; `None`: unknown.
    pub(crate) rate: Option<SamplingRate>,
    /// The rule that kept it.
    pub(crate) rule: Option<SamplingRule>,
}

impl Sampling {
    /// The `tracestate` with the rate, or without any rate if it is unknown.
    pub(crate) fn trace_state(&self, state: Option<&TraceState>) -> Option<TraceState> {
        self.apply(state, None)
    }

    /// The same with this library's own member, for the services that the request calls.
    pub(crate) fn outgoing_trace_state(&self, span_id: SpanId, state: Option<&TraceState>) -> Option<TraceState> {
        self.apply(state, Some(SamplerMark::new(self.rule, span_id)))
    }

    /// The header of the `tracestate` for the services that the request calls.
    pub(crate) fn outgoing_header(&self, span_id: SpanId, state: Option<&TraceState>) -> Option<String> {
        match (self.rate, state) {
            (Some(rate), None) => Some(TraceState::header_of_rate(rate, SamplerMark::new(self.rule, span_id))),
            _ => self.outgoing_trace_state(span_id, state).as_ref().and_then(TraceState::to_header),
        }
    }

    fn apply(&self, state: Option<&TraceState>, mark: Option<SamplerMark>) -> Option<TraceState> {
        match self.rate {
            Some(rate) => Some(TraceState::with_rate(state, rate, mark)),
            None => state.cloned().map(TraceState::without_threshold),
        }
    }
}
