//! A service propagates the trace of its caller in the configured headers.

use opencensus::Settings;
use opencensus::propagation::{Propagator, Propagators};
use opencensus::sampling::{RemoteUnsampled, SamplerSetting, SamplingRate};
use test_servers::Shop;
use tower::{Layer as _, ServiceExt as _};

use crate::support::server::{Framework, Server};
use crate::support::{SettingsExt as _, ended, in_memory};
use test_support::client::request;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str =
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: a=1\r\ntracestate: b=2\r\n";

/// A server that responds with the trace headers that it received.
async fn mirror() -> String {
    let app = axum::Router::new().fallback(|headers: axum::http::HeaderMap| async move {
        let value = |name| headers.get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
        format!("{} {}", value("traceparent"), value("tracestate"))
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn outgoing_calls_belong_to_the_trace() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let shop = Shop { out_url: Some(mirror().await), ..Shop::default() };
        let server = Server::start_shop(framework, telemetry.clone(), shop).await;
        let response = request(server.address, "GET", "/out", PARENT).await;
        let requests = ended(&telemetry, &exporter, 1).await;
        let span = requests[0].context().span_id();
        assert!(
            response.ends_with(&format!("00-{TRACE}-{span}-01 ot=th:0,oc=-:{span},a=1,b=2")),
            "{framework:?}: {response}"
        );
        assert_eq!(requests[0].parent().unwrap().to_string(), "00f067aa0ba902b7");
        server.stop().await;
    }
}

#[tokio::test]
async fn unrecorded_requests_propagate_their_trace_as_not_sampled() {
    for framework in Framework::ALL {
        let (telemetry, _) = in_memory(Settings::default().with_blacklist_paths(["/health-out"]));
        let shop = Shop { out_url: Some(mirror().await), ..Shop::default() };
        let server = Server::start_shop(framework, telemetry.clone(), shop).await;
        let response = request(server.address, "GET", "/health-out", PARENT).await;
        assert!(
            response.contains(&format!("00-{TRACE}-")) && response.ends_with("-00 a=1,b=2"),
            "{framework:?}: {response}"
        );
        let response = request(server.address, "GET", "/health-out", "").await;
        assert!(response.ends_with("-02 -"), "{framework:?}: a new trace with the random flag: {response}");
        assert_eq!(telemetry.stats().blacklisted, 2);
        server.stop().await;
    }
}

#[tokio::test]
async fn request_of_the_w3c_harness_is_served() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let body = format!(r#"[{{"url":"{}","arguments":[]}}]"#, mirror().await);
        let headers = format!("content-length: {}\r\ncontent-type: application/json\r\n\r\n{body}", body.len());
        let response = request(server.address, "POST", "/trace-context-test", headers.trim_end_matches("\r\n")).await;
        assert!(response.starts_with("HTTP/1.1 200"), "{framework:?}: {response}");
        assert_eq!(ended(&telemetry, &exporter, 1).await[0].name(), "POST /trace-context-test");
        server.stop().await;
    }
}

