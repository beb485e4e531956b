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
//! | who decided | rate |
//! | --- | --- |
//! | the own sampler | its rate |
//! | a trusted caller that told its rate (`ot=th`), and unsampled callers are obeyed | the told one |
//! | a trusted caller that told its rate, and unsampled callers are decided about | the higher of the told and the own one, if the own rule at that rate keeps the trace; else unknown |
//! | a caller that told none, or is trusted within a limit | the own one, if the own sampler keeps the trace; else unknown |
//! | the end: a failure or a slow request | all |
//!
//! The higher of the two, because that is the chance with which such a request is kept: if the
//! caller had not kept the trace, the own sampler might have. A request of unknown rate stands
//! for itself, says so (`sample_rate` = `unknown` in Application Insights), and is counted by
//! [`Stats::unknown_rate`](crate::Stats::unknown_rate). The others' weights are unbiased without
//! them, whatever the callers' rules and rates are.
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
mod randomness;
mod rate;
mod rate_limited;
mod rules;
mod tail;
mod token_bucket;

use std::fmt;

pub use application_insights::ApplicationInsightsSampler;
pub use parent::{ParentPolicy, ParentTrust, RemoteUnsampled};
pub use probability::{AlwaysOff, AlwaysOn, ProbabilitySampler};
pub use randomness::Randomness;
pub(crate) use randomness::threshold;
pub use rate::{InvalidSamplingRate, SamplingRate};
pub use rate_limited::{InvalidTracesPerSecond, RateLimitedSampler, TracesPerSecond};
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

    /// Where the trace lies for a rule that looks at nothing but the trace id: at any rate, the rule
    /// keeps the trace if and only if [`Randomness::is_kept_at`] says so. `None`, the default: it is no
    /// such rule.
    fn randomness(&self, candidate: &Candidate<'_>) -> Option<Randomness> {
        let _ = candidate;
        None
    }
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
    /// What the sampler adds to a request that is kept.
    pub attributes: Vec<Attribute>,
}

impl Decision {
    /// Kept or not, at this rate.
    #[must_use]
    pub const fn new(kept: bool, rate: SamplingRate) -> Self {
        Self { kept, rate: Some(rate), attributes: Vec::new() }
    }

    /// Kept or not, at a rate that nobody knows.
    #[must_use]
    pub const fn at_unknown_rate(kept: bool) -> Self {
        Self { kept, rate: None, attributes: Vec::new() }
    }
}
