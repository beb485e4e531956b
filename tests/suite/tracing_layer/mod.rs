//! Events and spans of `tracing` become items of their request.

mod events;
mod shared_lines;
mod spans;
mod statements;
mod threads;

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::tracing::Options;
use opencensus::{InMemoryExporter, OpenCensusLayer, RequestRecord, Settings, Telemetry, Value};
use opencensus_core::{Attribute, SpanRecord, TraceContext};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::in_memory;
use test_support::TIMEOUT;

/// Telemetry in memory, with the layer in this thread's subscriber.
struct Service {
    telemetry: Telemetry,
    exporter: InMemoryExporter,
    _subscriber: DefaultGuard,
}

impl Service {
    fn new(settings: Settings, options: Options) -> Self {
        let (telemetry, exporter) = in_memory(settings);
        let subscriber = tracing_subscriber::registry().with(options.layer(&telemetry));
        Self { telemetry, exporter, _subscriber: tracing::subscriber::set_default(subscriber) }
    }

    /// Handles a request whose response has this status.
    async fn handle<F: Future<Output = ()>>(&self, status: u16, handler: F) {
        handle(&self.telemetry, status, handler).await;
    }

    fn flush(&self) {
        assert!(self.telemetry.flush(TIMEOUT).wait().complete);
    }

    fn request(&self) -> RequestRecord {
        self.flush();
        let mut requests = self.exporter.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }

    /// The span with this name, of which there is one.
    fn span(&self, name: &str) -> SpanRecord {
        self.flush();
        let spans = self.exporter.spans();
        let mut named = spans.iter().filter(|span| span.name == name);
        let span = named.next().unwrap_or_else(|| panic!("{name} in {spans:#?}"));
        assert!(named.next().is_none(), "{spans:#?}");
        span.clone()
    }

    /// The texts of the messages, sorted.
    fn messages(&self) -> Vec<String> {
        self.flush();
        let mut messages: Vec<_> = self.exporter.messages().iter().map(|message| message.message.to_string()).collect();
        messages.sort();
        messages
    }
}

async fn handle<F: Future<Output = ()>>(telemetry: &Telemetry, status: u16, handler: F) {
    handle_below(telemetry, None, status, handler).await;
}

/// Handles a request whose caller has this context.
async fn handle_below<F: Future<Output = ()>>(
    telemetry: &Telemetry,
    caller: Option<TraceContext>,
    status: u16,
    handler: F,
) {
    let handler = std::cell::Cell::new(Some(handler));
    let service = service_fn(|_: Request<()>| {
        let handler = handler.take();
        async move {
            handler.unwrap().await;
            let response = Response::builder().status(status).body(Empty::<Bytes>::new());
            Ok::<_, Infallible>(response.unwrap())
        }
    });
    let traceparent = caller.map(|caller| format!("00-{}-{}-01", caller.trace_id(), caller.span_id()));
    let request =
        traceparent.iter().fold(Request::get("/chairs"), |request, value| request.header("traceparent", value));
    let request = request.body(()).unwrap();
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap();
}

fn attribute<'a>(attributes: &'a [Attribute], key: &str) -> Option<&'a Value> {
    let mut found = attributes.iter().filter(|attribute| attribute.key == key);
    let value = found.next().map(|attribute| &attribute.value);
    assert!(found.next().is_none(), "{key} twice");
    value
}
