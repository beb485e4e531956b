//! What a request stands for.

use crate::propagation::TraceState;
use crate::sampler::{Randomness, SamplingRate};

/// What a request stands for, as it is told to others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sampling {
    /// What the request stands for, and what is told to the services that it calls; `None`: unknown.
    pub(crate) rate: Option<SamplingRate>,
    /// Where a new trace lies for the sampler's rule.
    pub(crate) randomness: Option<Randomness>,
}

impl Sampling {
    /// The list with the rate, or without any if that is unknown.
    pub(crate) fn tell(&self, state: Option<&TraceState>) -> Option<TraceState> {
        match self.rate {
            Some(rate) => {
                let randomness = self.randomness.filter(|_| rate != SamplingRate::ALL);
                Some(TraceState::telling(state, rate, randomness))
            }
            None => state.cloned().map(TraceState::without_threshold),
        }
    }
}
