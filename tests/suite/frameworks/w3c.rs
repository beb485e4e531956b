//! The service passes the 41 tests of the W3C's trace context suite at its strictest level, under the names of the suite:
//! each request makes the service call a harness, and the test checks the headers of these calls. The tests also run at
//! rate 0 and for blacklisted requests. Keys of `tracestate` follow level 2, as in the suite since June 2026
//! ([trace-context#584](https://github.com/w3c/trace-context/pull/584)).
//!
//! <https://github.com/w3c/trace-context/tree/main/test>

use std::collections::HashSet;
use std::net::SocketAddr;

use opencensus::Settings;
use opencensus::sampling::{SamplerSetting, SamplingRate};
use opencensus_core::{TraceContext, TraceState};

use crate::support::in_memory;
use crate::support::server::{Framework, Server};
use test_support::harness::{Harness, TraceHeaders};

const TRACE: &str = "12345678901234567890123456789012";
const SPAN: &str = "1234567890123456";

/// The suite's expectation for one request.
enum Expected {
    /// The trace continues with another span.
    SameTrace,
    /// The service starts a new trace.
    OtherTrace,
    /// The trace continues with these members in this order, and with no others of other vendors.
    Members(Vec<(String, String)>),
    /// The members are forwarded unchanged, or one of each key.
    Duplicates(Vec<(String, String)>),
    /// The trace continues without members of other vendors.
    NoMembers,
    /// The random flag is propagated.
    RandomFlag,
}

use Expected::{Duplicates, Members, NoMembers, OtherTrace, RandomFlag, SameTrace};

