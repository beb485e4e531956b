//! Combines the sampler's decision with the caller's.

use std::time::Instant;

use crate::ids::TraceId;
use crate::propagation::{ParentRate, RemoteParent};
use crate::sampler::token_bucket::TokenBucket;
use crate::sampler::{Candidate, Decision, Sampler};
use crate::sampling_rate::SamplingRate;

/// How a sampled caller (`traceparent: …-01`) is treated.
///
/// # Examples
///
/// For internet-facing services: callers cannot force more than 10 requests a second to be kept.
///
/// ```
/// use opencensus_core::{ParentPolicy, ParentTrust, RemoteUnsampled};
///
/// let policy = ParentPolicy::new(ParentTrust::Limited { per_second: 10 }, RemoteUnsampled::Decide);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ParentTrust {
    /// The request is kept, so that traces across internal services stay complete. The default.
    #[default]
    Trust,
    /// The sampler decides, by a trace id that the caller does not know, and up to this many requests a second
    /// that it drops are kept because of the caller. A kept request continues the caller's trace. For
    /// internet-facing services, where a header must not defeat the sampling rate.
    Limited {
        /// Requests a second.
        per_second: u32,
    },
    /// The request is kept if the caller propagates the rate at which it samples (`ot=th` in `tracestate`,
    /// as this library does); otherwise the sampler decides. Traces across services that propagate their
    /// rate stay complete, and other callers cannot defeat the sampling rate.
    IfRateKnown,
    /// The sampler decides; the caller's decision is ignored. Samplers that decide by the trace id still use the
    /// caller's, so that services agree: see [`ParentPolicy::at_edge`] for callers that are not trusted.
    Never,
}

/// How an unsampled caller (`traceparent: …-00`) is treated. [`ParentPolicy`] has an example.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum RemoteUnsampled {
    /// The sampler decides by the trace id. The default: Azure's front ends send `-00` on every request, and
    /// obeying them would drop everything.
    #[default]
    Decide,
    /// The request is dropped, as by OpenTelemetry's `parentbased_…` samplers.
    Obey,
}

/// The lowest rate of a caller that is used: one in a million.
const MIN_PARENT_RATE: f64 = 1e-6;

/// Combines the sampler's decision with the caller's. The default trusts sampled callers and lets the
/// sampler decide about unsampled ones.
///
/// # Examples
///
/// ```
/// use opencensus_core::{ParentPolicy, ParentTrust, RemoteUnsampled};
///
/// // As OpenTelemetry's `parentbased_…` samplers.
/// let policy = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
/// ```
#[derive(Debug)]
pub struct ParentPolicy {
    sampled: Sampled,
    unsampled: RemoteUnsampled,
    is_edge: bool,
}

#[derive(Debug)]
enum Sampled {
    Keep,
    KeepIfRateKnown,
    KeepUpTo(TokenBucket, Instant),
    Decide,
}

impl ParentPolicy {
    /// Creates a policy for sampled and for unsampled callers.
    #[must_use]
    pub fn new(trust: ParentTrust, unsampled: RemoteUnsampled) -> Self {
        let sampled = match trust {
            ParentTrust::Trust => Sampled::Keep,
            ParentTrust::IfRateKnown => Sampled::KeepIfRateKnown,
            ParentTrust::Limited { per_second } => Sampled::KeepUpTo(TokenBucket::new(per_second), Instant::now()),
            ParentTrust::Never => Sampled::Decide,
        };
        Self { sampled, unsampled, is_edge: false }
    }

    /// Protects a service that untrusted callers reach. Every request begins a trace, to which the caller's is a link,
    /// so that neither the caller's ids nor its flags and rates sway a decision here or in the services behind. A
    /// [limit](ParentTrust::Limited) still holds; otherwise the two settings of [`new`](Self::new) have no effect.
    #[must_use]
    pub fn at_edge(mut self) -> Self {
        self.is_edge = true;
        self
    }

    /// Whether the decision must not depend on the ids of the caller.
    #[inline]
    pub(crate) fn distrusts_ids(&self) -> bool {
        self.is_edge || matches!(self.sampled, Sampled::KeepUpTo(..))
    }

