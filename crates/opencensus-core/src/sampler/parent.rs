//! What a caller's decision counts for.

use std::time::Instant;

use crate::propagation::{RemoteParent, TraceState};
use crate::sampler::token_bucket::TokenBucket;
use crate::sampler::{Candidate, Decision, Sampler, SamplingRate};

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
    /// The request is kept if the caller tells the rate at which it keeps traces (`ot=th` in
    /// `tracestate`, as this library does), else the own sampler decides. Weighted counts need no
    /// correction then, and traces inside a fleet of such services stay whole.
    IfRateTold,
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
    KeepIfTold,
    KeepUpTo(TokenBucket, Instant),
    Decide,
}

impl ParentPolicy {
    /// The policy for a caller that keeps the trace, and for one that does not.
    #[must_use]
    pub fn new(trust: ParentTrust, unsampled: RemoteUnsampled) -> Self {
        let sampled = match trust {
            ParentTrust::Trust => Sampled::Keep,
            ParentTrust::IfRateTold => Sampled::KeepIfTold,
            ParentTrust::Limited { per_second } => Sampled::KeepUpTo(TokenBucket::new(per_second), Instant::now()),
            ParentTrust::Never => Sampled::Decide,
        };
        Self { sampled, unsampled }
    }

    /// Decides about a request. The rate of one that is kept is what it stands for; how it comes
    /// about stands [here](crate::sampler#how-the-rate-of-a-kept-request-comes-about).
    #[inline]
    pub fn decide(&self, sampler: &dyn Sampler, candidate: &Candidate<'_>) -> Decision {
        match candidate.parent {
            Some(parent) if parent.context.flags().is_sampled() => {
                let told = self.told_rate(parent);
                if self.follows_sampled(told) {
                    self.follow(sampler, candidate, told)
                } else {
                    sampler.decide(candidate)
                }
            }
            Some(_) if self.unsampled == RemoteUnsampled::Obey => Decision::at_unknown_rate(false),
            _ => sampler.decide(candidate),
        }
    }

    /// The rate at which the caller keeps traces. A stranger's word on it counts for nothing: one
    /// header would stand for millions of requests.
    fn told_rate(&self, parent: &RemoteParent) -> Option<SamplingRate> {
        let is_trusted = matches!(self.sampled, Sampled::Keep | Sampled::KeepIfTold);
        let told = parent.state.as_ref().filter(|_| is_trusted).and_then(TraceState::head_probability);
        told.filter(|probability| *probability >= LOWEST_TOLD).and_then(|told| SamplingRate::try_from(told).ok())
    }

    fn follows_sampled(&self, told: Option<SamplingRate>) -> bool {
        match &self.sampled {
            Sampled::Keep => true,
            Sampled::KeepIfTold => told.is_some(),
            Sampled::KeepUpTo(bucket, start) => bucket.take(start.elapsed().as_nanos() as u64),
            Sampled::Decide => false,
        }
    }

    /// The caller keeps the trace, and so do we.
    fn follow(&self, sampler: &dyn Sampler, candidate: &Candidate<'_>, told: Option<SamplingRate>) -> Decision {
        let own = sampler.decide(candidate);
        let rate = match told {
            Some(told) if self.unsampled == RemoteUnsampled::Obey => Some(told),
            Some(told) => decided_by_both(sampler, candidate, &own, told),
            None => own.rate.filter(|_| own.kept),
        };
        Decision { kept: true, rate, ..own }
    }
}

/// The chance with which a request is kept that the caller keeps at the rate `told`, and that the own
/// sampler would be asked about if it did not.
///
/// If both go by one rule, that is the higher of the two rates. If they do not, the requests that
/// the own rule would not keep at that rate have no weight that makes the sum right but none.
fn decided_by_both(
    sampler: &dyn Sampler,
    candidate: &Candidate<'_>,
    own: &Decision,
    told: SamplingRate,
) -> Option<SamplingRate> {
    let Some(rate) = own.rate else { return Some(told) };
    if rate == SamplingRate::NONE {
        return Some(told);
    }
    let higher = if told.get() > rate.get() { told } else { rate };
    match sampler.randomness(candidate) {
        _ if higher == SamplingRate::ALL => Some(higher),
        Some(randomness) => randomness.is_kept_at(higher).then_some(higher),
        None => own.kept.then_some(rate),
    }
}

