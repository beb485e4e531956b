//! What a caller's decision counts for.

use std::time::Instant;

use crate::ids::TraceId;
use crate::propagation::{RemoteParent, TraceState};
use crate::sampler::token_bucket::TokenBucket;
use crate::sampler::{Sampler, SamplingRate};

/// What happens when the caller says that it keeps the trace (`traceparent: …-01`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ParentTrust {
    /// The request is kept, so that traces inside a fleet stay whole. The default.
    #[default]
    Trust,
    /// At most this many requests a second are kept for that reason; beyond, the own sampler
    /// decides. For services that strangers can reach: one header must not defeat the rate.
    Limited {
        /// Requests a second.
        per_second: u32,
    },
    /// The own sampler decides, as if the caller had said nothing.
    Never,
}

/// What happens when the caller says that it does not keep the trace (`traceparent: …-00`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum RemoteUnsampled {
    /// The own sampler decides by the trace id. The default: Azure's front ends send `-00` on
    /// every request, and obeying them would lose everything.
    #[default]
    Decide,
    /// The request is not kept: OpenTelemetry's `parentbased_…` samplers.
    Obey,
}

/// A head that keeps less than one in a million is not believed.
const LOWEST_TOLD: f64 = 1e-6;

/// Joins the own sampler with the caller's decision.
#[derive(Debug)]
pub struct ParentPolicy {
    sampled: Sampled,
    unsampled: RemoteUnsampled,
}

#[derive(Debug)]
enum Sampled {
    Keep,
    KeepUpTo(TokenBucket, Instant),
    Decide,
}

/// Whether a request is kept, and what it then stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// Not kept.
    Drop,
    /// Kept by the own sampler, and standing for `1 / rate` requests.
    Keep(SamplingRate),
    /// Kept because the caller keeps it, and standing for `1 / rate` requests.
    Follow(SamplingRate),
    /// Kept because the caller keeps it, at a rate that nobody told us. It stands for itself.
    KeepAtUnknownRate,
}

impl ParentPolicy {
    /// The policy for a caller that keeps the trace, and for one that does not.
    #[must_use]
    pub fn new(trust: ParentTrust, unsampled: RemoteUnsampled) -> Self {
        let sampled = match trust {
            ParentTrust::Trust => Sampled::Keep,
            ParentTrust::Limited { per_second } => Sampled::KeepUpTo(TokenBucket::new(per_second), Instant::now()),
            ParentTrust::Never => Sampled::Decide,
        };
        Self { sampled, unsampled }
    }

    /// Decides about a request of the trace `trace_id`.
    pub fn decide<S: Sampler + ?Sized>(
        &self,
        sampler: &S,
        trace_id: TraceId,
        parent: Option<&RemoteParent>,
    ) -> Verdict {
        match parent {
            Some(parent) if parent.context.flags().is_sampled() => {
                if self.follows_sampled() {
                    self.follow(sampler, parent)
                } else {
                    own(sampler, trace_id)
                }
            }
            Some(_) if self.unsampled == RemoteUnsampled::Obey => Verdict::Drop,
            _ => own(sampler, trace_id),
        }
    }

    /// The caller decided: the rate is the head's, if it told; else ours, if we would have kept the
    /// trace as well; else unknown. A stranger's word on rates counts for nothing: one header would
    /// stand for millions of requests.
    fn follow<S: Sampler + ?Sized>(&self, sampler: &S, parent: &RemoteParent) -> Verdict {
        let is_trusted = matches!(self.sampled, Sampled::Keep);
        let told = parent.state.as_ref().filter(|_| is_trusted).and_then(TraceState::head_probability);
        let told = told.filter(|probability| *probability >= LOWEST_TOLD);
        match told.and_then(|probability| SamplingRate::try_from(probability).ok()) {
            Some(rate) => Verdict::Follow(rate),
            None if sampler.keeps(parent.context.trace_id()) => Verdict::Follow(sampler.rate()),
            None => Verdict::KeepAtUnknownRate,
        }
    }

