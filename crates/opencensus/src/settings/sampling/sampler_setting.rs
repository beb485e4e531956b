//! Selects the sampler.

use std::fmt;
use std::sync::Arc;

use opencensus_core::{Candidate, Decision, Sampler, SamplingRate, TracesPerSecond};

/// Which traces are kept.
///
/// # Examples
///
/// ```
/// use opencensus::sampling::{SamplerSetting, SamplingRate};
/// use opencensus::Settings;
///
/// let quarter = SamplingRate::try_from(0.25)?;
/// let settings = Settings::default().with_sampler(SamplerSetting::Probability(quarter));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum SamplerSetting {
    /// All traces. The default.
    #[default]
    AlwaysOn,
    /// No trace. A sampled parent is ignored too, unless `parent_trust` is set.
    AlwaysOff,
    /// This fraction of traces, by the rule of the [`SamplingPreset`](crate::sampling::SamplingPreset).
    Share(SamplingRate),
    /// This fraction of traces, by the rule of [`ProbabilitySampler`](opencensus_core::ProbabilitySampler).
    Probability(SamplingRate),
    /// This fraction of traces, by the rule of
    /// [`ApplicationInsightsSampler`](opencensus_core::ApplicationInsightsSampler).
    ApplicationInsights(SamplingRate),
    /// At most this many traces per second: [`RateLimitedSampler`](opencensus_core::RateLimitedSampler).
    RateLimited(TracesPerSecond),
    /// A custom sampler, such as any of OpenTelemetry's. A file cannot set it.
    Custom(CustomSampler),
}

/// A custom sampler, created by [`SamplerSetting::custom`]. Two are equal if they share one sampler.
#[derive(Clone)]
pub struct CustomSampler(Arc<dyn Sampler>);

impl SamplerSetting {
    /// A custom sampler.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::Settings;
    /// use opencensus::core::ProbabilitySampler;
    /// use opencensus::sampling::{SamplerSetting, SamplingRate};
    ///
    /// let sampler = ProbabilitySampler::new(SamplingRate::try_from(0.5)?);
    /// let settings = Settings::default().with_sampler(SamplerSetting::custom(sampler));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn custom(sampler: impl Sampler) -> Self {
        Self::Custom(CustomSampler(Arc::new(sampler)))
    }
}

/// Writes the short form of a settings file, such as `probability(0.25)`.
impl fmt::Display for SamplerSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlwaysOn => f.write_str("always_on"),
            Self::AlwaysOff => f.write_str("always_off"),
            Self::Share(rate) => rate.fmt(f),
            Self::Probability(rate) => write!(f, "probability({rate})"),
            Self::ApplicationInsights(rate) => write!(f, "application_insights({rate})"),
            Self::RateLimited(limit) => write!(f, "rate_limited({limit})"),
            Self::Custom(sampler) => write!(f, "{:?}", sampler.0),
        }
    }
}

impl fmt::Debug for CustomSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for CustomSampler {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Sampler for CustomSampler {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        self.0.decide(candidate)
    }

    fn constant(&self) -> Option<bool> {
        self.0.constant()
    }
}