impl Default for ParentPolicy {
    fn default() -> Self {
        Self::new(ParentTrust::default(), RemoteUnsampled::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TraceId;
    use crate::propagation::{TraceContext, TraceFlags};
    use crate::sampler::{AlwaysOff, AlwaysOn, ProbabilitySampler};
    use crate::testing::Head;

    fn parent(sampled: bool, state: Option<&str>) -> RemoteParent {
        let context = TraceContext::root();
        let context = TraceContext::new(context.trace_id(), context.span_id(), TraceFlags::NONE.with_sampled(sampled));
        let state = state.map(|state| TraceState::from_lines([state.as_bytes()].into_iter()).unwrap());
        RemoteParent { context, state }
    }

    fn decide(policy: &ParentPolicy, sampler: &dyn Sampler, parent: Option<&RemoteParent>) -> Decision {
        let trace_id = parent.map_or_else(TraceId::random, |parent| parent.context.trace_id());
        policy.decide(sampler, &Candidate::new(trace_id, parent, &Head::get("/")))
    }

    fn rate(rate: f64) -> SamplingRate {
        SamplingRate::try_from(rate).unwrap()
    }

    fn kept_at(kept: f64) -> Decision {
        Decision::new(true, rate(kept))
    }

    fn kept_at_unknown_rate() -> Decision {
        Decision::at_unknown_rate(true)
    }

    #[test]
    fn unsampled_caller_is_not_obeyed_by_default() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOn, Some(&parent(false, None))), kept_at(1.0));
        assert!(!decide(&policy, &AlwaysOff, Some(&parent(false, None))).kept);
    }

    #[test]
    fn unsampled_caller_is_obeyed_on_request() {
        let policy = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
        assert!(!decide(&policy, &AlwaysOn, Some(&parent(false, None))).kept);
        assert_eq!(decide(&policy, &AlwaysOn, None), kept_at(1.0));
    }

    #[test]
    fn sampled_caller_is_followed_at_the_rate_that_it_tells() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, Some("ot=th:c")))), kept_at(0.25));
        let absurd = parent(true, Some("ot=th:ffffffffffffff"));
        assert_eq!(decide(&policy, &AlwaysOff, Some(&absurd)), kept_at_unknown_rate());
        let limited = ParentPolicy::new(ParentTrust::Limited { per_second: 10 }, RemoteUnsampled::Decide);
        let stranger = parent(true, Some("ot=th:c"));
        assert_eq!(decide(&limited, &AlwaysOff, Some(&stranger)), kept_at_unknown_rate());
    }

    #[test]
    fn told_rate_counts_as_it_is_where_unsampled_callers_are_obeyed() {
        let policy = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
        let caller = parent(true, Some("ot=th:c"));
        assert_eq!(decide(&policy, &AlwaysOn, Some(&caller)), kept_at(0.25));
    }

    #[test]
    fn what_the_own_sampler_would_have_kept_anyway_stands_for_no_more_than_that() {
        let policy = ParentPolicy::default();
        let caller = parent(true, Some("ot=th:c"));
        assert_eq!(decide(&policy, &AlwaysOn, Some(&caller)), kept_at(1.0));
        let half = ProbabilitySampler::new(rate(0.5));
        let wanted = if half.keeps(caller.context.trace_id()) { kept_at(0.5) } else { kept_at_unknown_rate() };
        assert_eq!(decide(&policy, &half, Some(&caller)), wanted);
    }

    #[test]
    fn sampled_caller_without_a_rate_is_kept_at_ours_or_at_an_unknown_one() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOn, Some(&parent(true, None))), kept_at(1.0));
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, None))), kept_at_unknown_rate());
    }

    #[test]
    fn caller_is_followed_only_if_it_tells_its_rate() {
        let policy = ParentPolicy::new(ParentTrust::IfRateTold, RemoteUnsampled::Decide);
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, Some("ot=th:c")))), kept_at(0.25));
        assert!(!decide(&policy, &AlwaysOff, Some(&parent(true, None))).kept);
    }

    #[test]
    fn distrusted_caller_cannot_defeat_the_rate() {
        let sampler = ProbabilitySampler::new(rate(1e-9));
        let never = ParentPolicy::new(ParentTrust::Never, RemoteUnsampled::Decide);
        let limited = ParentPolicy::new(ParentTrust::Limited { per_second: 10 }, RemoteUnsampled::Decide);
        let kept = |policy: &ParentPolicy| {
            (0..10_000).filter(|_| decide(policy, &sampler, Some(&parent(true, None))).kept).count()
        };
        assert_eq!(kept(&never), 0);
        // A full bucket, and a little refill while the loop runs.
        assert!((10..100).contains(&kept(&limited)));
    }
}
