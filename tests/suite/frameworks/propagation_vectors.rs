//! What a service hands on, with every row of the vectors, over real sockets: a
//! service is asked to call, and what arrives there is judged; also at rate 0 and blacklisted.

use opencensus::{SamplerSetting, SamplingRate, Settings};
use opencensus_core::{TraceContext, TraceState};
use serde_json::Value;

use crate::support::in_memory;
use crate::support::server::{Framework, Server};
use test_support::harness::{Harness, TraceHeaders};
use test_support::vectors;

fn lines(case: &Value, name: &'static str) -> Vec<(&'static str, Vec<u8>)> {
    vectors::header_values(case).into_iter().map(|line| (name, line)).collect()
}

const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Exactly one well-formed header goes out, and never with the caller's own span.
fn context(arrived: &TraceHeaders, case: &Value) -> TraceContext {
    let [header] = &*arrived.0 else { panic!("{}: {arrived:?}", case["id"]) };
    TraceContext::parse(header.as_bytes()).unwrap_or_else(|| panic!("{}: {header}", case["id"]))
}

fn judge_traceparent(case: &Value, arrived: &TraceHeaders, sampled: Option<bool>) {
    let context = context(arrived, case);
    let is_same = case["expect"]["trace_id"].as_str().is_some_and(|id| context.trace_id().to_string() == id);
    match case["verdict"].as_str().unwrap() {
        "valid" => {
            assert!(is_same, "{}: {arrived:?}", case["id"]);
            assert_ne!(context.span_id().to_string(), case["expect"]["parent_id"], "{}", case["id"]);
        }
        "either" => {}
        // A trace of our own, not what could be read of theirs.
        _ => assert!(
            vectors::header_values(case)
                .iter()
                .all(|line| { !String::from_utf8_lossy(line).contains(&context.trace_id().to_string()) }),
            "{}: {arrived:?}",
            case["id"]
        ),
    }
    if let Some(sampled) = sampled {
        assert_eq!(context.flags().is_sampled(), sampled, "{}", case["id"]);
    }
}

/// Members that are not ours.
fn foreign(arrived: &TraceHeaders) -> Vec<(String, String)> {
    let state = TraceState::from_lines(arrived.1.iter().map(String::as_bytes));
    let members = state.iter().flat_map(|state| state.members().expect("a well-formed list"));
    let members = members.filter(|(key, _)| !["ot", "oc"].contains(key));
    members.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn judge_tracestate(case: &Value, arrived: &TraceHeaders) {
    assert_eq!(context(arrived, case).trace_id().to_string(), VALID[3..35], "{}", case["id"]);
    let wanted: Vec<(String, String)> = serde_json::from_value(case["members"].clone()).unwrap_or_default();
    let wanted: Vec<_> = wanted.into_iter().filter(|(key, _)| !["ot", "oc"].contains(&&**key)).collect();
    match case["verdict"].as_str().unwrap() {
        // What the W3C's own suite refuses; see the vectors' own test.
        "valid-level2" if foreign(arrived).is_empty() => {}
        "valid" | "valid-level2" | "duplicate" => assert_eq!(foreign(arrived), wanted, "{}", case["id"]),
        "empty" | "invalid" => assert!(foreign(arrived).is_empty(), "{}: {arrived:?}", case["id"]),
        _ => assert!(foreign(arrived).is_empty() || foreign(arrived) == wanted, "{}: {arrived:?}", case["id"]),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_vector_holds_over_sockets_recorded_or_not() {
    let none = SamplerSetting::Probability(SamplingRate::NONE);
    let fates = [
        ("kept", Settings::default(), Some(true)),
        // A caller that keeps the trace is followed.
        ("rate 0", Settings::default().with_sampler(none), None),
        ("blacklisted", Settings::default().with_blacklist_paths(["/trace-context-test"]), Some(false)),
    ];
    let parents = vectors::read_bundled("corpora/traceparent.json");
    let states = vectors::read_bundled("corpora/tracestate.json");
    for framework in Framework::ALL {
        for (fate, settings, sampled) in fates.clone() {
            let (telemetry, _) = in_memory(settings);
            let server = Server::start(framework, telemetry).await;
            let harness = Harness::start().await;
            let (mut ran, mut refused) = (0, 0);
            for case in parents["cases"].as_array().unwrap() {
                match harness.request_calls(server.address, &lines(case, "traceparent"), 1).await {
                    Some(arrived) => judge_traceparent(case, &arrived[0], sampled),
                    None => refused += 1,
                }
                ran += 1;
            }
            for case in states["cases"].as_array().unwrap() {
                let mut sent = lines(case, "tracestate");
                sent.push(("traceparent", VALID.into()));
                match harness.request_calls(server.address, &sent, 1).await {
                    Some(arrived) => judge_tracestate(case, &arrived[0]),
                    None => refused += 1,
                }
                ran += 1;
            }
            println!("contract {framework:?}, {fate}: ran {ran}, {refused} of them refused by HTTP itself");
            assert!(refused < ran / 5, "{refused} of {ran}");
            server.stop().await;
        }
    }
}
