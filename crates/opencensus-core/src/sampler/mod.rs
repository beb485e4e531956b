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
mod parent;
mod probability;
mod rate;
mod rate_limited;
mod rule;
mod rules;
mod tail;
mod token_bucket;

use std::fmt;

pub use application_insights::ApplicationInsightsSampler;
pub use parent::{ParentPolicy, ParentTrust, RemoteUnsampled};
pub use probability::{AlwaysOff, AlwaysOn, ProbabilitySampler};
pub use rate::{InvalidSamplingRate, SamplingRate};
pub use rate_limited::{InvalidTracesPerSecond, RateLimitedSampler, TracesPerSecond};
pub use rule::SamplingRule;
pub use rules::{InvalidRouteEntry, RateRules, RouteEntry};
pub use tail::TailSampling;

use crate::ids::TraceId;
use crate::propagation::RemoteParent;
use crate::request::RequestHead;
use crate::span::Attribute;

/// Decides about a trace when no caller has decided, or the caller's decision does not count.
///
/// Called on the request's thread, once for every request outside the blacklist: an implementation
/// must not block, allocate much, or panic.
pub trait Sampler: Send + Sync + fmt::Debug + 'static {
    /// Whether the trace is kept, and at which rate such traces are.
    fn decide(&self, candidate: &Candidate<'_>) -> Decision;
}

/// A request that a sampler decides about.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// The trace: the caller's, or a new one.
    pub trace_id: TraceId,
    /// What the caller says. `None`: nothing.
    pub parent: Option<&'a RemoteParent>,
    /// The request's head.
    pub head: &'a dyn RequestHead,
}

impl<'a> Candidate<'a> {
    /// Puts the parts together.
    #[must_use]
    pub fn new(trace_id: TraceId, parent: Option<&'a RemoteParent>, head: &'a dyn RequestHead) -> Self {
        Self { trace_id, parent, head }
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("trace_id", &self.trace_id).finish_non_exhaustive()
    }
}

/// What was decided about a trace.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// Whether it is kept.
    pub kept: bool,
    /// The share of such traces that is kept: a kept one stands for `1 / rate`. `None`: not known.
    pub rate: Option<SamplingRate>,
    /// The rule by which the trace id alone decided. `None`: it was none of these.
    pub rule: Option<SamplingRule>,
    /// What the sampler adds to a request that is kept.
    pub attributes: Vec<Attribute>,
}

impl Decision {
    /// Kept or not, at this rate.
    #[must_use]
    pub const fn new(kept: bool, rate: SamplingRate) -> Self {
        Self { kept, rate: Some(rate), rule: None, attributes: Vec::new() }
    }

    /// Kept or not, at a rate that nobody knows.
    #[must_use]
    pub const fn at_unknown_rate(kept: bool) -> Self {
        Self { kept, rate: None, rule: None, attributes: Vec::new() }
    }

    /// The same by this rule.
    #[must_use]
    pub fn by(mut self, rule: SamplingRule) -> Self {
        self.rule = Some(rule);
        self
    }
}
