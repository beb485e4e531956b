//! The trace on its way through a service.

use opencensus::Settings;
use test_servers::Shop;

use crate::support::client::request;
use crate::support::server::{Framework, Server};
use crate::support::{ended, in_memory};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str =
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: a=1\r\ntracestate: b=2\r\n";

/// A server that answers with the trace headers that it was sent.
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
        let answer = request(server.address, "GET", "/out", PARENT).await;
        let requests = ended(&telemetry, &exporter, 1).await;
        let span = requests[0].context().span_id();
        assert!(
            answer.ends_with(&format!("00-{TRACE}-{span}-01 ot=th:0,oc=-:{span},a=1,b=2")),
            "{framework:?}: {answer}"
        );
        assert_eq!(requests[0].parent().unwrap().to_string(), "00f067aa0ba902b7");
        server.stop().await;
    }
}

#[tokio::test]
async fn hidden_requests_hand_their_trace_on_as_not_sampled() {
    for framework in Framework::ALL {
        let (telemetry, _) = in_memory(Settings::default().with_blacklist_paths(["/health-out"]));
        let shop = Shop { out_url: Some(mirror().await), ..Shop::default() };
        let server = Server::start_shop(framework, telemetry.clone(), shop).await;
        let answer = request(server.address, "GET", "/health-out", PARENT).await;
        assert!(answer.contains(&format!("00-{TRACE}-")) && answer.ends_with("-00 a=1,b=2"), "{framework:?}: {answer}");
        let answer = request(server.address, "GET", "/health-out", "").await;
        assert!(answer.ends_with("-02 -"), "{framework:?}: a new trace with the random flag: {answer}");
        assert_eq!(telemetry.stats().blacklisted, 2);
        server.stop().await;
    }
}

#[tokio::test]
async fn harness_gets_its_calls_with_the_trace() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let body = format!(r#"[{{"url":"{}","arguments":[]}}]"#, mirror().await);
        let headers = format!("content-length: {}\r\ncontent-type: application/json\r\n\r\n{body}", body.len());
        let answer = request(server.address, "POST", "/trace-context-test", headers.trim_end_matches("\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{framework:?}: {answer}");
        assert_eq!(ended(&telemetry, &exporter, 1).await[0].name(), "POST /trace-context-test");
        server.stop().await;
    }
}
