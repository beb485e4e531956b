//! The vectors of trace context and connection strings.

use opencensus_azure::ConnectionString;
use opencensus_core::{Baggage, BaggageMember, ForwardedHeader, RemoteParent, TraceState, TrustedProxies};
use serde_json::Value;

use test_support::vectors::{self, Row, header_values};

fn check(passed: bool, fault: impl FnOnce() -> String) -> Row {
    if passed { Row::Passed } else { Row::Failed(fault()) }
}

#[test]
fn traceparent() {
    vectors::run("corpora/traceparent.json", "cases", |case| {
        let lines = header_values(case);
        let parent = RemoteParent::from_lines(lines.iter().map(Vec::as_slice), || None);
        let verdict = case["verdict"].as_str().unwrap();
        let found = || format!("{verdict}, but {parent:?}: {}", case["values"]);
        match (verdict, &parent) {
            ("either", _) => Row::Passed,
            ("valid", Some(parent)) => {
                let (expect, context) = (&case["expect"], parent.context);
                let flag = |name: &str, found: bool| expect[name].as_bool().is_none_or(|wanted| wanted == found);
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
            _ => check(parent.is_none(), found),
        }
    });
}

/// Level 2 allows `@` anywhere in a key; the W3C's own suite at its strictest wants such a list discarded
/// unless the key is a tenant's (241 characters) at a system (14), as level 1 has it.
const SYSTEM_KEYS: [&str; 4] = ["tr-009", "tr-120", "tr-122", "tr-127"];

#[test]
fn tracestate() {
    vectors::run("corpora/tracestate.json", "cases", |case| {
        let lines = header_values(case);
        let state = TraceState::from_lines(lines.iter().map(Vec::as_slice));
        let members = state.as_ref().map(|state| state.members().map(|list| to_pairs(&list)));
        let header = state.as_ref().and_then(TraceState::to_header);
        let found = || format!("{}, but {members:?}: {}", case["verdict"], case["values"]);
        let wanted: Vec<(String, String)> = serde_json::from_value(case["members"].clone()).unwrap_or_default();
        let is_wanted = members == Some(Ok(wanted.clone()));
        let sent_on = header.as_deref() == Some(&*join(&wanted));
        match case["verdict"].as_str().unwrap() {
            // Duplicate keys are all kept, in their order.
            _ if SYSTEM_KEYS.contains(&case["id"].as_str().unwrap()) => match header {
                None => Row::Deliberate,
                Some(_) => Row::Failed(found()),
            },
            "valid" | "valid-level2" | "duplicate" => check(is_wanted && sent_on, found),
            "empty" => check(header.is_none() && !matches!(members, Some(Err(_))), found),
            "invalid" => check(header.is_none(), found),
            "either" => check(header.is_none() || is_wanted, found),
            other => Row::Failed(format!("unknown verdict {other}")),
        }
    });
}

#[test]
fn forwarded() {
    vectors::run("corpora/forwarded.json", "cases", |case| {
        let header = match case["header"].as_str().unwrap() {
            "forwarded" => ForwardedHeader::Forwarded,
            _ => ForwardedHeader::XForwardedFor,
        };
        let texts = |key: &str| case[key].as_array().map_or(&[][..], Vec::as_slice).iter().map(|text| text.as_str());
        let proxies = TrustedProxies::new(texts("trusted").map(Option::unwrap), header).unwrap();
        let lines = if case["hex"].is_array() {
            header_values(case)
        } else {
            texts("lines").map(|line| line.unwrap().into()).collect()
        };
        let peer = case["peer"].as_str().unwrap().parse().unwrap();
        let client = proxies.client(peer, lines.iter().map(Vec::as_slice)).map(|address| address.to_string());
        let accepted = texts("accept").any(|wanted| wanted == client.as_deref());
        let never = texts("never").any(|spoof| spoof.is_some() && spoof == client.as_deref());
        check(accepted && !never, || format!("{client:?}, not {}: {}", case["accept"], case["lines"]))
    });
}

#[test]
fn baggage() {
    vectors::run("corpora/baggage.json", "cases", |case| {
        let lines = header_values(case);
        let baggage = Baggage::from_lines(lines.iter().map(Vec::as_slice));
        let found: Vec<Value> = baggage.iter().flat_map(Baggage::members).map(|member| to_json(&member)).collect();
        let is_over = !case["over_minimum_limits"].is_null() && baggage.is_none();
        let wanted = case["well_formed_members"].as_array().cloned().unwrap_or_default();
        let header = baggage.as_ref().and_then(Baggage::to_header);
        // What goes on says the same.
        let again = header.as_ref().and_then(|header| Baggage::from_lines([header.as_bytes()].into_iter()));
        let found_again: Vec<Value> = again.iter().flat_map(Baggage::members).map(|member| to_json(&member)).collect();
        check(is_over || found == wanted && found_again == wanted, || format!("{found:?}, not {wanted:?}"))
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

/// Where the two anchors differ (`agreed` is null) the project decides; the row says what it
/// decided, and why.
const DECIDED: &[(&str, Result<&str, ()>, &str)] = &[
    ("c018", Ok("http://127.0.0.1:21200"), "http stays http: local endpoints exist"),
    ("c019", Ok("http://127.0.0.1:21200"), "http stays http: local endpoints exist"),
    ("c044", Ok("https://dc.ai.contoso.com"), "blanks around values go"),
    ("c062", Err(()), "a part without `=` is a mistake that its writer wants to hear of"),
    ("c061", Ok("https://westeurope-5.in.applicationinsights.azure.com"), "empty parts are harmless"),
    ("c060", Ok("https://dc.services.visualstudio.com"), "empty parts are harmless"),
    ("c059", Ok("https://dc.services.visualstudio.com"), "empty parts are harmless"),
    ("c065", Ok("https://dc.services.visualstudio.com"), "values may hold `=`"),
    ("c085", Ok("https://dc.services.visualstudio.com"), "blanks around values go, line ends too"),
    ("c092", Ok("https://dc.services.visualstudio.com"), "blanks around values go"),
    ("c091", Ok("https://dc.services.visualstudio.com"), "an empty value counts as absent"),
    ("c103", Err(()), "one source as a whole: a string from code without a key is not mended by the environment"),
    ("c111", Ok("https://dc.ai.contoso.com"), "one source as a whole"),
    ("c098", Ok("https://dc.services.visualstudio.com"), "the older variable is read"),
    ("c104", Err(()), "one source as a whole"),
    ("c107", Ok("https://dc.services.visualstudio.com"), "what is not used need not make sense"),
    ("c102", Ok("https://westeurope-5.in.applicationinsights.azure.com"), "one source as a whole"),
    ("c106", Err(()), "an empty string from code is given, and malformed"),
];

#[test]
fn connection_strings() {
    let ours = vectors::read_bundled("azure/connection_strings.json");
    vectors::run("azure/connection_strings.json", "rows", |row| {
        let environment = |name: &str| row["env"][name].as_str().map(str::to_owned);
        let found = ConnectionString::from_sources(row["connection_string"].as_str(), environment);
        let fault = || format!("{}, but {found:?}: {}", row["agreed"], row["connection_string"]);
        if row["agreed"].is_null() {
            let same = |other: &&Value| ["connection_string", "env"].iter().all(|key| other[key] == row[key]);
            let id = ours["rows"].as_array().and_then(|rows| rows.iter().find(same)).map(|row| &row["id"]);
            let Some((_, decided, _)) = DECIDED.iter().find(|(other, ..)| id.is_some_and(|id| id == other)) else {
                // Rows of another set: whatever is decided, nothing may panic.
                return Row::Passed;
            };
            let endpoint = found.as_ref().map(ConnectionString::ingestion_endpoint).map_err(|_| ());
            return if endpoint == *decided { Row::Deliberate } else { Row::Failed(fault()) };
        }
        let agreed = &row["agreed"];
        let right = match &found {
            Err(_) => agreed["ok"] == false,
            Ok(found) => {
                agreed["ok"] == true
                    && found.instrumentation_key().expose() == agreed["ikey"]
                    && found.ingestion_endpoint() == agreed["ingestion"]
                    && found.live_endpoint() == agreed["live"]
                    && found.aad_audience() == agreed["aad_audience"].as_str()
            }
        };
        check(right, fault)
    });
}
