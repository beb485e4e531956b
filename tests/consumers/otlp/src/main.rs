//! Requests arrive at an OTLP receiver, which decodes protobuf, and at an ingestion endpoint.

mod recipe;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::{Router, routing};
use opencensus::{OpenCensusLayer, Telemetry};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

const WAIT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The variables are read when the exporters are built: the process starts itself with them.
    if std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").is_none() {
        return start_again().await;
    }
    let otlp = receive("OTEL_EXPORTER_OTLP_ENDPOINT", "/v1/traces").await?;
    let azure = receive("INGESTION_ENDPOINT", "/v2.1/track").await?;

    let telemetry = recipe::instead_of_azure()?;
    send_request(&telemetry, "/chairs/1").await?;
    assert_spans(&otlp, "/chairs/1");
    assert!(azure.try_recv().is_err(), "nothing is sent to Azure");

    let telemetry = recipe::in_addition_to_azure()?;
    send_request(&telemetry, "/chairs/2").await?;
    assert_spans(&otlp, "/chairs/2");
    assert_eq!(azure.recv_timeout(WAIT)?[..2], [0x1f, 0x8b], "a compressed batch");
    Ok(())
}

async fn start_again() -> Result<(), Box<dyn std::error::Error>> {
    let (otlp, azure) = (free_port()?, free_port()?);
    let connection = format!("InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={azure}/");
    let status = std::process::Command::new(std::env::current_exe()?)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", otlp)
        .env("INGESTION_ENDPOINT", &azure)
        .env("OPENCENSUS_STORE", "false")
        .env("APPLICATIONINSIGHTS_CONNECTION_STRING", connection)
        .status()?;
    assert!(status.success());
    Ok(())
}

fn free_port() -> std::io::Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(format!("http://{}", listener.local_addr()?))
}

/// A server that passes on the bodies of POST requests to this path.
async fn receive(variable: &str, path: &str) -> Result<Receiver<Bytes>, Box<dyn std::error::Error>> {
    let (sender, received) = channel();
    let handler = move |body: Bytes| {
        let sender = sender.clone();
        async move { drop(sender.send(body)) }
    };
    let address = std::env::var(variable)?;
    let listener = TcpListener::bind(address.trim_start_matches("http://")).await?;
    let app = Router::new().route(path, routing::post(handler));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(received)
}

async fn send_request(telemetry: &Telemetry, path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new().route("/chairs/{id}", routing::get(async || "a chair"));
    let request = Request::get(path).header("host", "shop.example").body(Body::empty())?;
    app.layer(OpenCensusLayer::new(telemetry.clone())).oneshot(request).await?;
    let report = telemetry.shutdown(WAIT).await;
    assert!(report.complete && report.stats.delivered == 1, "{report:?}");
    Ok(())
}

fn assert_spans(otlp: &Receiver<Bytes>, path: &str) {
    let body = otlp.recv_timeout(WAIT).expect("a batch");
    let request = ExportTraceServiceRequest::decode(body).expect("an OTLP request");
    let resource = request.resource_spans[0].resource.as_ref().unwrap();
    let service = resource.attributes.iter().find(|attribute| attribute.key == "service.name").unwrap();
    let value = service.value.as_ref().unwrap().value.as_ref().unwrap();
    assert!(matches!(value, Value::StringValue(name) if name == "shop"), "{value:?}");
    let spans: Vec<&Span> =
        request.resource_spans.iter().flat_map(|spans| &spans.scope_spans).flat_map(|spans| &spans.spans).collect();
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].name, "GET /chairs/{id}");
    let attribute = |key: &str| spans[0].attributes.iter().find(|attribute| attribute.key == key);
    let value = attribute("url.path").unwrap().value.as_ref().unwrap().value.as_ref().unwrap();
    assert!(matches!(value, Value::StringValue(found) if found == path), "{value:?}");
}
