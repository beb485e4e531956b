//! Builds the samplers of the settings.

use opencensus_core::{
    AlwaysOff, AlwaysOn, ApplicationInsightsSampler, ParentPolicy, ParentTrust, ProbabilitySampler, RateLimitedSampler,
    RateRules, RemoteUnsampled, RouteEntry, Sampler, SamplingRate, TailSampling,
};

use crate::settings::{InvalidRateRule, KeepFailures, RateTarget, SamplerSetting, SamplingPreset, TraceSettings};

/// The sampler of requests without a parent, with the rates of paths and routes in front.
pub(super) fn sampler(trace: &TraceSettings) -> Result<Box<dyn Sampler>, InvalidRateRule> {
    let base = base_sampler(trace);
    if trace.rates.is_empty() {
        return Ok(base);
    }
    let mut rules = RateRules::new(base);
    for rule in &trace.rates {
        let sampler = fraction(trace, rule.rate);
        rules = match &rule.target {
            RateTarget::Path(entry) => rules.with_path(entry, sampler)?,
            RateTarget::Route(text) => {
                let route = text.parse::<RouteEntry>();
                rules.with_route(route.map_err(|error| InvalidRateRule::Route(text.clone(), error))?, sampler)
            }
        };
    }
    Ok(Box::new(rules))
}

fn base_sampler(trace: &TraceSettings) -> Box<dyn Sampler> {
    match &trace.sampler {
        SamplerSetting::AlwaysOn => Box::new(AlwaysOn),
        SamplerSetting::AlwaysOff => Box::new(AlwaysOff),
        SamplerSetting::Share(rate) => fraction(trace, *rate),
        SamplerSetting::Probability(rate) => Box::new(ProbabilitySampler::new(*rate)),
        SamplerSetting::ApplicationInsights(rate) => Box::new(ApplicationInsightsSampler::new(*rate)),
        SamplerSetting::RateLimited(limit) => Box::new(RateLimitedSampler::new(*limit)),
        SamplerSetting::Custom(sampler) => Box::new(sampler.clone()),
    }
}

/// A sampler of a fraction of traces, by the rule of the base sampler, or of the preset if the base sampler has none.
fn fraction(trace: &TraceSettings, rate: SamplingRate) -> Box<dyn Sampler> {
    let is_hashed = match trace.sampler {
        SamplerSetting::ApplicationInsights(_) | SamplerSetting::RateLimited(_) => true,
        SamplerSetting::Probability(_) => false,
        _ => trace.preset == SamplingPreset::ApplicationInsights,
    };
    if is_hashed { Box::new(ApplicationInsightsSampler::new(rate)) } else { Box::new(ProbabilitySampler::new(rate)) }
}

/// How parents are treated: as set, else as the presets imply. A custom sampler decides without the parent, and
/// `always_off` keeps nothing. At the edge, only a limit is used.
pub(super) fn parents(trace: &TraceSettings) -> ParentPolicy {
    let ignores_parents = trace.preset == SamplingPreset::ApplicationInsights
        || matches!(trace.sampler, SamplerSetting::Custom(_) | SamplerSetting::AlwaysOff);
    let implied = if ignores_parents { ParentTrust::Never } else { ParentTrust::Trust };
    let trust = trace.parent_trust.unwrap_or(implied);
    match (trace.edge, trust) {
        (true, ParentTrust::Limited { .. }) => ParentPolicy::new(trust, RemoteUnsampled::Decide).at_edge(),
        (true, _) => ParentPolicy::new(ParentTrust::Never, RemoteUnsampled::Decide).at_edge(),
        (false, _) => ParentPolicy::new(trust, trace.remote_unsampled.unwrap_or(RemoteUnsampled::Decide)),
    }
}

/// The settings that would cancel the protection of `edge`. They have no effect.
pub(super) fn ineffective(trace: &TraceSettings) -> impl Iterator<Item = String> {
    let trusts = matches!(trace.parent_trust, Some(ParentTrust::Trust | ParentTrust::IfRateKnown));
    let obeys = trace.remote_unsampled == Some(RemoteUnsampled::Obey);
    let settings = [("parent_trust", trusts), ("remote_unsampled", obeys)].into_iter();
    let ineffective = settings.filter(|(_, is_set)| trace.edge && *is_set);
    ineffective.map(|(name, _)| {
        format!(
            "`trace.{name}` has no effect, because `trace.edge` protects from untrusted callers; remove one of them"
        )
    })
}

/// The requests that are kept for their outcome.
pub(super) fn tail_sampling(trace: &TraceSettings) -> TailSampling {
    let tail = match trace.keep_failures {
        KeepFailures::Off => TailSampling::default(),
        KeepFailures::ServerErrors => TailSampling::default().with_failures(true),
        KeepFailures::All => TailSampling::default().with_failures(trace.client_errors_succeed),
    };
    let tail = trace.keep_slower_than.map_or(tail, |duration| tail.with_slower_than(duration));
    if trace.keep_items { tail } else { tail.without_items() }
}
