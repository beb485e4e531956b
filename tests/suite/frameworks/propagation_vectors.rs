//! The service propagates every row of the vectors as specified: each request makes the service call a harness, and the
//! test checks the headers of these calls. The rows also run at rate 0 and for blacklisted requests.

use opencensus::Settings;
use opencensus::sampling::{SamplerSetting, SamplingRate};
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

/// The context of the outgoing call, which has exactly one well-formed `traceparent`.
fn context(headers: &TraceHeaders, case: &Value) -> TraceContext {
    let [header] = &*headers.0 else { panic!("{}: {headers:?}", case["id"]) };
    TraceContext::parse(header.as_bytes()).unwrap_or_else(|| panic!("{}: {header}", case["id"]))
}

fn check_traceparent(case: &Value, headers: &TraceHeaders, sampled: Option<bool>) {
    let context = context(headers, case);
    let is_same = case["expect"]["trace_id"].as_str().is_some_and(|id| context.trace_id().to_string() == id);
    match case["verdict"].as_str().unwrap() {
        "valid" => {
            assert!(is_same, "{}: {headers:?}", case["id"]);
            assert_ne!(context.span_id().to_string(), case["expect"]["parent_id"], "{}", case["id"]);
        }
        "either" => {}
        // A new trace, with nothing from the malformed header.
        _ => assert!(
            vectors::header_values(case)
                .iter()
                .all(|line| { !String::from_utf8_lossy(line).contains(&context.trace_id().to_string()) }),
            "{}: {headers:?}",
            case["id"]
        ),
    }
    if let Some(sampled) = sampled {
        assert_eq!(context.flags().is_sampled(), sampled, "{}", case["id"]);
    }
}

/// The members that other vendors own.
fn foreign(headers: &TraceHeaders) -> Vec<(String, String)> {
    let state = TraceState::from_lines(headers.1.iter().map(String::as_bytes));
    let members = state.iter().flat_map(|state| state.members().expect("a well-formed list"));
    let members = members.filter(|(key, _)| !["ot", "oc"].contains(key));
    members.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn check_tracestate(case: &Value, headers: &TraceHeaders) {
    assert_eq!(context(headers, case).trace_id().to_string(), VALID[3..35], "{}", case["id"]);
    let expected: Vec<(String, String)> = serde_json::from_value(case["members"].clone()).unwrap_or_default();
    let expected: Vec<_> = expected.into_iter().filter(|(key, _)| !["ot", "oc"].contains(&&**key)).collect();
    match case["verdict"].as_str().unwrap() {
        "valid" | "valid-level2" | "duplicate" => assert_eq!(foreign(headers), expected, "{}", case["id"]),
        "empty" | "invalid" => assert!(foreign(headers).is_empty(), "{}: {headers:?}", case["id"]),
        _ => assert!(foreign(headers).is_empty() || foreign(headers) == expected, "{}: {headers:?}", case["id"]),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_vector_holds_over_sockets_recorded_or_not() {
    let none = SamplerSetting::Probability(SamplingRate::NONE);
    let modes = [
        ("kept", Settings::default(), Some(true)),
        // The decision of a caller that keeps the trace is followed.
        ("rate 0", Settings::default().with_sampler(none), None),
        ("blacklisted", Settings::default().with_blacklist_paths(["/trace-context-test"]), Some(false)),
    ];
    let parents = vectors::read_bundled("corpora/traceparent.json");
    let states = vectors::read_bundled("corpora/tracestate.json");
    for framework in Framework::ALL {
        for (mode, settings, sampled) in modes.clone() {
            let (telemetry, _) = in_memory(settings);
            let server = Server::start(framework, telemetry).await;
            let harness = Harness::start().await;
            let (mut ran, mut refused) = (0, 0);
            for case in parents["cases"].as_array().unwrap() {
                match harness.request_calls(server.address, &lines(case, "traceparent"), 1).await {
                    Some(headers) => check_traceparent(case, &headers[0], sampled),
                    None => refused += 1,
                }
                ran += 1;
            }
            for case in states["cases"].as_array().unwrap() {
                let mut sent = lines(case, "tracestate");
                sent.push(("traceparent", VALID.into()));
                match harness.request_calls(server.address, &sent, 1).await {
                    Some(headers) => check_tracestate(case, &headers[0]),
                    None => refused += 1,
                }
                ran += 1;
            }
            println!("vectors over {framework:?}, {mode}: ran {ran}, {refused} of them are invalid HTTP");
            assert!(refused < ran / 5, "{refused} of {ran}");
            server.stop().await;
        }
    }
}
