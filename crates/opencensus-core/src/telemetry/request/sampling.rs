//! What a request stands for.

use crate::ids::SpanId;
use crate::propagation::{SamplerMark, TraceState};
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;

/// What a request stands for, as it is told to others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sampling {
    /// The share of requests that it stands for; `None`: unknown.
    pub(crate) rate: Option<SamplingRate>,
    /// The rule that kept it.
    pub(crate) rule: Option<SamplingRule>,
}

impl Sampling {
    /// The list with the rate, or without any if that is unknown.
    pub(crate) fn tell(&self, state: Option<&TraceState>) -> Option<TraceState> {
        self.tell_marked(state, None)
    }

    /// The same for the services that the request calls.
    pub(crate) fn tell_as(&self, span_id: SpanId, state: Option<&TraceState>) -> Option<TraceState> {
        self.tell_marked(state, Some(SamplerMark { rule: self.rule, span_id }))
    }

    fn tell_marked(&self, state: Option<&TraceState>, mark: Option<SamplerMark>) -> Option<TraceState> {
        match self.rate {
            Some(rate) => Some(TraceState::telling(state, rate, mark)),
            None => state.cloned().map(TraceState::without_threshold),
        }
    }
}
