//! The sampler of Microsoft's Application Insights exporters.

use crate::ids::TraceId;
use crate::sampler::{Candidate, Decision, Sampler};
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;

/// Keeps a share of traces, chosen by a hash of the trace id's 32 hexadecimal digits.
///
/// The decisions are those of `ApplicationInsightsSampler` in Microsoft's exporters for Python
/// (1.0.0b58) and JavaScript and in the Java agent: a DJB2 hash of the lower-case digits in
/// wrapping 32-bit arithmetic, its absolute value as a share of the highest. (The .NET exporter
/// hashes upper-case digits and therefore decides differently.)
///
/// # Examples
///
/// ```
/// use opencensus_core::{ApplicationInsightsSampler, SamplingRate};
///
/// let sampler = ApplicationInsightsSampler::new(SamplingRate::try_from(0.5)?);
/// assert!(sampler.keeps("dd687ed5ea313e4fa34ac61c040ea79c".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ApplicationInsightsSampler {
    rate: SamplingRate,
}

impl ApplicationInsightsSampler {
    /// Creates a sampler that keeps this share of traces.
    #[must_use]
    pub const fn new(rate: SamplingRate) -> Self {
        Self { rate }
    }

    /// Whether the sampler keeps the trace.
    #[must_use]
    pub fn keeps(&self, trace_id: TraceId) -> bool {
        SamplingRule::ApplicationInsights.keeps(trace_id, self.rate)
    }

    /// The share of traces that is kept.
    #[must_use]
    pub const fn rate(&self) -> SamplingRate {
        self.rate
    }
}

impl Sampler for ApplicationInsightsSampler {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        Decision::new(self.keeps(candidate.trace_id), self.rate).with_rule(SamplingRule::ApplicationInsights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_1_keeps_every_trace_and_rate_0_none() {
        let ids: Vec<_> = (0..1000).map(|_| TraceId::random()).collect();
        assert!(ids.iter().all(|id| ApplicationInsightsSampler::new(SamplingRate::ALL).keeps(*id)));
        assert!(!ids.iter().any(|id| ApplicationInsightsSampler::new(SamplingRate::NONE).keeps(*id)));
    }
}
