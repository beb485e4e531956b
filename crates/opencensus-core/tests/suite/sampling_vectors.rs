//! Test vectors that were recorded with Microsoft's samplers.

use opencensus_core::{
    ApplicationInsightsSampler, Candidate, Decision, NoRequest, ParentPolicy, ParentTrust, RateLimitedSampler,
    RemoteParent, RemoteUnsampled, Sampler, SamplingRate, SpanId, TraceContext, TraceFlags, TraceId, TracesPerSecond,
};
use serde_json::Value;

use test_support::vectors::{self, Row};

fn rate(rate: f64) -> SamplingRate {
    SamplingRate::try_from(rate).unwrap()
}

fn same(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= expected.abs() * 1e-12
}

#[test]
fn hash_sampler_decides_as_microsofts() {
    vectors::run("azure/sampling.json", "rows", |row| {
        let trace_id: TraceId = row["trace_id"].as_str().unwrap().parse().unwrap();
        let wrong = |(ratio, expected): (&String, &Value)| {
            let sampler = ApplicationInsightsSampler::new(ratio.parse().unwrap());
            (sampler.keeps(trace_id) != expected.as_bool().unwrap()).then(|| ratio.clone())
        };
        let wrong: Vec<_> = row["sampled"].as_object().unwrap().iter().filter_map(wrong).collect();
        if wrong.is_empty() { Row::Passed } else { Row::Failed(format!("{trace_id} at {wrong:?}")) }
    });
}

#[test]
fn rates_round_down_as_microsofts() {
    vectors::run("azure/round_down.json", "rows", |row| {
        let found = rate(row["p"].as_f64().unwrap() / 100.0).rounded_down().percent();
        if same(found, row["rounded"].as_f64().unwrap()) { Row::Passed } else { Row::Failed(format!("{row}: {found}")) }
    });
}

#[test]
fn rate_limit_adapts_as_microsofts() {
    vectors::run("azure/rate_limited.json", "rows", |row| {
        let limit = TracesPerSecond::try_from(row["limit_per_second"].as_f64().unwrap()).unwrap();
        let sampler = RateLimitedSampler::new(limit);
        let times = row["at_ns_since_construction"].as_array().unwrap().iter().map(|time| time.as_i64().unwrap());
        // A time before the start counts as 0.
        let found: Vec<_> = times.map(|time| sampler.rate_at(u64::try_from(time).unwrap_or(0)).percent()).collect();
        let expected = row["percentage"].as_array().unwrap();
        let right = expected.len() == found.len()
            && expected.iter().zip(&found).all(|(expected, found)| same(*found, expected.as_f64().unwrap()));
        if right { Row::Passed } else { Row::Failed(format!("{found:?}, not {expected:?}")) }
    });
}

/// A parent in the same process: of two layers the outer one decides and records, so no sampler decides about a local
/// parent.
const NO_LOCAL_PARENTS: &str = "parent: local";

#[test]
fn samplers_treat_parents_as_microsofts() {
    vectors::run("azure/sampling_rules.json", "rows", |row| match row["kind"].as_str().unwrap() {
        "constructor" => constructor(row),
        "parent" => with_parent(row),
        other => Row::Skipped(format!("kind `{other}`")),
    });
}

fn constructor(row: &Value) -> Row {
    let found = row["arg"].as_str().unwrap().parse::<SamplingRate>();
    if found.is_ok() == row["ok"].as_bool().unwrap() { Row::Passed } else { Row::Failed(format!("{row}: {found:?}")) }
}

/// `…; parent: remote, sampled flag 01`
fn parent(case: &str, trace_id: TraceId) -> Option<RemoteParent> {
    let flags = case.contains("remote").then(|| TraceFlags::NONE.with_sampled(case.contains("flag 01")))?;
    Some(RemoteParent::new(TraceContext::new(trace_id, SpanId::from_bytes([7; 8]), flags), None))
}

fn with_parent(row: &Value) -> Row {
    let case = row["case"].as_str().unwrap();
    let trace_id: TraceId = row["trace_id"].as_str().unwrap().parse().unwrap();
    let parent = parent(case, trace_id);
    // Microsoft's samplers ignore remote parents.
    let policy = ParentPolicy::new(ParentTrust::Never, RemoteUnsampled::Decide);
    let hashed = ApplicationInsightsSampler::new(rate(row["ratio"].as_f64().unwrap()));
    let found = policy.decide(&hashed, &Candidate::new(trace_id, parent.as_ref(), &NoRequest));
    if !is_as(&found, &row["application_insights_sampler"]) {
        return Row::Failed(format!("{case}: {found:?}"));
    }
    if case.contains(NO_LOCAL_PARENTS) {
        return Row::Deliberate("a request has no local parent");
    }
    // The limit is half a trace per second, and one trace starts each second: one in two is kept.
    let limited = RateLimitedSampler::new(TracesPerSecond::try_from(0.5).unwrap());
    for second in 1..100 {
        limited.rate_at(second * 1_000_000_000);
    }
    let found = limited.decide_at(trace_id, 100 * 1_000_000_000);
    if is_as(&found, &row["rate_limited_sampler_at_50_percent"]) {
        Row::Passed
    } else {
        Row::Failed(format!("{case}, limited: {found:?}"))
    }
}

fn is_as(found: &Decision, expected: &Value) -> bool {
    let percent = expected["attributes"]["_MS.sampleRate"].as_f64().unwrap();
    found.kept == expected["sampled"].as_bool().unwrap() && found.rate.is_some_and(|rate| same(rate.percent(), percent))
}

#[test]
fn rate_limited_sampler_ignores_remote_parents() {
    let sampler = RateLimitedSampler::new(TracesPerSecond::try_from(0.0).unwrap());
    let policy = ParentPolicy::new(ParentTrust::Never, RemoteUnsampled::Decide);
    let trace_id = TraceId::random();
    let parent = parent("remote, flag 01", trace_id);
    assert!(!policy.decide(&sampler as &dyn Sampler, &Candidate::new(trace_id, parent.as_ref(), &NoRequest)).kept);
}
