//! Which requests are kept: the settings, and the samplers made of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opencensus_core::{
    AlwaysOff, AlwaysOn, ApplicationInsightsSampler, Candidate, Decision, InvalidPathEntry, ParentPolicy, ParentTrust,
    ProbabilitySampler, RateLimitedSampler, RateRules, RemoteUnsampled, RouteEntry, Sampler, SamplingRate,
    TailSampling, TracesPerSecond,
};

use crate::Settings;

/// Which traces are kept.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum SamplerSetting {
    /// All. The default.
    #[default]
    AlwaysOn,
    /// None, whatever callers keep, unless their trust is set by its own name.
    AlwaysOff,
    /// This share, by the rule of the [`SamplingPreset`].
    Share(SamplingRate),
    /// This share, by [`ProbabilitySampler`]'s rule.
    Probability(SamplingRate),
    /// This share, by [`ApplicationInsightsSampler`]'s rule.
    ApplicationInsights(SamplingRate),
    /// So many a second: [`RateLimitedSampler`].
    RateLimited(TracesPerSecond),
    /// A sampler of one's own, such as any of OpenTelemetry's. It has no form in a file.
    Custom(CustomSampler),
}

/// A sampler of one's own. Two are equal if they are one.
#[derive(Clone)]
pub struct CustomSampler(Arc<dyn Sampler>);

/// The services that share traces with this one: what their samplers agree on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SamplingPreset {
    /// OpenCensus, and services with this library: a share is chosen by the low half of the trace id,
    /// and a caller that keeps a trace is followed. The default.
    #[default]
    OpenCensus,
    /// Services with Microsoft's exporters: a share is chosen by their hash of the trace id, and
    /// callers decide nothing, as there.
    ApplicationInsights,
}

/// Which failures are kept whatever the rate.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeepFailures {
    /// None. The default.
    #[default]
    Off,
    /// 5xx, requests that ended before their answer did, and what the application calls an error.
    ServerErrors,
    /// These and, unless 4xx answers count as successes, 4xx.
    All,
}

/// The rate of some requests. Of several rules, the first that a request matches decides.
#[derive(Clone, Debug, PartialEq)]
pub struct RateRule {
    pub(crate) target: RateTarget,
    pub(crate) rate: SamplingRate,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RateTarget {
    Path(String),
    Route(String),
}

impl RateRule {
    /// For requests that an entry of the [blacklist's grammar](opencensus_core::path_filter) matches.
    pub fn path(entry: impl Into<String>, rate: SamplingRate) -> Self {
        Self { target: RateTarget::Path(entry.into()), rate }
    }

    /// For requests of a route, such as `/users/{id}` or `GET /users/{id}`; where the route is known
    /// when the request begins, see [`RouteEntry`].
    pub fn route(route: impl Into<String>, rate: SamplingRate) -> Self {
        Self { target: RateTarget::Route(route.into()), rate }
    }
}

impl SamplerSetting {
    /// A sampler of one's own.
    pub fn custom(sampler: impl Sampler) -> Self {
        Self::Custom(CustomSampler(Arc::new(sampler)))
    }
}

/// In short, as a file has it.
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
}

/// A rule of the rates that names no request.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRateRule {
    /// The entry of a path makes no sense.
    #[error(transparent)]
    Path(#[from] InvalidPathEntry),
    /// The route makes no sense.
    #[error("`{0}`: {1}")]
    Route(String, opencensus_core::InvalidRouteEntry),
}

impl Settings {
    pub(crate) fn sampler(&self) -> Result<Box<dyn Sampler>, InvalidRateRule> {
        let own = self.own_sampler();
        if self.rates.is_empty() {
            return Ok(own);
        }
        let mut rules = RateRules::new(own);
        for rule in &self.rates {
            let sampler = self.share(rule.rate);
            rules = match &rule.target {
                RateTarget::Path(entry) => rules.with_path(entry, sampler)?,
                RateTarget::Route(text) => {
                    let route = text.parse::<RouteEntry>();
                    rules.with_route(route.map_err(|fault| InvalidRateRule::Route(text.clone(), fault))?, sampler)
                }
            };
        }
        Ok(Box::new(rules))
    }

    fn own_sampler(&self) -> Box<dyn Sampler> {
        match &self.sampler {
            SamplerSetting::AlwaysOn => Box::new(AlwaysOn),
            SamplerSetting::AlwaysOff => Box::new(AlwaysOff),
            SamplerSetting::Share(rate) => self.share(*rate),
            SamplerSetting::Probability(rate) => Box::new(ProbabilitySampler::new(*rate)),
            SamplerSetting::ApplicationInsights(rate) => Box::new(ApplicationInsightsSampler::new(*rate)),
            SamplerSetting::RateLimited(limit) => Box::new(RateLimitedSampler::new(*limit)),
            SamplerSetting::Custom(sampler) => Box::new(sampler.clone()),
        }
    }

    /// A share by the rule that the sampler has, else by the fleet's.
    fn share(&self, rate: SamplingRate) -> Box<dyn Sampler> {
        let is_hashed = match self.sampler {
            SamplerSetting::ApplicationInsights(_) | SamplerSetting::RateLimited(_) => true,
            SamplerSetting::Probability(_) => false,
            _ => self.fleet == SamplingPreset::ApplicationInsights,
        };
        if is_hashed {
            Box::new(ApplicationInsightsSampler::new(rate))
        } else {
            Box::new(ProbabilitySampler::new(rate))
        }
    }

    /// What is said, else what the presets say. A sampler of one's own decides alone, and "none" is
    /// none.
    pub(crate) fn parents(&self) -> ParentPolicy {
        let decides_alone = self.edge
            || self.fleet == SamplingPreset::ApplicationInsights
            || matches!(self.sampler, SamplerSetting::Custom(_) | SamplerSetting::AlwaysOff);
        let preset = if decides_alone { ParentTrust::Never } else { ParentTrust::Trust };
        let unsampled = self.remote_unsampled.unwrap_or(RemoteUnsampled::Decide);
        ParentPolicy::new(self.parent_trust.unwrap_or(preset), unsampled)
    }

    pub(crate) fn tail_sampling(&self) -> TailSampling {
        let tail = match self.keep_failures {
            KeepFailures::Off => TailSampling::default(),
            KeepFailures::ServerErrors => TailSampling::default().with_failures(true),
            KeepFailures::All => TailSampling::default().with_failures(self.client_errors_succeed),
        };
        self.keep_slower_than.map_or(tail, |duration: Duration| tail.with_slower_than(duration))
    }
}