/// The headers of the call that `/out` makes, one per line.
async fn outgoing(framework: Framework, settings: Settings, headers: &str) -> (Vec<String>, opencensus::RequestRecord) {
    let app = axum::Router::new().fallback(|headers: axum::http::HeaderMap| async move {
        let known = ["traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "request-id"];
        let known = known.into_iter().chain(["x-cloud-trace-context", "baggage"]);
        let line = |name: &str| headers.get(name).map(|value| format!("{name}: {}", value.to_str().unwrap()));
        known.filter_map(line).collect::<Vec<_>>().join("\n")
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let (telemetry, exporter) = in_memory(settings);
    let server = Server::start_shop(framework, telemetry.clone(), Shop { out_url: Some(url), ..Shop::default() }).await;
    let response = request(server.address, "GET", "/out", headers).await;
    let record = ended(&telemetry, &exporter, 1).await.remove(0);
    server.stop().await;
    let body = response.split_once("\r\n\r\n").unwrap().1;
    let span = record.context().span_id().to_string();
    (body.lines().map(|line| line.replace(&span, "own")).collect(), record)
}

const SPAN: &str = "00f067aa0ba902b7";

#[tokio::test]
async fn trace_is_propagated_in_the_configured_headers() {
    for framework in Framework::ALL {
        for (propagators, incoming, expected) in [
            (vec![Propagator::B3], format!("b3: {TRACE}-{SPAN}-1\r\n"), vec![format!("b3: {TRACE}-own-1")]),
            (
                vec![Propagator::B3Multi],
                format!("x-b3-traceid: {TRACE}\r\nx-b3-spanid: {SPAN}\r\n"),
                vec![format!("x-b3-traceid: {TRACE}"), "x-b3-spanid: own".to_owned(), "x-b3-sampled: 1".to_owned()],
            ),
            (
                vec![Propagator::RequestId],
                format!("request-id: |{TRACE}.{SPAN}.\r\n"),
                vec![format!("request-id: |{TRACE}.own.")],
            ),
            // The first propagator that finds a parent applies, and all write headers.
            (
                vec![Propagator::TraceContext, Propagator::B3],
                format!("b3: {TRACE}-{SPAN}-0\r\n"),
                vec![
                    format!("traceparent: 00-{TRACE}-own-01"),
                    "tracestate: ot=th:0,oc=-:own".to_owned(),
                    format!("b3: {TRACE}-own-1"),
                ],
            ),
        ] {
            let settings = Settings::default().with(|s| s.trace.propagator = Propagators::new(propagators));
            let (lines, record) = outgoing(framework, settings, &incoming).await;
            assert_eq!(lines, expected, "{framework:?}: {incoming}");
            assert_eq!(record.parent().unwrap().to_string(), SPAN, "{framework:?}: {incoming}");
        }
    }
}

#[tokio::test]
async fn header_that_is_not_configured_is_not_read() {
    let (lines, record) = outgoing(Framework::Axum, Settings::default(), &format!("b3: {TRACE}-{SPAN}-1\r\n")).await;
    assert!(record.parent().is_none() && lines.len() == 2, "{lines:?}");
    let google = Settings::default().with(|s| s.trace.propagator = Propagators::new([Propagator::CloudTrace]));
    let (lines, record) = outgoing(Framework::Axum, google, PARENT).await;
    assert!(record.parent().is_none() && lines[0].starts_with("x-cloud-trace-context: "), "{lines:?}");
}

#[tokio::test]
async fn baggage_is_propagated_and_not_recorded() {
    for framework in Framework::ALL {
        let headers = "baggage: user=alice;p=1, broken member\r\nbaggage: shop=%C3%A9\r\n";
        let (lines, record) = outgoing(framework, Settings::default(), headers).await;
        assert_eq!(lines.last().unwrap(), "baggage: user=alice;p=1,shop=%C3%A9", "{framework:?}");
        assert!(record.attributes().is_empty(), "{framework:?}");
    }
}

#[tokio::test]
async fn decision_without_ids_is_heeded_in_a_new_trace() {
    let none = Settings::default().with_sampler(SamplerSetting::Share(SamplingRate::NONE));
    let obeying = Settings::default().with(|s| s.trace.remote_unsampled = Some(RemoteUnsampled::Obey));
    let ignoring = Settings::default();
    for framework in Framework::ALL {
        for (settings, headers, rows) in [
            (&obeying, "b3: 0\r\n", 0),
            (&obeying, "x-b3-sampled: 0\r\n", 0),
            (&obeying, "b3: 1\r\n", 1),
            (&ignoring, "b3: 0\r\n", 1),
            (&none, "b3: 1\r\n", 1),
            (&none, "b3: d\r\n", 1),
            (&none, "x-b3-sampled: 1\r\n", 1),
            (&none, "x-b3-flags: 1\r\n", 1),
            (&none, "b3: 0\r\n", 0),
            (&none, "", 0),
            (&none.clone().with_edge(true), "b3: d\r\n", 0),
            (&obeying.clone().with_edge(true), "b3: 0\r\n", 1),
        ] {
            let both = Propagators::new([Propagator::B3, Propagator::B3Multi]);
            let (telemetry, exporter) = in_memory(settings.clone().with(|s| s.trace.propagator = both));
            let server = Server::start(framework, telemetry.clone()).await;
            request(server.address, "GET", "/users/7", headers).await;
            server.stop().await;
            assert_eq!(telemetry.stats().sampled_out, 1 - rows as u64, "{framework:?}: {headers}");
            for row in ended(&telemetry, &exporter, rows).await {
                assert!(row.parent().is_none() && row.context().flags().is_sampled(), "{framework:?}: {headers}");
            }
        }
    }
}

/// The headers that remain after the trace is written into a copy of these incoming headers.
async fn copied(propagators: &[Propagator], incoming: &[(&'static str, &str)]) -> Vec<String> {
    let settings = Settings::default().with(|s| s.trace.propagator = Propagators::new(propagators.iter().copied()));
    let (telemetry, _) = in_memory(settings);
    let service = tower::service_fn(|request: http::Request<()>| async move {
        let mut copy = request.headers().clone();
        opencensus::inject("other.example", &mut copy);
        let own = opencensus::RequestTelemetry::current().span_id().unwrap();
        let lines =
            copy.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap().replace(&own, "own")));
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        let mut response = http::Response::new(http_body_util::Empty::<bytes::Bytes>::new());
        response.extensions_mut().insert(lines);
        Ok::<_, std::convert::Infallible>(response)
    });
    let mut request = http::Request::get("/copy");
    for (name, value) in incoming {
        request = request.header(*name, *value);
    }
    let layer = opencensus::OpenCensusLayer::new(telemetry);
    let response = layer.layer(service).oneshot(request.body(()).unwrap()).await.unwrap();
    response.extensions().get::<Vec<String>>().unwrap().clone()
}

#[tokio::test]
async fn no_header_of_the_format_stays_behind_in_a_copy_of_the_incoming_headers() {
    let single = format!("{TRACE}-{SPAN}-d-00f067aa0ba902b8");
    let multi = [
        ("x-b3-traceid", TRACE),
        ("x-b3-spanid", SPAN),
        ("x-b3-parentspanid", "00f067aa0ba902b8"),
        ("x-b3-sampled", "1"),
        ("x-b3-flags", "1"),
    ];
    assert_eq!(
        copied(&[Propagator::B3], &[&[("b3", &*single)], &multi[..]].concat()).await,
        [format!("b3: {TRACE}-own-d")]
    );
    let expected = ["x-b3-flags: 1".to_owned(), "x-b3-spanid: own".to_owned(), format!("x-b3-traceid: {TRACE}")];
    assert_eq!(copied(&[Propagator::B3Multi], &[&[("b3", &*single)], &multi[..]].concat()).await, expected);
    let w3c = [("traceparent", &PARENT[13..68]), ("tracestate", "a=1"), ("tracestate", "b=2"), ("x-other", "kept")];
    let expected = [
        format!("traceparent: 00-{TRACE}-own-01"),
        "tracestate: ot=th:0,oc=-:own,a=1,b=2".to_owned(),
        "x-other: kept".to_owned(),
    ];
    assert_eq!(copied(&[Propagator::TraceContext], &w3c).await, expected);
    let twice = format!("|{TRACE}.{SPAN}.");
    let expected = [format!("request-id: |{TRACE}.own.")];
    assert_eq!(copied(&[Propagator::RequestId], &[("request-id", &twice)]).await, expected);
}

/// The headers of calls to two hosts, of which the second is blacklisted, in the places where a request is not current.
async fn spawned(settings: Settings, kept: bool) -> Vec<(String, bool, bool)> {
    let (telemetry, _) = in_memory(settings.with(|s| s.trace.blacklist_hostnames = vec!["foe.example".to_owned()]));
    let service = tower::service_fn(|_: http::Request<()>| async move {
        let request = opencensus::RequestTelemetry::current();
        let headers = |request: &opencensus::RequestTelemetry| {
            let (mut friend, mut foe, mut none) =
                (http::HeaderMap::new(), http::HeaderMap::new(), http::HeaderMap::new());
            request.inject("friend.example:80", &mut friend);
            request.inject("foe.example:80", &mut foe);
            opencensus::inject("friend.example", &mut none);
            let traceparent = friend.get("traceparent").map(|value| value.to_str().unwrap().to_owned());
            (traceparent.unwrap_or_default(), foe.is_empty(), none.is_empty())
        };
        let (in_task, in_thread) = (request.clone(), request.clone());
        let task = tokio::spawn(async move { headers(&in_task) }).await.unwrap();
        let thread = tokio::task::spawn_blocking(move || headers(&in_thread)).await.unwrap();
        let mut free = http::HeaderMap::new();
        opencensus::inject("foe.example", &mut free);
        assert!(free.is_empty() && opencensus::inject_call("foe.example", &mut free).is_some() && free.is_empty());
        let mut response = http::Response::new(http_body_util::Empty::<bytes::Bytes>::new());
        response.extensions_mut().insert((request.context().unwrap(), vec![task, thread]));
        Ok::<_, std::convert::Infallible>(response)
    });
    let layer = opencensus::OpenCensusLayer::new(telemetry);
    let request = http::Request::get("/spawn").body(()).unwrap();
    let response = layer.layer(service).oneshot(request).await.unwrap();
    let extensions = response.extensions();
    let (context, found) = extensions.get::<(opencensus::core::TraceContext, Vec<(String, bool, bool)>)>().unwrap();
    assert_eq!(context.flags().is_sampled(), kept);
    let expected = String::from_utf8(context.to_header().to_vec()).unwrap();
    assert!(found.iter().all(|(traceparent, ..)| *traceparent == expected), "{expected}: {found:?}");
    found.clone()
}

#[tokio::test]
async fn request_that_moves_to_a_task_injects_there_and_blacklisted_hosts_receive_nothing() {
    for (settings, kept) in [(Settings::default(), true), (Settings::default().with_blacklist_paths(["/spawn"]), false)]
    {
        let found = spawned(settings, kept).await;
        assert!(found.iter().all(|(_, foe, none)| *foe && *none), "{found:?}");
    }
}

#[tokio::test]
async fn formats_of_opencensus_for_python_are_read_and_written() {
    const BINARY: &str = "AABL+S81d7NNpqPOkp0ODkc2AQDwZ6oLqQK3AgE";
    for framework in Framework::ALL {
        for (name, incoming) in [
            (
                "opencensus.trace.propagation.text_format.TextFormatPropagator()",
                format!(
                    "opencensus-trace-traceid: {TRACE}\r\nopencensus-trace-spanid: {SPAN}\r\n\
                     opencensus-trace-traceoptions: 1\r\n"
                ),
            ),
            (
                "opencensus.trace.propagation.binary_format.BinaryFormatPropagator()",
                format!("grpc-trace-bin: {BINARY}\r\n"),
            ),
        ] {
            let content = format!("[trace]\npropagator = \"{name}\"\n");
            let settings: Settings = toml::from_str(&content).unwrap();
            let (_, record) = outgoing(framework, settings, &incoming).await;
            assert_eq!(record.parent().unwrap().to_string(), SPAN, "{framework:?}: {name}");
            assert_eq!(record.context().trace_id().to_string(), TRACE, "{framework:?}: {name}");
        }
    }
    let copy = copied(&[Propagator::TextFormat], &[("opencensus-trace-traceid", "old"), ("x-other", "kept")]).await;
    assert_eq!(copy.len(), 4, "{copy:?}");
    assert!(copy[0] == "opencensus-trace-spanid: own" && copy[2] == "opencensus-trace-traceoptions: 1", "{copy:?}");
    let copy = copied(&[Propagator::GrpcTraceBin], &[("grpc-trace-bin", BINARY)]).await;
    assert!(
        matches!(&*copy, [line] if line.starts_with("grpc-trace-bin: AABL+S81d7NNpqPOkp0ODkc2A") && line.len() == BINARY.len() + 16),
        "{copy:?}"
    );
}
