//! Rules that decide about a trace by its id alone.

use crate::ids::TraceId;
use crate::sampling_rate::SamplingRate;

/// A rule that decides by the trace id alone. A trace that a rule keeps at one rate is kept at every
/// higher rate, too.
///
/// # Examples
///
/// ```
/// use opencensus_core::{SamplingRate, SamplingRule, TraceId};
///
/// let trace_id: TraceId = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// assert!(SamplingRule::LowHalf.keeps(trace_id, SamplingRate::ALL));
/// assert!(!SamplingRule::LowHalf.keeps(trace_id, SamplingRate::NONE));
/// # Ok::<(), opencensus_core::ParseIdError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SamplingRule {
    /// Compares the low 64 bits of the trace id with the rate:
    /// [`ProbabilitySampler`](crate::ProbabilitySampler).
    LowHalf,
    /// Compares Microsoft's hash of the trace id with the rate:
    /// [`ApplicationInsightsSampler`](crate::ApplicationInsightsSampler).
    ApplicationInsights,
}

impl SamplingRule {
    /// Whether the rule keeps the trace at this rate.
    #[must_use]
    pub fn keeps(self, trace_id: TraceId, rate: SamplingRate) -> bool {
        match self {
            Self::LowHalf => highest_low_half(rate).is_some_and(|highest| trace_id.low() <= highest),
            // A score of exactly 1 is kept as well.
            Self::ApplicationInsights => rate == SamplingRate::ALL || score(trace_id) < rate.get(),
        }
    }
}

/// The highest low half of a trace id that is kept at this rate: `rate × (2⁶⁴ - 1)`. `None` for rate 0,
/// at which a low half of zero is dropped as well.
pub(crate) fn highest_low_half(rate: SamplingRate) -> Option<u64> {
    // The cast saturates: rate 1 gives the highest number.
    (rate.get() > 0.0).then_some((rate.get() * u64::MAX as f64) as u64)
}

/// Microsoft's hash of the trace id, scaled to 0 to 1.
fn score(trace_id: TraceId) -> f64 {
    f64::from(hash(trace_id)) / f64::from(i32::MAX)
}

/// DJB2 over the 32 lower-case hexadecimal digits in wrapping 32-bit arithmetic, then the absolute value.
fn hash(trace_id: TraceId) -> i32 {
    const START: i32 = 5381;
    let digit = |nibble: u8| i32::from(b"0123456789abcdef"[usize::from(nibble)]);
    let step = |hash: i32, digit: i32| hash.wrapping_mul(33).wrapping_add(digit);
    let add = |hash, byte: &u8| step(step(hash, digit(byte >> 4)), digit(byte & 15));
    let hash = trace_id.to_bytes().iter().fold(START, add);
    hash.checked_abs().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_kept_at_one_rate_is_kept_at_every_higher_rate() {
        let rates: Vec<_> = (0..=20).map(|n| SamplingRate::try_from(f64::from(n) / 20.0).unwrap()).collect();
        for rule in [SamplingRule::LowHalf, SamplingRule::ApplicationInsights] {
            for id in (0..1000).map(|_| TraceId::random()) {
                let kept: Vec<_> = rates.iter().map(|rate| rule.keeps(id, *rate)).collect();
                assert!(kept.is_sorted() && !kept[0] && kept[20], "{rule:?} {id}");
            }
        }
    }
}
