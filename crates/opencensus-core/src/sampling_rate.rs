//! A sampling rate.

use std::fmt;
use std::str::FromStr;

/// A sampling rate: a probability between 0 and 1. Default: 1.
///
/// # Examples
///
/// ```
/// use opencensus_core::SamplingRate;
///
/// let rate: SamplingRate = "0.25".parse()?;
/// assert_eq!(rate.percent(), 25.0);
/// assert!(SamplingRate::try_from(1.5).is_err());
/// # Ok::<(), opencensus_core::InvalidSamplingRate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplingRate(f64);

impl SamplingRate {
    /// Rate 1: every trace is kept.
    pub const ALL: Self = Self(1.0);
    /// Rate 0: no trace is kept.
    pub const NONE: Self = Self(0.0);

    /// The rate as a number between 0 and 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The rate in per cent, which is Application Insights' `sampleRate`: an item represents `100 / percent`
    /// items.
    #[must_use]
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }

    /// The next lower rate at which an item represents a whole number of items; 0 if that number is 2³¹ - 1 or
    /// more. It is the rounding of Microsoft's rate-limited sampler.
    #[must_use]
    pub fn rounded_down(self) -> Self {
        let items = (100.0 / self.percent()).ceil();
        if items < f64::from(i32::MAX) { Self(1.0 / items) } else { Self::NONE }
    }
}

/// The range of OpenTelemetry's rejection thresholds: 56 bits.
const WHOLE: u64 = 1 << 56;

impl SamplingRate {
    /// OpenTelemetry's rejection threshold, `(1 - rate) × 2⁵⁶`; 2⁵⁶ rejects everything.
    pub(crate) fn threshold(self) -> u64 {
        // Exact for 0 and 1, and never out of range.
        WHOLE - (self.0 * WHOLE as f64).round() as u64
    }
}

impl Default for SamplingRate {
    fn default() -> Self {
        Self::ALL
    }
}

impl TryFrom<f64> for SamplingRate {
    type Error = InvalidSamplingRate;

    fn try_from(rate: f64) -> Result<Self, InvalidSamplingRate> {
        // NaN fails too: no range contains it.
        if !(0.0..=1.0).contains(&rate) {
            return Err(InvalidSamplingRate(rate.to_string()));
        }
        // -0.0 is in the range; adding 0.0 makes it 0.0.
        Ok(Self(rate + 0.0))
    }
}

impl FromStr for SamplingRate {
    type Err = InvalidSamplingRate;

    fn from_str(text: &str) -> Result<Self, InvalidSamplingRate> {
        let rate: f64 = text.trim().parse().map_err(|_| InvalidSamplingRate(text.to_owned()))?;
        Self::try_from(rate)
    }
}

impl fmt::Display for SamplingRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The sampling rate is not a number between 0 and 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a sampling rate must be a number between 0 and 1, not `{0}`")]
pub struct InvalidSamplingRate(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_between_0_and_1_are_rates() {
        for text in ["-0.1", "1.1", "NaN", "inf", "", "ten"] {
            assert!(text.parse::<SamplingRate>().is_err(), "{text}");
        }
        assert_eq!(" 0.25 ".parse::<SamplingRate>().map(SamplingRate::percent), Ok(25.0));
        assert_eq!(SamplingRate::try_from(-0.0).unwrap().to_string(), "0");
    }

    #[test]
    fn threshold_is_the_rejected_share_of_56_bits() {
        let threshold = |rate: f64| SamplingRate::try_from(rate).unwrap().threshold();
        assert_eq!((threshold(1.0), threshold(0.5), threshold(0.0)), (0, 1 << 55, 1 << 56));
    }

    #[test]
    fn item_represents_a_whole_number_at_a_rounded_rate() {
        let rounded = |rate: f64| SamplingRate::try_from(rate).unwrap().rounded_down().get();
        assert_eq!((rounded(1.0), rounded(0.51), rounded(0.5), rounded(0.4)), (1.0, 0.5, 0.5, 1.0 / 3.0));
        assert_eq!((rounded(1e-11), rounded(0.0)), (0.0, 0.0));
    }
}
