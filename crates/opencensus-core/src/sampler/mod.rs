//! Decides which traces are kept.
//!
//! [`ProbabilitySampler`] and [`ApplicationInsightsSampler`] look at the trace id alone, so all
//! services in a trace agree. [`RateLimitedSampler`] holds a number of traces a second.
//! [`RateRules`] choose by path or route. [`ParentPolicy`] says what a caller's own decision counts
//! for, [`TailSampling`] what the request's end does. A kept request carries the [`SamplingRate`]
//! that it stands for, so that weighted counts are right.
//!
//! # How the rate of a kept request comes about
//!
//! | the request is kept because | its rate |
//! | --- | --- |
//! | the own sampler keeps its trace | the own one |
//! | its caller does, and unsampled callers are obeyed | the one that the caller told; else the own one, if the own sampler keeps the trace as well; else unknown |
//! | its caller does, and unsampled callers are decided about | the own one, if the own sampler keeps the trace as well; else unknown. But three cases are known better: |
//! | – the own rate is 0 | the told one |
//! | – the caller keeps everything, and has just told so | all |
//! | – the caller goes by the own sampler's rule, and has just told its rate | the higher of the two |
//! | it failed or was slow, and such requests are kept | all |
//!
//! The higher of the two, because that is the chance with which such a request is kept: if the
//! caller had not kept the trace, the own sampler might have. A caller tells its rate in `tracestate`,
//! for everybody in `ot=th` ([OpenTelemetry][otel]), and for us in a member `oc` that holds its rule
//! and its span's id: if that is the caller's, no service in between has decided anew. Rates below one
//! in a million are not believed, and those of a caller that is trusted within a limit not at all.
//!
//! A request of unknown rate stands for itself, says so (`sample_rate` = `unknown` in Application
//! Insights), and is counted by [`Stats::unknown_rate`](crate::Stats::unknown_rate). Where unsampled
//! callers are decided about, sums over the others are unbiased without them, whatever rules and rates
//! the callers have, as long as the own rate is not 0. Where unsampled callers are obeyed, what they
//! did not keep is lost, and sums are right if callers tell their rate or share ours.
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
