//! A service propagates the trace of its caller in the configured headers.

use opencensus::Settings;
use opencensus::propagation::{Propagator, Propagators};
use test_servers::Shop;

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