    /// Whether a request that is kept continues the trace of an untrusted caller.
    pub(crate) fn continues_untrusted(&self) -> bool {
        !self.is_edge
    }

    /// Decides about a request. The module documentation lists [the rates of kept
    /// requests](crate::sampler#the-rate-of-a-kept-request).
    #[inline(always)]
    pub fn decide(&self, sampler: &dyn Sampler, candidate: &Candidate<'_>) -> Decision {
        let mut decision = match candidate.caller_decision() {
            None if candidate.parent.is_none() || !self.distrusts_ids() => sampler.decide(candidate),
            _ if self.distrusts_ids() => self.decide_untrusted(sampler, candidate),
            Some(true) => self.decide_sampled(sampler, candidate),
            Some(false) if self.unsampled == RemoteUnsampled::Obey => Decision::at_unknown_rate(false),
            _ => sampler.decide(candidate),
        };
        // A kept request with rate 0 would represent infinitely many.
        decision.rate = decision.rate.filter(|rate| !decision.kept || *rate != SamplingRate::NONE);
        decision
    }

    /// Decides by a trace id that the caller does not know. The sampler does not see the caller.
    #[cold]
    fn decide_untrusted(&self, sampler: &dyn Sampler, candidate: &Candidate<'_>) -> Decision {
        let is_sampled = candidate.caller_decision();
        if is_sampled == Some(false) && self.unsampled == RemoteUnsampled::Obey && !self.is_edge {
            return Decision::at_unknown_rate(false);
        }
        let is_callers = candidate.parent.is_some_and(|parent| parent.context.trace_id() == candidate.trace_id);
        let trace_id = if is_callers { TraceId::random() } else { candidate.trace_id };
        let mut own = sampler.decide(&Candidate::new(trace_id, None, candidate.head));
        if is_callers {
            // Not by the id of the trace.
            own.rule = None;
        }
        match &self.sampled {
            // An untrusted caller's rate is ignored: one header would weigh as much as millions.
            Sampled::KeepUpTo(bucket, start)
                if is_sampled == Some(true) && !own.kept && bucket.take(start.elapsed().as_nanos() as u64) =>
            {
                Decision { kept: true, rate: None, ..own }
            }
            _ => own,
        }
    }

    fn decide_sampled(&self, sampler: &dyn Sampler, candidate: &Candidate<'_>) -> Decision {
        let own = sampler.decide(candidate);
        // The usual case: the sampler keeps every request, so the caller's rate is irrelevant.
        let is_certain = own.kept && own.rate == Some(SamplingRate::ALL);
        if is_certain && self.unsampled == RemoteUnsampled::Decide {
            return own;
        }
        let rate = candidate.parent.and_then(rate_of);
        match &self.sampled {
            Sampled::Decide | Sampled::KeepUpTo(..) => own,
            Sampled::KeepIfRateKnown if rate.is_none() => own,
            Sampled::Keep | Sampled::KeepIfRateKnown => self.follow(candidate, own, rate),
        }
    }

    /// Keeps the request because the caller does.
    fn follow(&self, candidate: &Candidate<'_>, own: Decision, parent: Option<ParentRate>) -> Decision {
        let own_rate = own.rate.filter(|_| own.kept);
        let (rate, rule) = match parent {
            None => (own_rate, own.rule),
            Some(parent) if self.unsampled == RemoteUnsampled::Obey => (Some(parent.rate), parent.rule),
            Some(parent) if own.rate == Some(SamplingRate::NONE) => (Some(parent.rate), parent.rule),
            Some(parent) => (parent.combine(&own, candidate.trace_id).or(own_rate), own.rule),
        };
        Decision { kept: true, rate, rule, attributes: own.attributes }
    }
}

/// The rate that the caller propagates, unless it is implausibly low.
fn rate_of(parent: &RemoteParent) -> Option<ParentRate> {
    let rate = parent.state.as_ref()?.parent_rate(parent.context.span_id())?;
    (rate.rate.get() >= MIN_PARENT_RATE).then_some(rate)
}

