//! What a caller's decision counts for.

use std::time::Instant;

use crate::ids::TraceId;
use crate::propagation::{ParentRate, RemoteParent};
use crate::sampler::token_bucket::TokenBucket;
use crate::sampler::{Candidate, Decision, Sampler};
use crate::sampling_rate::SamplingRate;

/// What happens when the caller says that it keeps the trace (`traceparent: …-01`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ParentTrust {
    /// The request is kept, so that traces inside a fleet stay whole. The default.
    #[default]
    Trust,
    /// At most this many requests a second are kept for that reason alone, that is, although the own
    /// sampler would not; beyond, the own sampler decides. For services that strangers can reach: one
    /// header must not defeat the rate.
    Limited {
        /// Requests a second.
        per_second: u32,
    },
    /// The request is kept if the caller tells the rate at which it keeps traces (`ot=th` in
    /// `tracestate`, as this library does), else the own sampler decides. Traces inside a fleet of
    /// such services stay whole, and others do not defeat the rate.
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
        let mut decision = match candidate.parent {
            Some(parent) if parent.context.flags().is_sampled() => self.decide_sampled(sampler, candidate, parent),
            Some(parent) if parent.has_decided && self.unsampled == RemoteUnsampled::Obey => {
                Decision::at_unknown_rate(false)
            }
            _ => sampler.decide(candidate),
        };
        // Nothing stands for infinitely many, whatever a sampler says.
        decision.rate = decision.rate.filter(|rate| !decision.kept || *rate != SamplingRate::NONE);
        decision
    }

    fn decide_sampled(&self, sampler: &dyn Sampler, candidate: &Candidate<'_>, parent: &RemoteParent) -> Decision {
        let own = sampler.decide(candidate);
        // Whatever the caller tells, the request is certain to be kept: most services keep everything.
        let is_certain = own.kept && own.rate == Some(SamplingRate::ALL);
        if is_certain && self.unsampled == RemoteUnsampled::Decide {
            return own;
        }
        match &self.sampled {
            Sampled::Decide => own,
            Sampled::Keep => self.follow(candidate, own, told(parent)),
            Sampled::KeepIfTold => match told(parent) {
                None => own,
                told => self.follow(candidate, own, told),
            },
            Sampled::KeepUpTo(bucket, start) => {
                let has_token = !own.kept && bucket.take(start.elapsed().as_nanos() as u64);
                // A stranger's word on rates counts for nothing: one header would stand for millions.
                if has_token { self.follow(candidate, own, None) } else { own }
            }
        }
    }

    /// The caller keeps the trace, and so do we.
    fn follow(&self, candidate: &Candidate<'_>, own: Decision, told: Option<ParentRate>) -> Decision {
        let of_own = own.rate.filter(|_| own.kept);
        let (rate, rule) = match told {
            None => (of_own, own.rule),
            Some(told) if self.unsampled == RemoteUnsampled::Obey => (Some(told.rate), told.rule),
            Some(told) if own.rate == Some(SamplingRate::NONE) => (Some(told.rate), told.rule),
            Some(told) => (told.joined_with(&own, candidate.trace_id).or(of_own), own.rule),
        };
        Decision { kept: true, rate, rule, attributes: own.attributes }
    }
}

fn told(parent: &RemoteParent) -> Option<ParentRate> {
    let told = parent.state.as_ref()?.told_rate(parent.context.span_id())?;
    (told.rate.get() >= LOWEST_TOLD).then_some(told)
}

