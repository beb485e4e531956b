//! The sampler trait: one decision for each candidate.

use std::fmt;

use crate::attribute::Attribute;
use crate::ids::TraceId;
use crate::propagation::RemoteParent;
use crate::request::RequestHead;
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;

/// Decides which traces are kept when no caller has decided, or when the caller's decision is ignored.
///
/// The tracer calls it on the request's thread, once for every request that the blacklist does not
/// exclude: an implementation must not block or panic, and should not allocate much.
///
/// # Examples
///
/// A sampler that keeps every trace whose path is below `/orders`:
///
/// ```
/// use opencensus_core::{Candidate, Decision, Sampler, SamplingRate};
///
/// #[derive(Debug)]
/// struct Orders;
///
/// impl Sampler for Orders {
///     fn decide(&self, candidate: &Candidate<'_>) -> Decision {
///         let is_kept = candidate.head.path().starts_with("/orders/");
///         Decision::new(is_kept, if is_kept { SamplingRate::ALL } else { SamplingRate::NONE })
///     }
/// }
/// ```
pub trait Sampler: Send + Sync + fmt::Debug + 'static {
    /// Whether the trace is kept, and at which rate such traces are kept.
    fn decide(&self, candidate: &Candidate<'_>) -> Decision;

    /// Whether the sampler keeps every trace (`Some(true)`) or none (`Some(false)`), at the rates 1 and 0, without a rule.
    /// Then the tracer does not call [`decide`](Self::decide) for a request whose headers state nothing about a caller, and
    /// creates no ids for one that is dropped. It reads this once, when it is created. Default: `None`.
    fn constant(&self) -> Option<bool> {
        None
    }
}

impl<S: Sampler> From<S> for Box<dyn Sampler> {
    fn from(sampler: S) -> Self {
        Box::new(sampler)
    }
}

/// A request that a sampler decides about. [`Sampler`] has an example.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// The id of the trace: the caller's, or a new one.
    pub trace_id: TraceId,
    /// The caller's trace context, if the request carries one.
    pub parent: Option<&'a RemoteParent>,
    /// The request's head.
    pub head: &'a dyn RequestHead,
    decision_alone: Option<bool>,
}

impl<'a> Candidate<'a> {
    /// Creates a candidate from its parts.
    #[must_use]
    pub fn new(trace_id: TraceId, parent: Option<&'a RemoteParent>, head: &'a dyn RequestHead) -> Self {
        Self { trace_id, parent, head, decision_alone: None }
    }

    /// Adds the decision of a caller that sent it without ids, as B3 allows. The request begins a trace.
    #[must_use]
    pub const fn with_decision_alone(mut self, is_sampled: bool) -> Self {
        self.decision_alone = Some(is_sampled);
        self
    }

    /// The caller's sampling decision. `None`: there is no caller, or it left the decision open.
    #[inline]
    #[must_use]
    pub fn caller_decision(&self) -> Option<bool> {
        match self.parent {
            Some(parent) => parent.has_decided.then(|| parent.context.flags().is_sampled()),
            None => self.decision_alone,
        }
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("trace_id", &self.trace_id).finish_non_exhaustive()
    }
}

/// A sampler's decision about a trace.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Decision, SamplingRate, SamplingRule};
///
/// let decision = Decision::new(true, SamplingRate::try_from(0.1)?).with_rule(SamplingRule::LowHalf);
/// assert!(decision.kept && decision.rule == Some(SamplingRule::LowHalf));
/// # Ok::<(), opencensus_core::InvalidSamplingRate>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// Whether the trace is kept.
    pub kept: bool,
    /// The share of such traces that is kept: a kept one represents `1 / rate` traces. `None`: unknown.
    pub rate: Option<SamplingRate>,
    /// The rule that decided by the trace id alone, if one did.
    pub rule: Option<SamplingRule>,
    /// Attributes that the sampler adds to a kept request.
    pub attributes: Vec<Attribute>,
}

impl Decision {
    /// Creates a decision at this rate, without rule and attributes.
    #[must_use]
    pub const fn new(kept: bool, rate: SamplingRate) -> Self {
        Self { kept, rate: Some(rate), rule: None, attributes: Vec::new() }
    }

    /// Creates a decision whose rate is unknown.
    #[must_use]
    pub const fn at_unknown_rate(kept: bool) -> Self {
        Self { kept, rate: None, rule: None, attributes: Vec::new() }
    }

    /// Sets the rule that decided by the trace id alone.
    #[must_use]
    pub fn with_rule(mut self, rule: SamplingRule) -> Self {
        self.rule = Some(rule);
        self
    }
}
