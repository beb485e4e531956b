//! Test vectors for `traceparent`, `tracestate`, `baggage` and the headers of proxies.

use opencensus_core::request::ClientHeader;
use opencensus_core::{Baggage, BaggageMember, ForwardedHeader, RemoteParent, TraceState, TrustedProxies};
use serde_json::Value;

use test_support::vectors::{self, Row, header_values};

fn check(passed: bool, reason: impl FnOnce() -> String) -> Row {
    if passed { Row::Passed } else { Row::Failed(reason()) }
}

/// The agreed result of a case; empty if there is none.
fn verdict(case: &Value) -> &str {
    case["verdict"].as_str().unwrap_or_default()
}

#[test]
fn every_traceparent_is_read_as_specified() {
    vectors::run("corpora/traceparent.json", "cases", |case| {
        let lines = header_values(case);
        let parent = RemoteParent::from_lines(lines.iter().map(Vec::as_slice), || None);
        let verdict = verdict(case);
        let found = || format!("{verdict}, but {parent:?}: {}", case["values"]);
        match (verdict, &parent) {
            // The header is malformed only by one of two readings of the specification.
            ("either" | "", _) => Row::Undecided,
            ("valid", Some(parent)) => {
                let (expect, context) = (&case["expect"], parent.context);
                let flag = |name: &str, found: bool| expect[name].as_bool().is_none_or(|expected| expected == found);
                let outgoing = String::from_utf8(context.to_header().to_vec()).unwrap();
                let mask = u8::from_str_radix(expect["outgoing_flags_mask"].as_str().unwrap(), 16).unwrap();
                let right = context.trace_id().to_string() == expect["trace_id"]
                    && context.span_id().to_string() == expect["parent_id"]
                    && flag("sampled", context.flags().is_sampled())
                    && flag("random", context.flags().is_random())
                    && outgoing.starts_with(expect["outgoing_version"].as_str().unwrap())
                    && context.flags().bits() & !mask == 0;
                check(right, found)
            }
            ("valid", None) => Row::Failed(found()),
            ("invalid" | "absent", _) => check(parent.is_none(), found),
            (other, _) => Row::Skipped(format!("verdict `{other}`")),
        }
    });
}

#[test]
fn every_tracestate_is_read_as_specified() {
    vectors::run("corpora/tracestate.json", "cases", |case| {
        let lines = header_values(case);
        let state = TraceState::from_lines(lines.iter().map(Vec::as_slice));
        let members = state.as_ref().map(|state| state.members().map(|list| to_pairs(&list)));
        let header = state.as_ref().and_then(TraceState::to_header);
        let found = || format!("{}, but {members:?}: {}", case["verdict"], case["values"]);
        let expected: Vec<(String, String)> = serde_json::from_value(case["members"].clone()).unwrap_or_default();
        let is_expected = members == Some(Ok(expected.clone()));
        let sent_on = header.as_deref() == Some(&*join(&expected));
        match verdict(case) {
            // Duplicate keys are all kept, in their order.
            "valid" | "valid-level2" | "duplicate" => check(is_expected && sent_on, found),
            "empty" => check(header.is_none() && !matches!(members, Some(Err(_))), found),
            "invalid" => check(header.is_none(), found),
            "either" => check(header.is_none() || is_expected, found),
            "" => Row::Undecided,
            other => Row::Skipped(format!("verdict `{other}`")),
        }
    });
}

#[test]
fn client_behind_proxies_is_found_as_specified() {
    vectors::run("corpora/forwarded.json", "cases", |case| {
        let header = match case["header"].as_str().unwrap_or_default() {
            "forwarded" => ForwardedHeader::Forwarded,
            "x-forwarded-for" => ForwardedHeader::XForwardedFor,
            other => match ClientHeader::new(other) {
                Some(name) => ForwardedHeader::Named(name),
                None => return Row::Skipped(format!("header `{other}`")),
            },
        };
        if !case["accept"].is_array() {
            return Row::Undecided;
        }
        let texts = |key: &str| case[key].as_array().map_or(&[][..], Vec::as_slice).iter().map(|text| text.as_str());
        let proxies = TrustedProxies::new(texts("trusted").map(Option::unwrap), header).unwrap();
        let lines = if case["hex"].is_array() {
            header_values(case)
        } else {
            texts("lines").map(|line| line.unwrap().into()).collect()
        };
        let peer = case["peer"].as_str().unwrap().parse().unwrap();
        let client = proxies.client(peer, lines.iter().map(Vec::as_slice)).map(|address| address.to_string());
        let accepted = texts("accept").any(|expected| expected == client.as_deref());
        let never = texts("never").any(|spoof| spoof.is_some() && spoof == client.as_deref());
        check(accepted && !never, || format!("{client:?}, not {}: {}", case["accept"], case["lines"]))
    });
}

#[test]
fn every_baggage_is_read_as_specified() {
    vectors::run("corpora/baggage.json", "cases", |case| {
        let lines = header_values(case);
        let baggage = Baggage::from_lines(lines.iter().map(Vec::as_slice));
        let found: Vec<Value> = baggage.iter().flat_map(Baggage::members).map(|member| to_json(&member)).collect();
        let is_over = !case["over_minimum_limits"].is_null() && baggage.is_none();
        let expected = case["well_formed_members"].as_array().cloned().unwrap_or_default();
        let header = baggage.as_ref().and_then(Baggage::to_header);
        // The propagated header has the same members.
        let again = header.as_ref().and_then(|header| Baggage::from_lines([header.as_bytes()].into_iter()));
        let found_again: Vec<Value> = again.iter().flat_map(Baggage::members).map(|member| to_json(&member)).collect();
        check(is_over || found == expected && found_again == expected, || format!("{found:?}, not {expected:?}"))
    });
}

fn to_json(member: &BaggageMember<'_>) -> Value {
    let property = |(key, value): &(&str, Option<std::borrow::Cow<'_, str>>)| match value {
        Some(value) => serde_json::json!([key, value]),
        None => serde_json::json!([key]),
    };
    let properties: Vec<_> = member.properties.iter().map(property).collect();
    serde_json::json!({ "key": member.key, "value": member.value, "properties": properties })
}

fn to_pairs(members: &[(&str, &str)]) -> Vec<(String, String)> {
    members.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn join(members: &[(String, String)]) -> String {
    members.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}
