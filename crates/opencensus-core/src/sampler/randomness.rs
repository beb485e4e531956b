//! Where a trace lies between "always kept" and "hardly ever".

use crate::sampler::SamplingRate;

/// Where a trace lies between 0 and 2⁵⁶: OpenTelemetry's randomness value `rv`
/// ([probability sampling][otel]). A rate `p` keeps a trace if its value is at least the rejection
/// threshold `(1 - p) × 2⁵⁶`.
///
/// [otel]: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Randomness(u64);

const WHOLE: u64 = 1 << 56;

impl Randomness {
    /// The value of a trace that is kept at every rate above `number / 2⁶⁴`.
    #[must_use]
    pub const fn from_lowest_first(number: u64) -> Self {
        Self(WHOLE - 1 - (number >> 8))
    }

    /// The 56 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether a rule that looks at nothing else keeps the trace at this rate.
    #[must_use]
    pub fn is_kept_at(self, rate: SamplingRate) -> bool {
        self.0 >= threshold(rate)
    }
}

/// The rejection threshold of a rate: 2⁵⁶ rejects everything.
pub(crate) fn threshold(rate: SamplingRate) -> u64 {
    // Exact for 0 and 1, and never above 2⁵⁶.
    WHOLE - (rate.get() * WHOLE as f64).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(rate: f64) -> SamplingRate {
        SamplingRate::try_from(rate).unwrap()
    }

    #[test]
    fn thresholds_of_rates() {
        assert_eq!(threshold(rate(1.0)), 0);
        assert_eq!(threshold(rate(0.5)), 1 << 55);
        assert_eq!(threshold(rate(0.0)), 1 << 56);
    }

    #[test]
    fn every_trace_is_kept_at_rate_1_and_none_at_0() {
        for number in [0, 1, u64::MAX / 2, u64::MAX] {
            let randomness = Randomness::from_lowest_first(number);
            assert!(randomness.is_kept_at(rate(1.0)) && !randomness.is_kept_at(rate(0.0)), "{number}");
        }
        assert!(Randomness::from_lowest_first(1 << 61).is_kept_at(rate(0.25)));
        assert!(!Randomness::from_lowest_first(1 << 63).is_kept_at(rate(0.25)));
    }
}