impl ParentRate {
    /// The chance with which a request is kept that the caller keeps at this rate, and that the own
    /// sampler would be asked about if it did not; `None`: nobody knows better than the own sampler.
    fn joined_with(self, own: &Decision, trace_id: TraceId) -> Option<SamplingRate> {
        let own_rate = own.rate.filter(|_| self.is_fresh)?;
        let higher = if self.rate.get() > own_rate.get() { self.rate } else { own_rate };
        let same_rule = own.rule.filter(|rule| self.rule == Some(*rule));
        let is_certain = higher == SamplingRate::ALL;
        (is_certain || same_rule.is_some_and(|rule| rule.keeps(trace_id, higher))).then_some(higher)
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
    use crate::ids::SpanId;
    use crate::propagation::{SamplerMark, TraceContext, TraceFlags, TraceState};
    use crate::sampler::{AlwaysOff, AlwaysOn, ProbabilitySampler};
    use crate::sampling_rule::SamplingRule;
    use crate::testing::Head;

    fn parent(sampled: bool, state: Option<&str>) -> RemoteParent {
        let context = TraceContext::root();
        let context = TraceContext::new(context.trace_id(), context.span_id(), TraceFlags::NONE.with_sampled(sampled));
        let state = state.map(|state| TraceState::from_lines([state.as_bytes()].into_iter()).unwrap());
        RemoteParent::new(context, state)
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
    fn caller_that_says_nothing_about_sampling_is_not_obeyed() {
        let policy = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
        let caller = RemoteParent { has_decided: false, ..parent(false, None) };
        assert_eq!(decide(&policy, &AlwaysOn, Some(&caller)), kept_at(1.0));
    }

    #[test]
    fn sampled_caller_is_followed_at_the_rate_that_it_tells() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, Some("ot=th:c")))), kept_at(0.25));
        let rows = decide(&policy, &AlwaysOn, Some(&parent(true, Some("ot=th:c"))));
        assert_eq!(rows, kept_at(1.0), "the own sampler keeps it anyway");
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

    fn told_by(rule: Option<SamplingRule>, told: f64) -> RemoteParent {
        let mut parent = parent(true, None);
        let mark = SamplerMark { rule, span_id: parent.context.span_id() };
        parent.state = Some(TraceState::telling(None, rate(told), Some(mark)));
        parent
    }

    #[test]
    fn caller_that_keeps_everything_makes_a_request_certain() {
        let half = ProbabilitySampler::new(rate(0.5));
        for _ in 0..100 {
            assert_eq!(decide(&ParentPolicy::default(), &half, Some(&told_by(None, 1.0))).rate, Some(rate(1.0)));
        }
    }

    #[test]
    fn caller_of_the_same_rule_and_we_keep_at_the_higher_rate() {
        let half = ProbabilitySampler::new(rate(0.5));
        for (told, wanted) in [(0.25, 0.5), (0.75, 0.75)] {
            for _ in 0..100 {
                let caller = told_by(Some(SamplingRule::LowHalf), told);
                let is_kept = SamplingRule::LowHalf.keeps(caller.context.trace_id(), rate(wanted));
                let wanted = is_kept.then_some(rate(wanted));
                assert_eq!(decide(&ParentPolicy::default(), &half, Some(&caller)).rate, wanted);
            }
        }
    }

    #[test]
    fn rates_of_other_rules_and_old_ones_are_left_to_the_own_sampler() {
        let half = ProbabilitySampler::new(rate(0.5));
        let mut old = told_by(Some(SamplingRule::LowHalf), 1.0);
        // A service in between decided anew, and left `tracestate` as it was.
        old.context = TraceContext::new(old.context.trace_id(), SpanId::random(), old.context.flags());
        for caller in [told_by(Some(SamplingRule::ApplicationInsights), 0.75), told_by(None, 0.75), old] {
            let wanted = half.keeps(caller.context.trace_id()).then_some(rate(0.5));
            assert_eq!(decide(&ParentPolicy::default(), &half, Some(&caller)).rate, wanted);
        }
    }

    #[test]
    fn nothing_stands_for_infinitely_many() {
        #[derive(Debug)]
        struct Absurd;
        impl Sampler for Absurd {
            fn decide(&self, _: &Candidate<'_>) -> Decision {
                Decision::new(true, SamplingRate::NONE)
            }
        }
        assert_eq!(decide(&ParentPolicy::default(), &Absurd, None), kept_at_unknown_rate());
    }

    #[test]
    fn limit_is_spent_on_what_the_own_sampler_would_not_keep() {
        let limited = ParentPolicy::new(ParentTrust::Limited { per_second: 1 }, RemoteUnsampled::Decide);
        for _ in 0..10 {
            assert_eq!(decide(&limited, &AlwaysOn, Some(&parent(true, None))), kept_at(1.0));
        }
        assert_eq!(decide(&limited, &AlwaysOff, Some(&parent(true, None))), kept_at_unknown_rate());
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
