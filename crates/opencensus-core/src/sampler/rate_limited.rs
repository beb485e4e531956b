//! Keeps a number of traces a second, whatever the load.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::ids::TraceId;
use crate::sampler::{Candidate, Decision, Sampler};
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;

/// A number of traces a second: finite and not negative.
///
/// # Examples
///
/// ```
/// use opencensus_core::TracesPerSecond;
///
/// assert_eq!("0.5".parse::<TracesPerSecond>()?.get(), 0.5);
/// assert!(TracesPerSecond::try_from(-1.0).is_err());
/// # Ok::<(), opencensus_core::InvalidTracesPerSecond>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TracesPerSecond(f64);

impl TracesPerSecond {
    /// The default of Microsoft's exporters: 5.
    pub const MICROSOFT: Self = Self(5.0);

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// The number of traces a second is negative or not a number.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("traces per second must be a number from 0 up, not `{0}`")]
pub struct InvalidTracesPerSecond(String);

impl TryFrom<f64> for TracesPerSecond {
    type Error = InvalidTracesPerSecond;

    fn try_from(number: f64) -> Result<Self, InvalidTracesPerSecond> {
        let fits = number >= 0.0 && number.is_finite();
        // Adding 0.0 makes -0.0 0.0.
        if fits { Ok(Self(number + 0.0)) } else { Err(InvalidTracesPerSecond(number.to_string())) }
    }
}

impl FromStr for TracesPerSecond {
    type Err = InvalidTracesPerSecond;

    fn from_str(text: &str) -> Result<Self, InvalidTracesPerSecond> {
        let number: f64 = text.trim().parse().map_err(|_| InvalidTracesPerSecond(text.to_owned()))?;
        Self::try_from(number)
    }
}

impl fmt::Display for TracesPerSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Keeps about a number of traces a second, like `RateLimitedSampler` of Microsoft's exporters.
///
/// The load is measured in a window that decays within a tenth of a second. The share that follows from it
/// is rounded down to one in a whole number and applied to the hash of the trace id
/// ([`ApplicationInsightsSampler`](crate::ApplicationInsightsSampler)'s). So the limit holds on average, and
/// a kept trace represents a whole number of traces.
///
/// # Examples
///
/// ```
/// use opencensus_core::{RateLimitedSampler, Sampler, TracesPerSecond};
///
/// let sampler: Box<dyn Sampler> = Box::new(RateLimitedSampler::new(TracesPerSecond::MICROSOFT));
/// ```
#[derive(Debug)]
pub struct RateLimitedSampler {
    limit: TracesPerSecond,
    start: Instant,
    // Held for a few multiplications.
    window: Mutex<Window>,
}

/// The rule that applies the measured share.
const RULE: SamplingRule = SamplingRule::ApplicationInsights;

impl RateLimitedSampler {
    /// Creates a sampler that keeps this number of traces.
    #[must_use]
    pub fn new(limit: TracesPerSecond) -> Self {
        Self { limit, start: Instant::now(), window: Mutex::default() }
    }

    /// Counts one trace, `nanos` nanoseconds after the sampler was created, and returns the share of traces
    /// that is kept at that time. A time before the last one counts as the last one.
    pub fn rate_at(&self, nanos: u64) -> SamplingRate {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        *window = window.after(nanos);
        window.rate(self.limit)
    }

    /// Decides about one trace, `nanos` nanoseconds after the sampler was created.
    pub fn decide_at(&self, trace_id: TraceId, nanos: u64) -> Decision {
        let rate = self.rate_at(nanos);
        Decision::new(RULE.keeps(trace_id, rate), rate).with_rule(RULE)
    }
}

impl Sampler for RateLimitedSampler {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        let nanos = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.decide_at(candidate.trace_id, nanos)
    }
}

/// Traces and nanoseconds, both decaying.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    count: f64,
    nanos: f64,
    last: u64,
}

// In seconds. Products and quotients are in Microsoft's order, so that they are rounded alike.
const NANO: f64 = 1e-9;
const ADAPTATION: f64 = 0.1;

impl Window {
    /// The window with one more trace.
    fn after(self, now: u64) -> Self {
        if now <= self.last {
            return Self { count: self.count + 1.0, ..self };
        }
        let passed = (now - self.last) as f64;
        let decay = (-passed * (NANO / ADAPTATION)).exp();
        Self { count: self.count * decay + 1.0, nanos: self.nanos * decay + passed, last: now }
    }

    fn rate(self, limit: TracesPerSecond) -> SamplingRate {
        let share = self.nanos * (NANO * limit.0) / self.count;
        SamplingRate::try_from(share.min(1.0)).unwrap_or_default().rounded_down()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_numbers_from_0_up() {
        for text in ["-1", "NaN", "inf", "", "five"] {
            assert!(text.parse::<TracesPerSecond>().is_err(), "{text}");
        }
        assert_eq!(" 0.5".parse::<TracesPerSecond>().map(TracesPerSecond::get), Ok(0.5));
    }

    #[test]
    fn limit_holds_on_average_under_a_load_that_jumps() {
        let sampler = RateLimitedSampler::new(TracesPerSecond::try_from(100.0).unwrap());
        // A second of 10 traces a second, then ten of 10,000.
        let times = (1..=10).map(|n| n * 100_000_000).chain((0..100_000).map(|n| 1_100_000_000 + n * 100_000));
        let (mut kept, mut weighted, mut variance) = (0, 0.0, 0.0);
        for rate in times.map(|nanos| sampler.rate_at(nanos).get()) {
            variance += (1.0 - rate) / rate;
            if RULE.keeps(TraceId::random(), SamplingRate::try_from(rate).unwrap()) {
                kept += 1;
                weighted += 1.0 / rate;
            }
        }
        assert!((850..1350).contains(&kept), "{kept}");
        assert!((weighted - 100_010.0_f64).abs() < 4.0 * variance.sqrt(), "{weighted}");
    }
}
