//! Samplers decide which traces are kept.
//!
//! [`ProbabilitySampler`] and [`ApplicationInsightsSampler`] decide by the trace id alone, so that all
//! services in a trace agree. [`RateLimitedSampler`] keeps a number of traces a second. [`RateRules`]
//! select a sampler by path or route. [`ParentPolicy`] combines the sampler's decision with the caller's,
//! and [`TailSampling`] keeps failures and slow requests. A kept request is exported with its
//! [`SamplingRate`](crate::SamplingRate), so that weighted counts are right.
//!
//! # The rate of a kept request
//!
//! | why the request is kept | its rate |
//! | --- | --- |
//! | the sampler keeps its trace | the sampler's |
//! | the caller is sampled, and unsampled callers are obeyed | the rate that the caller propagates; without one, the sampler's if it keeps the trace as well, else unknown |
//! | the caller is sampled, and unsampled callers are ignored | the sampler's if it keeps the trace as well, else unknown, with three exceptions: |
//! | – the sampler's rate is 0 | the caller's |
//! | – the caller itself wrote that it keeps every trace | 1 |
//! | – the caller uses the sampler's rule and itself wrote its rate | the higher of both |
//! | it failed or was slow, and tail sampling keeps it | 1 |
//!
//! The higher of both is right because that is the probability with which such a request is kept: had the
//! caller dropped the trace, the sampler might have kept it. A caller propagates its rate in `tracestate`:
//! for all services in `ot=th` ([OpenTelemetry][otel]), and for this library in the member `oc`, which holds
//! its rule and its span id. If that is the caller's span id, no service in between has made another
//! decision. Rates below one in a million are ignored, and so is every rate of a caller that is trusted
//! within a limit or not at all.
//!
//! The trace id that a dropped request passes on is one that its sampler drops, so that services which decide
//! by it do not keep what this one dropped.
//!
//! A request of unknown rate represents only itself, is exported as such (`sample_rate` = `unknown` in
//! Application Insights), and is counted by [`Stats::unknown_rate`](crate::Stats::unknown_rate). Where
//! unsampled callers are ignored, weighted sums over all other requests are unbiased, whatever rules and
//! rates the callers use, as long as the sampler's rate is not 0. Where unsampled callers are obeyed,
//! requests that they dropped are lost, and sums are right if callers propagate their rate or use the same
//! one.
//!
//! [otel]: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
//!
//! # Examples
//!
//! ```
//! use opencensus_core::{ProbabilitySampler, SamplingRate, TraceId};
//!
//! let sampler = ProbabilitySampler::new(SamplingRate::try_from(0.0)?);
//! assert!(!sampler.keeps(TraceId::from_bytes([7; 16])));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod application_insights;
mod decision;
mod parent;
mod probability;
mod rate_limited;
mod rules;
mod tail;
mod token_bucket;

pub use application_insights::ApplicationInsightsSampler;
pub use decision::{Candidate, Decision, Sampler};
pub use parent::{ParentPolicy, ParentTrust, RemoteUnsampled};
pub use probability::{AlwaysOff, AlwaysOn, ProbabilitySampler};
pub use rate_limited::{InvalidTracesPerSecond, RateLimitedSampler, TracesPerSecond};
pub use rules::{InvalidRouteEntry, RateRules, RouteEntry};
pub use tail::TailSampling;
