//! Rules by which a trace id alone decides.

use crate::ids::TraceId;
use crate::sampler::application_insights::score;
use crate::sampler::{ApplicationInsightsSampler, ProbabilitySampler, SamplingRate};

/// A rule that looks at nothing but the trace id: what it keeps at one rate, it keeps at every higher
/// one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SamplingRule {
    /// By the low half of the trace id: [`ProbabilitySampler`].
    LowHalf,
    /// By Microsoft's hash: [`ApplicationInsightsSampler`].
    ApplicationInsights,
}

impl SamplingRule {
    /// Whether the rule keeps the trace at this rate.
    #[must_use]
    pub fn keeps(self, trace_id: TraceId, rate: SamplingRate) -> bool {
        match self {
            Self::LowHalf => ProbabilitySampler::new(rate).keeps(trace_id),
            Self::ApplicationInsights => ApplicationInsightsSampler::new(rate).keeps(trace_id),
        }
    }
}

/// Whether the hash keeps the trace at this rate.
pub(super) fn hash_keeps(trace_id: TraceId, rate: SamplingRate) -> bool {
    // A score of exactly 1 is kept too.
    rate == SamplingRate::ALL || score(trace_id) < rate.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_at_one_rate_is_kept_at_every_higher_one() {
        let rates: Vec<_> = (0..=20).map(|n| SamplingRate::try_from(f64::from(n) / 20.0).unwrap()).collect();
        for rule in [SamplingRule::LowHalf, SamplingRule::ApplicationInsights] {
            for id in (0..1000).map(|_| TraceId::random()) {
                let kept: Vec<_> = rates.iter().map(|rate| rule.keeps(id, *rate)).collect();
                assert!(kept.is_sorted() && !kept[0] && kept[20], "{rule:?} {id}");
            }
        }
    }
}
