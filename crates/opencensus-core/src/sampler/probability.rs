//! Samplers that decide by the trace id alone.

use crate::ids::TraceId;
use crate::sampler::{Candidate, Decision, Sampler};
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::{SamplingRule, highest_low_half};

/// Keeps every trace.
///
/// # Examples
///
/// ```
/// use opencensus_core::{AlwaysOn, Sampler};
///
/// let sampler: Box<dyn Sampler> = Box::new(AlwaysOn);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AlwaysOn;

/// Keeps no trace.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AlwaysOff;

/// Keeps a share of traces, chosen by the low 64 bits of the trace id.
///
/// A trace is kept when these bits, read as one big-endian number, are at most `rate × (2⁶⁴ - 1)`, so
/// that every service with this rule and at least this rate keeps it, too. It is the rule of OpenCensus
/// Python's `ProbabilitySampler`, except that rate 0 keeps no trace at all.
///
/// # Examples
///
/// ```
/// use opencensus_core::{ProbabilitySampler, SamplingRate, TraceId};
///
/// let sampler = ProbabilitySampler::new(SamplingRate::try_from(0.5)?);
/// assert!(sampler.keeps(TraceId::from_bytes([0x7F; 16])) && !sampler.keeps(TraceId::from_bytes([0x80; 16])));
/// # Ok::<(), opencensus_core::InvalidSamplingRate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbabilitySampler {
    rate: SamplingRate,
    // `None` for rate 0, at which a low half of zero is dropped as well.
    highest_kept: Option<u64>,
}

impl ProbabilitySampler {
    /// Creates a sampler that keeps this share of traces.
    #[must_use]
    pub fn new(rate: SamplingRate) -> Self {
        Self { rate, highest_kept: highest_low_half(rate) }
    }

    /// Whether the sampler keeps the trace.
    #[must_use]
    pub fn keeps(&self, trace_id: TraceId) -> bool {
        self.highest_kept.is_some_and(|highest| trace_id.low() <= highest)
    }

    /// The share of traces that is kept.
    #[must_use]
    pub const fn rate(&self) -> SamplingRate {
        self.rate
    }
}

impl Sampler for ProbabilitySampler {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        Decision::new(self.keeps(candidate.trace_id), self.rate).with_rule(SamplingRule::LowHalf)
    }
}

impl Sampler for AlwaysOn {
    fn decide(&self, _: &Candidate<'_>) -> Decision {
        Decision::new(true, SamplingRate::ALL)
    }

    fn constant(&self) -> Option<bool> {
        Some(true)
    }
}

impl Sampler for AlwaysOff {
    fn decide(&self, _: &Candidate<'_>) -> Decision {
        Decision::new(false, SamplingRate::NONE)
    }

    fn constant(&self) -> Option<bool> {
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps(rate: f64, low: u64) -> bool {
        let mut bytes = [0xFF; 16];
        bytes[8..].copy_from_slice(&low.to_be_bytes());
        ProbabilitySampler::new(SamplingRate::try_from(rate).unwrap()).keeps(TraceId::from_bytes(bytes))
    }

    #[test]
    fn threshold_itself_is_kept_and_the_next_number_is_not() {
        assert!(keeps(0.25, 1 << 62));
        assert!(!keeps(0.25, (1 << 62) + 1));
        assert!(keeps(0.5, 1 << 63));
        assert!(!keeps(0.5, (1 << 63) + 1));
    }

    #[test]
    fn rate_1_keeps_the_highest_and_rate_0_drops_the_lowest() {
        assert!(keeps(1.0, u64::MAX));
        assert!(!keeps(0.0, 0));
    }

    #[test]
    fn only_the_low_half_counts() {
        let sampler = ProbabilitySampler::new(SamplingRate::try_from(0.5).unwrap());
        let mut bytes = [0xFF; 16];
        bytes[8] = 0;
        assert!(sampler.keeps(TraceId::from_bytes(bytes)));
    }
}
