//! Which requests are recorded.

use opencensus::sampling::{SamplerSetting, SamplingRate};
use opentelemetry_sdk::trace::Sampler;

/// Which requests are recorded. The caller's decision is ignored everywhere, so that the same share is recorded with
/// and without a caller's trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Share {
    Kept,
    /// All, but by a rate below 1, which the services that the handler calls have to know. Only this project knows that.
    KeptAtRate,
    Tenth,
    None,
    /// All except for the requested path, by the middleware's own filter.
    Blacklisted,
}

impl Share {
    pub(crate) const ALL: [Self; 5] = [Self::Kept, Self::KeptAtRate, Self::Tenth, Self::None, Self::Blacklisted];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::KeptAtRate => "kept at a rate",
            Self::Tenth => "10 %",
            Self::None => "0 %",
            Self::Blacklisted => "blacklisted",
        }
    }

    /// The least and the most of `requests` that may be recorded.
    pub(crate) fn recorded(self, requests: usize) -> (usize, usize) {
        match self {
            Self::Kept | Self::KeptAtRate => (requests, requests),
            Self::Tenth => (requests / 20, requests / 6),
            Self::None | Self::Blacklisted => (0, 0),
        }
    }

    pub(crate) fn of_opentelemetry(self) -> Sampler {
        match self {
            Self::Kept | Self::KeptAtRate | Self::Blacklisted => Sampler::AlwaysOn,
            Self::Tenth => Sampler::TraceIdRatioBased(0.1),
            Self::None => Sampler::AlwaysOff,
        }
    }

    pub(crate) fn of_ours(self) -> SamplerSetting {
        let rate = |rate: f64| SamplerSetting::Share(SamplingRate::try_from(rate).expect("a rate"));
        match self {
            Self::Kept | Self::Blacklisted => SamplerSetting::AlwaysOn,
            // So close to 1 that every request is kept.
            Self::KeptAtRate => rate(1.0 - 1e-12),
            Self::Tenth => rate(0.1),
            Self::None => SamplerSetting::AlwaysOff,
        }
    }
}
