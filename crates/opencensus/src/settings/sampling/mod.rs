//! Types of the sampling settings.

mod keep_failures;
mod preset;
mod rate_rule;
mod sampler_setting;

pub use keep_failures::KeepFailures;
pub use preset::SamplingPreset;
pub(crate) use rate_rule::RateTarget;
pub use rate_rule::{InvalidRateRule, RateRule};
pub use sampler_setting::{CustomSampler, SamplerSetting};