    fn follows_sampled(&self) -> bool {
        match &self.sampled {
            Sampled::Keep => true,
            Sampled::KeepUpTo(bucket, start) => bucket.take(start.elapsed().as_nanos() as u64),
            Sampled::Decide => false,
        }
    }
}

impl Default for ParentPolicy {
    fn default() -> Self {
        Self::new(ParentTrust::default(), RemoteUnsampled::default())
    }
}

fn own<S: Sampler + ?Sized>(sampler: &S, trace_id: TraceId) -> Verdict {
    if sampler.keeps(trace_id) { Verdict::Keep(sampler.rate()) } else { Verdict::Drop }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::{TraceContext, TraceFlags};
    use crate::sampler::{AlwaysOff, AlwaysOn, ProbabilitySampler};

    fn parent(sampled: bool, state: Option<&str>) -> RemoteParent {
        let context = TraceContext::root();
        let context = TraceContext::new(context.trace_id(), context.span_id(), TraceFlags::NONE.with_sampled(sampled));
        let state = state.map(|state| TraceState::from_lines([state.as_bytes()].into_iter()).unwrap());
        RemoteParent { context, state }
    }

    fn decide(policy: &ParentPolicy, sampler: &dyn Sampler, parent: Option<&RemoteParent>) -> Verdict {
        let trace_id = parent.map_or_else(TraceId::random, |parent| parent.context.trace_id());
        policy.decide(sampler, trace_id, parent)
    }

    #[test]
    fn unsampled_caller_is_not_obeyed_by_default() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOn, Some(&parent(false, None))), Verdict::Keep(SamplingRate::ALL));
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(false, None))), Verdict::Drop);
    }

    #[test]
    fn unsampled_caller_is_obeyed_on_request() {
        let policy = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
        assert_eq!(decide(&policy, &AlwaysOn, Some(&parent(false, None))), Verdict::Drop);
        assert_eq!(decide(&policy, &AlwaysOn, None), Verdict::Keep(SamplingRate::ALL));
    }

    #[test]
    fn sampled_caller_is_followed_at_the_rate_that_it_tells() {
        let policy = ParentPolicy::default();
        let quarter = SamplingRate::try_from(0.25).unwrap();
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, Some("ot=th:c")))), Verdict::Follow(quarter));
        let absurd = parent(true, Some("ot=th:ffffffffffffff"));
        assert_eq!(decide(&policy, &AlwaysOff, Some(&absurd)), Verdict::KeepAtUnknownRate);
        let limited = ParentPolicy::new(ParentTrust::Limited { per_second: 10 }, RemoteUnsampled::Decide);
        let stranger = parent(true, Some("ot=th:c"));
        assert_eq!(decide(&limited, &AlwaysOff, Some(&stranger)), Verdict::KeepAtUnknownRate);
    }

    #[test]
    fn sampled_caller_without_threshold_counts_by_our_rate_or_as_itself() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOn, Some(&parent(true, None))), Verdict::Follow(SamplingRate::ALL));
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, None))), Verdict::KeepAtUnknownRate);
    }

    #[test]
    fn distrusted_caller_cannot_defeat_the_rate() {
        let sampler = ProbabilitySampler::new(SamplingRate::try_from(1e-9).unwrap());
        let never = ParentPolicy::new(ParentTrust::Never, RemoteUnsampled::Decide);
        let limited = ParentPolicy::new(ParentTrust::Limited { per_second: 10 }, RemoteUnsampled::Decide);
        let kept = |policy: &ParentPolicy| {
            (0..10_000).filter(|_| decide(policy, &sampler, Some(&parent(true, None))) != Verdict::Drop).count()
        };
        assert_eq!(kept(&never), 0);
        // A full bucket, and a little refill while the loop runs.
        assert!((10..100).contains(&kept(&limited)));
    }
}
