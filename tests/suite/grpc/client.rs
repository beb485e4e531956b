//! Calls of tonic's channel.

use opencensus::core::SpanRecord;
use opencensus::outgoing::ClientService;
use opencensus::{ClientLayer, OpenCensusLayer, Settings, SpanStatus};
use test_support::TIMEOUT;
use tonic::transport::Channel;
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::greeter::{Client, SAY_HELLO};
use super::server::{Place, start};
use crate::support::in_memory;

/// Handles a request that calls the greeter, and returns the call and the id of the parent of the greeter's request.
async fn handled(name: &'static str, streams: bool, deadline: Option<u64>) -> (SpanRecord, Option<String>) {
    let (telemetry, exporter) = in_memory(Settings::default());
    let (greeter, greeter_exporter) = in_memory(Settings::default());
    let address = start(Place::Server, &greeter).await;
    let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let layer = ClientLayer::new(telemetry.clone()).with_target(address.to_string().parse().unwrap());
    let client: ClientService<Channel> = layer.layer(channel);
    let service = service_fn(move |_: http::Request<()>| {
        let mut client = Client::new(client.clone());
        async move {
            if streams {
                let _ = client.call_many(name).await;
            } else if let Some(deadline) = deadline {
                let deadline = std::time::Duration::from_millis(deadline);
                let _ = tokio::time::timeout(deadline, client.call(SAY_HELLO, name)).await;
            } else {
                let _ = client.call(SAY_HELLO, name).await;
            }
            Ok::<_, std::convert::Infallible>(http::Response::new(http_body_util::Empty::<bytes::Bytes>::new()))
        }
    });
    let request = http::Request::get("/order").body(()).unwrap();
    drop(OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap());
    for telemetry in [&telemetry, &greeter] {
        let ended = async {
            while telemetry.stats().requests.in_flight() > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(TIMEOUT, ended).await.unwrap();
        assert!(telemetry.flush(TIMEOUT).await.complete);
    }
    let parent =
        greeter_exporter.requests().first().and_then(opencensus::RequestRecord::parent).map(|id| id.to_string());
    let (request, mut calls) = (exporter.requests().remove(0), exporter.spans());
    assert_eq!((calls.len(), calls[0].parent), (1, Some(request.context().span_id())));
    (calls.remove(0), parent)
}

fn code(call: &SpanRecord) -> Option<String> {
    let code = call.attributes.iter().find(|attribute| attribute.key == "rpc.grpc.status_code");
    code.map(|code| code.value.to_string())
}

#[tokio::test]
async fn call_is_named_by_its_method_and_has_the_status_of_its_head_or_its_trailers() {
    for (name, streams, expected, error) in [
        ("Ada", false, "0", None),
        ("5 no such chair", false, "5", Some("NOT_FOUND (no such chair)")),
        ("Ada", true, "0", None),
        ("14 half of it", true, "14", Some("UNAVAILABLE (half of it)")),
    ] {
        let (call, parent) = handled(name, streams, None).await;
        let method = if streams { "helloworld.Greeter/SayMany" } else { "helloworld.Greeter/SayHello" };
        assert_eq!((&*call.name, code(&call).as_deref()), (method, Some(expected)), "{name}");
        assert_eq!(parent, Some(call.context.span_id().to_string()), "{name}");
        let status = error.map_or(SpanStatus::Unset, |error| SpanStatus::Error(error.into()));
        assert_eq!(call.status, status, "{name}");
        assert!(call.attributes.iter().any(|attribute| attribute.key == "server.port"));
    }
}

#[tokio::test]
async fn call_that_is_given_up_is_cancelled() {
    let (call, _) = handled("nobody", false, Some(100)).await;
    assert_eq!((call.status.clone(), code(&call)), (SpanStatus::Error("cancelled".into()), None));
}