impl ParentRate {
    /// The probability with which a request is kept if the caller keeps it at this rate, and the sampler
    /// decides about the others. `None`: it cannot be derived from the two rates.
    fn combine(self, own: &Decision, trace_id: TraceId) -> Option<SamplingRate> {
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
    fn unsampled_caller_is_ignored_by_default() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOn, Some(&parent(false, None))), kept_at(1.0));
        assert!(!decide(&policy, &AlwaysOff, Some(&parent(false, None))).kept);
    }

    #[test]
    fn unsampled_caller_is_obeyed_if_configured() {
        let policy = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
        assert!(!decide(&policy, &AlwaysOn, Some(&parent(false, None))).kept);
        assert_eq!(decide(&policy, &AlwaysOn, None), kept_at(1.0));
    }

    #[test]
    fn caller_without_a_decision_is_not_obeyed() {
        let policy = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
        let caller = RemoteParent { has_decided: false, ..parent(false, None) };
        assert_eq!(decide(&policy, &AlwaysOn, Some(&caller)), kept_at(1.0));
    }

    #[test]
    fn sampled_caller_is_followed_at_the_rate_that_it_propagates() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, Some("ot=th:c")))), kept_at(0.25));
        let decision = decide(&policy, &AlwaysOn, Some(&parent(true, Some("ot=th:c"))));
        assert_eq!(decision, kept_at(1.0), "the sampler keeps it anyway");
        let absurd = parent(true, Some("ot=th:ffffffffffffff"));
        assert_eq!(decide(&policy, &AlwaysOff, Some(&absurd)), kept_at_unknown_rate());
        let limited = ParentPolicy::new(ParentTrust::Limited { per_second: 10 }, RemoteUnsampled::Decide);
        let untrusted = parent(true, Some("ot=th:c"));
        assert_eq!(decide(&limited, &AlwaysOff, Some(&untrusted)), kept_at_unknown_rate());
    }

    #[test]
    fn rate_of_the_caller_is_used_unchanged_if_unsampled_callers_are_obeyed() {
        let policy = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
        let caller = parent(true, Some("ot=th:c"));
        assert_eq!(decide(&policy, &AlwaysOn, Some(&caller)), kept_at(0.25));
    }

    fn caller_at(rule: Option<SamplingRule>, parent_rate: f64) -> RemoteParent {
        let mut parent = parent(true, None);
        let mark = SamplerMark::new(rule, parent.context.span_id());
        parent.state = Some(TraceState::with_rate(None, rate(parent_rate), Some(mark)));
        parent
    }

    #[test]
    fn caller_that_keeps_every_trace_makes_the_rate_one() {
        let half = ProbabilitySampler::new(rate(0.5));
        for _ in 0..100 {
            assert_eq!(decide(&ParentPolicy::default(), &half, Some(&caller_at(None, 1.0))).rate, Some(rate(1.0)));
        }
    }

    #[test]
    fn rate_is_the_higher_of_both_if_the_caller_uses_the_same_rule() {
        let half = ProbabilitySampler::new(rate(0.5));
        for (parent_rate, higher) in [(0.25, 0.5), (0.75, 0.75)] {
            for _ in 0..100 {
                let caller = caller_at(Some(SamplingRule::LowHalf), parent_rate);
                let is_kept = SamplingRule::LowHalf.keeps(caller.context.trace_id(), rate(higher));
                let expected = is_kept.then_some(rate(higher));
                assert_eq!(decide(&ParentPolicy::default(), &half, Some(&caller)).rate, expected);
            }
        }
    }

    #[test]
    fn stale_rates_and_rates_of_other_rules_are_ignored() {
        let half = ProbabilitySampler::new(rate(0.5));
        let mut stale = caller_at(Some(SamplingRule::LowHalf), 1.0);
        // A service in between made another decision and left `tracestate` unchanged.
        stale.context = TraceContext::new(stale.context.trace_id(), SpanId::random(), stale.context.flags());
        for caller in [caller_at(Some(SamplingRule::ApplicationInsights), 0.75), caller_at(None, 0.75), stale] {
            let expected = half.keeps(caller.context.trace_id()).then_some(rate(0.5));
            assert_eq!(decide(&ParentPolicy::default(), &half, Some(&caller)).rate, expected);
        }
    }

    #[test]
    fn kept_request_never_has_rate_zero() {
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
    fn limit_counts_only_requests_that_the_sampler_drops() {
        let limited = ParentPolicy::new(ParentTrust::Limited { per_second: 1 }, RemoteUnsampled::Decide);
        for _ in 0..10 {
            assert_eq!(decide(&limited, &AlwaysOn, Some(&parent(true, None))), kept_at(1.0));
        }
        assert_eq!(decide(&limited, &AlwaysOff, Some(&parent(true, None))), kept_at_unknown_rate());
    }

    #[test]
    fn sampled_caller_without_a_rate_is_followed_at_the_own_or_an_unknown_rate() {
        let policy = ParentPolicy::default();
        assert_eq!(decide(&policy, &AlwaysOn, Some(&parent(true, None))), kept_at(1.0));
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, None))), kept_at_unknown_rate());
    }

    #[test]
    fn caller_is_followed_only_if_it_propagates_its_rate() {
        let policy = ParentPolicy::new(ParentTrust::IfRateKnown, RemoteUnsampled::Decide);
        assert_eq!(decide(&policy, &AlwaysOff, Some(&parent(true, Some("ot=th:c")))), kept_at(0.25));
        assert!(!decide(&policy, &AlwaysOff, Some(&parent(true, None))).kept);
    }

    #[test]
    fn untrusted_caller_cannot_defeat_the_rate() {
        let sampler = ProbabilitySampler::new(rate(1e-9));
        let never = ParentPolicy::new(ParentTrust::Never, RemoteUnsampled::Decide);
        let limited = ParentPolicy::new(ParentTrust::Limited { per_second: 10 }, RemoteUnsampled::Decide);
        let kept = |policy: &ParentPolicy| {
            (0..10_000).filter(|_| decide(policy, &sampler, Some(&parent(true, None))).kept).count()
        };
        assert_eq!(kept(&never), 0);
        // A full bucket and the tokens added while the loop runs.
        assert!((10..100).contains(&kept(&limited)));
    }

    #[test]
    fn ids_of_untrusted_callers_do_not_sway_the_sampler() {
        let sampler = ProbabilitySampler::new(rate(0.01));
        let limited = || ParentPolicy::new(ParentTrust::Limited { per_second: 0 }, RemoteUnsampled::Decide);
        let edge = || ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey).at_edge();
        for policy in [limited(), edge(), limited().at_edge()] {
            for sampled in [false, true] {
                // The sampler keeps every trace with this id.
                let context = TraceContext::new(TraceId::from_number(1), SpanId::random(), TraceFlags::SAMPLED);
                let parent = RemoteParent { context, ..parent(sampled, Some("ot=th:c")) };
                let kept = (0..10_000).filter(|_| decide(&policy, &sampler, Some(&parent)).kept).count();
                // Four standard errors are 40.
                assert!((60..=140).contains(&kept), "{kept}");
            }
        }
    }

    #[test]
    fn unsampled_caller_is_not_obeyed_at_the_edge() {
        let policy = ParentPolicy::new(ParentTrust::Never, RemoteUnsampled::Obey).at_edge();
        assert_eq!(decide(&policy, &AlwaysOn, Some(&parent(false, None))), kept_at(1.0));
    }

    #[test]
    fn decision_without_ids_is_heeded() {
        let alone = |policy: &ParentPolicy, sampler: &dyn Sampler, sampled| {
            let head = Head::get("/");
            let candidate = Candidate::new(TraceId::random(), None, &head).with_decision_alone(sampled);
            policy.decide(sampler, &candidate)
        };
        let obey = ParentPolicy::new(ParentTrust::Trust, RemoteUnsampled::Obey);
        assert!(!alone(&obey, &AlwaysOn, false).kept);
        assert_eq!(alone(&ParentPolicy::default(), &AlwaysOff, true), kept_at_unknown_rate());
        assert_eq!(alone(&ParentPolicy::default(), &AlwaysOn, false), kept_at(1.0));
        assert!(!alone(&obey.at_edge(), &AlwaysOff, true).kept);
    }
}