type Headers = Vec<(&'static str, String)>;

/// One request of a test.
struct Step(Headers, Expected);

fn parent(value: &str) -> Headers {
    vec![("traceparent", value.to_owned())]
}

/// One step for each `traceparent`, in which `TRACE` and `SPAN` stand for valid ids.
fn parents(values: &[&str], expected: fn() -> Expected) -> Vec<Step> {
    let filled = |value: &str| value.replace("TRACE", TRACE).replace("SPAN", SPAN);
    values.iter().map(|value| Step(parent(&filled(value)), expected())).collect()
}

fn under(name: &'static str, expected: Expected) -> Step {
    Step(vec![(name, format!("00-{TRACE}-{SPAN}-01"))], expected)
}

/// A valid `traceparent`, with these lines of another header.
fn with_header(name: &'static str, lines: &[&str], expected: Expected) -> Step {
    let mut headers = parent(&format!("00-{TRACE}-{SPAN}-00"));
    headers.extend(lines.iter().map(|line| (name, (*line).to_owned())));
    Step(headers, expected)
}

fn state(lines: &[&str], expected: Expected) -> Step {
    with_header("tracestate", lines, expected)
}

fn members(text: &str) -> Vec<(String, String)> {
    let pairs = text.split(',').filter_map(|member| member.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn kept(lines: &[&str], expected: &str) -> Step {
    state(lines, Members(members(expected)))
}

fn dropped(lines: &[&str]) -> Step {
    state(lines, NoMembers)
}

fn duplicates(lines: &[&str]) -> Step {
    state(lines, Duplicates(members(&lines.join(","))))
}

/// `bar01=01,bar02=02,…`
fn bars(range: std::ops::RangeInclusive<u8>) -> String {
    range.map(|n| format!("bar{n:02}={n:02}")).collect::<Vec<_>>().join(",")
}

/// The tests with one call per step.
fn tests() -> Vec<(&'static str, Vec<Step>)> {
    let all = parents;
    let (tens, two, three) = ([bars(1..=10), bars(11..=20), bars(21..=30)], bars(31..=32), bars(31..=33));
    let with = |last: &String| [&tens[..], std::slice::from_ref(last)].concat();
    let (fits, exceeds) = (with(&two), with(&three));
    let refs = |lines: &[String]| lines.iter().map(|line| line.clone().leak() as &str).collect::<Vec<&str>>();
    let key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
    let value: String = (0x20..=0x7e_u8).filter(|byte| ![b',', b'='].contains(byte)).map(char::from).collect();
    let every = |key: String| state(&[&format!("{key}={value}")], Members(vec![(key, value.clone())]));
    let long = |key: &str| format!("{key}=1");
    vec![
        ("both_traceparent_and_tracestate_missing", vec![Step(vec![], OtherTrace)]),
        ("traceparent_included_tracestate_missing", all(&["00-TRACE-SPAN-01"], || SameTrace)),
        (
            "traceparent_duplicated",
            vec![Step(
                ["00-12345678901234567890123456789011-1234567890123456-01", &format!("00-{TRACE}-{SPAN}-01")]
                    .map(|value| ("traceparent", value.to_owned()))
                    .into(),
                OtherTrace,
            )],
        ),
        ("traceparent_header_name", vec![under("trace-parent", OtherTrace), under("trace.parent", OtherTrace)]),
        (
            "traceparent_header_name_valid_casing",
            ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"].map(|name| under(name, SameTrace)).into(),
        ),
        (
            "traceparent_version_0x00",
            all(&["00-TRACE-SPAN-01.", "00-TRACE-SPAN-01-what-the-future-will-be-like"], || OtherTrace),
        ),
        ("traceparent_version_0xcc", {
            let mut steps = all(&["cc-TRACE-SPAN-01", "cc-TRACE-SPAN-01-what-the-future-will-be-like"], || SameTrace);
            steps.extend(all(&["cc-TRACE-SPAN-01.what-the-future-will-be-like"], || OtherTrace));
            steps
        }),
        ("traceparent_version_0xff", all(&["ff-TRACE-SPAN-01"], || OtherTrace)),
        ("traceparent_version_illegal_characters", all(&[".0-TRACE-SPAN-01", "0.-TRACE-SPAN-01"], || OtherTrace)),
        ("traceparent_version_too_long", all(&["000-TRACE-SPAN-01", "0000-TRACE-SPAN-01"], || OtherTrace)),
        ("traceparent_version_too_short", all(&["0-TRACE-SPAN-01"], || OtherTrace)),
        ("traceparent_trace_id_all_zero", all(&["00-00000000000000000000000000000000-SPAN-01"], || OtherTrace)),
        (
            "traceparent_trace_id_illegal_characters",
            all(
                &["00-.2345678901234567890123456789012-SPAN-01", "00-1234567890123456789012345678901.-SPAN-01"],
                || OtherTrace,
            ),
        ),
        ("traceparent_trace_id_too_long", all(&["00-123456789012345678901234567890123-SPAN-01"], || OtherTrace)),
        ("traceparent_trace_id_too_short", all(&["00-1234567890123456789012345678901-SPAN-01"], || OtherTrace)),
        ("traceparent_parent_id_all_zero", all(&["00-TRACE-0000000000000000-01"], || OtherTrace)),
        (
            "traceparent_parent_id_illegal_characters",
            all(&["00-TRACE-.234567890123456-01", "00-TRACE-123456789012345.-01"], || OtherTrace),
        ),
        ("traceparent_parent_id_too_long", all(&["00-TRACE-12345678901234567-01"], || OtherTrace)),
        ("traceparent_parent_id_too_short", all(&["00-TRACE-123456789012345-01"], || OtherTrace)),
        ("traceparent_trace_flags_illegal_characters", all(&["00-TRACE-SPAN-.0", "00-TRACE-SPAN-0."], || OtherTrace)),
        ("traceparent_trace_flags_too_long", all(&["00-TRACE-SPAN-001"], || OtherTrace)),
        ("traceparent_trace_flags_too_short", all(&["00-TRACE-SPAN-1"], || OtherTrace)),
        (
            "traceparent_ows_handling",
            all(
                &[
                    " 00-TRACE-SPAN-01",
                    "\t00-TRACE-SPAN-01",
                    "00-TRACE-SPAN-01 ",
                    "00-TRACE-SPAN-01\t",
                    "\t 00-TRACE-SPAN-01 \t",
                ],
                || SameTrace,
            ),
        ),
        (
            "tracestate_included_traceparent_missing",
            ["foo=1", "foo=1,bar=2"].map(|line| Step(vec![("tracestate", line.to_owned())], NoMembers)).into(),
        ),
        ("tracestate_included_traceparent_included", vec![kept(&["foo=1,bar=2"], "foo=1,bar=2")]),
        (
            "tracestate_header_name",
            ["trace-state", "trace.state"].map(|name| with_header(name, &["foo=1"], NoMembers)).into(),
        ),
        (
            "tracestate_header_name_valid_casing",
            ["TraceState", "TrAcEsTaTe", "TRACESTATE"]
                .map(|name| with_header(name, &["foo=1"], Members(members("foo=1"))))
                .into(),
        ),
        ("tracestate_empty_header", vec![dropped(&[""]), kept(&["foo=1", ""], "foo=1"), kept(&["", "foo=1"], "foo=1")]),
        (
            "tracestate_multiple_headers_different_keys",
            vec![kept(&["foo=1,bar=2", "rojo=1,congo=2", "baz=3"], "foo=1,bar=2,rojo=1,congo=2,baz=3")],
        ),
        (
            "tracestate_duplicated_keys",
            vec![
                duplicates(&["foo=1,foo=1"]),
                duplicates(&["foo=1,foo=2"]),
                duplicates(&["foo=1", "foo=1"]),
                duplicates(&["foo=1", "foo=2"]),
            ],
        ),
        ("tracestate_all_allowed_characters", vec![every(key.to_owned()), every(format!("{key}@a-z0-9_-*/"))]),
        (
            "tracestate_ows_handling",
            vec![
                kept(&["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
                kept(&["foo=1\t \t,\t \tbar=2,\t \tbaz=3"], "foo=1,bar=2,baz=3"),
                kept(&[" foo=1"], "foo=1"),
                kept(&["\tfoo=1"], "foo=1"),
                kept(&["foo=1 "], "foo=1"),
                kept(&["foo=1\t"], "foo=1"),
                kept(&["\t foo=1 \t"], "foo=1"),
            ],
        ),
        ("tracestate_key_illegal_characters", ["foo =1", "FOO=1", "foo.bar=1"].map(|line| dropped(&[line])).into()),
        ("tracestate_key_illegal_vendor_format", {
            let mut steps = vec![dropped(&["@foo=1,bar=2"])];
            steps.extend(["foo@=1,bar=2", "foo@@bar=1,bar=2", "foo@bar@baz=1,bar=2"].map(|line| kept(&[line], line)));
            steps
        }),
        ("tracestate_member_count_limit", vec![kept(&refs(&fits), &fits.join(",")), dropped(&refs(&exceeds))]),
        ("tracestate_key_length_limit", {
            let fits = ["z".repeat(256), format!("{}@v", "t".repeat(242)), format!("t@{}", "v".repeat(254))];
            let exceeds = ["z".repeat(257), format!("{}@v", "t".repeat(255)), format!("t@{}", "v".repeat(255))];
            let mut steps: Vec<_> =
                fits.map(|key| kept(&["foo=1", &long(&key)], &format!("foo=1,{}", long(&key)))).into();
            steps.extend(exceeds.map(|key| dropped(&["foo=1", &long(&key)])));
            steps
        }),
        ("tracestate_value_illegal_characters", ["foo=bar=baz", "foo=,bar=3"].map(|line| dropped(&[line])).into()),
        ("propagates_random_flag", all(&["00-TRACE-SPAN-02"], || RandomFlag)),
    ]
}

/// The tests with three calls: the caller's header, and whether its trace continues.
const MULTIPLE: [(&str, Option<&str>, bool); 3] = [
    ("multiple_requests_with_valid_traceparent", Some("00-12345678901234567890123456789012-1234567890123456-01"), true),
    ("multiple_requests_without_traceparent", None, false),
    (
        "multiple_requests_with_illegal_traceparent",
        Some("00-00000000000000000000000000000000-1234567890123456-01"),
        false,
    ),
];

fn context(sent: &TraceHeaders) -> Result<TraceContext, String> {
    let [header] = &*sent.0 else { return Err(format!("not one traceparent: {sent:?}")) };
    TraceContext::parse(header.as_bytes()).ok_or_else(|| format!("no traceparent: {header}"))
}

/// The members that other vendors own.
fn foreign(sent: &TraceHeaders) -> Vec<(String, String)> {
    let state = TraceState::from_lines(sent.1.iter().map(String::as_bytes));
    let members = state.iter().flat_map(|state| state.members().expect("a well-formed list"));
    let members = members.filter(|(key, _)| !["ot", "oc"].contains(key));
    members.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn check(Step(headers, expected): &Step, sent: &TraceHeaders) -> Result<(), String> {
    let context = context(sent)?;
    let trace = context.trace_id().to_string();
    let is_same = trace == TRACE && context.span_id().to_string() != SPAN;
    let is_right = match expected {
        SameTrace => is_same,
        OtherTrace => headers.iter().all(|(_, value)| !value.contains(&trace)),
        Members(members) => is_same && foreign(sent) == *members,
        Duplicates(members) => {
            is_same && (foreign(sent) == *members || foreign(sent).len() == 1 && members.contains(&foreign(sent)[0]))
        }
        NoMembers => foreign(sent).is_empty(),
        RandomFlag => is_same && context.flags().is_random(),
    };
    if is_right { Ok(()) } else { Err(format!("{headers:?} gave {sent:?}")) }
}

async fn run(harness: &Harness, service: SocketAddr, steps: &[Step]) -> Result<(), String> {
    for step in steps {
        let lines: Vec<_> = step.0.iter().map(|(name, value)| (*name, value.clone().into_bytes())).collect();
        let sent = harness.request_calls(service, &lines, 1).await.ok_or("HTTP refused the request")?;
        check(step, &sent[0])?;
    }
    Ok(())
}

async fn run_multiple(
    harness: &Harness,
    service: SocketAddr,
    header: Option<&str>,
    continues: bool,
) -> Result<(), String> {
    let lines: Vec<_> = header.map(|value| ("traceparent", value.into())).into_iter().collect();
    let sent = harness.request_calls(service, &lines, 3).await.ok_or("HTTP refused the request")?;
    let contexts = sent.iter().map(context).collect::<Result<Vec<_>, _>>()?;
    let spans: HashSet<_> = contexts.iter().map(|context| context.span_id()).collect();
    let traces: HashSet<_> = contexts.iter().map(|context| context.trace_id().to_string()).collect();
    let is_right = spans.len() == 3 && traces.len() == 1 && traces.contains(TRACE) == continues;
    if is_right { Ok(()) } else { Err(format!("{sent:?}")) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_tests_of_the_w3c_suite_pass_recorded_or_not() {
    let modes = [
        ("kept", Settings::default()),
        ("rate 0", Settings::default().with_sampler(SamplerSetting::Probability(SamplingRate::NONE))),
        ("blacklisted", Settings::default().with_blacklist_paths(["/trace-context-test"])),
    ];
    for framework in Framework::ALL {
        for (mode, settings) in modes.clone() {
            let (telemetry, _) = in_memory(settings);
            let (server, harness) = (Server::start(framework, telemetry).await, Harness::start().await);
            let (mut passed, mut failures) = (0, Vec::new());
            let mut count = |name: &str, result: Result<(), String>| match result {
                Ok(()) => passed += 1,
                Err(failure) => failures.push(format!("{name}: {failure}")),
            };
            for (name, steps) in tests() {
                count(name, run(&harness, server.address, &steps).await);
            }
            for (name, header, continues) in MULTIPLE {
                count(name, run_multiple(&harness, server.address, header, continues).await);
            }
            println!("W3C suite {framework:?}, {mode}: {passed} of 41");
            assert!(failures.is_empty(), "{framework:?}, {mode}:\n{}", failures.join("\n"));
            assert_eq!(passed, 41);
            server.stop().await;
        }
    }
}
