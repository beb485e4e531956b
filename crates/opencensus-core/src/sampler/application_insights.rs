//! The sampler of Microsoft's Application Insights exporters.

use crate::ids::TraceId;
use crate::sampler::rule::hash_keeps;
use crate::sampler::{Candidate, Decision, Sampler, SamplingRate, SamplingRule};

/// Keeps a share of traces, chosen by a hash of the trace id's 32 hexadecimal digits.
///
/// The decisions are those of `ApplicationInsightsSampler` in Microsoft's exporters for Python
/// (1.0.0b58) and JavaScript and in the Java agent: a DJB2 hash of the lower-case digits in
/// wrapping 32-bit arithmetic, its absolute value as a share of the highest. (The .NET exporter
/// hashes upper-case digits, and so disagrees with the others.)
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

const HASH_START: i32 = 5381;

impl ApplicationInsightsSampler {
    /// Keeps this share.
    #[must_use]
    pub const fn new(rate: SamplingRate) -> Self {
        Self { rate }
    }

    /// Whether the trace is kept.
    #[must_use]
    pub fn keeps(&self, trace_id: TraceId) -> bool {
        hash_keeps(trace_id, self.rate)
    }

    /// The share.
    #[must_use]
    pub const fn rate(&self) -> SamplingRate {
        self.rate
    }
}

impl Sampler for ApplicationInsightsSampler {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        Decision::new(self.keeps(candidate.trace_id), self.rate).by(SamplingRule::ApplicationInsights)
    }
}

/// Between 0 and 1.
pub(super) fn score(trace_id: TraceId) -> f64 {
    f64::from(hash(trace_id)) / f64::from(i32::MAX)
}

fn hash(trace_id: TraceId) -> i32 {
    let digit = |nibble: u8| i32::from(b"0123456789abcdef"[usize::from(nibble)]);
    let step = |hash: i32, digit: i32| hash.wrapping_mul(33).wrapping_add(digit);
    let add = |hash, byte: &u8| step(step(hash, digit(byte >> 4)), digit(byte & 15));
    let hash = trace_id.to_bytes().iter().fold(HASH_START, add);
    hash.checked_abs().unwrap_or(i32::MAX)
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
