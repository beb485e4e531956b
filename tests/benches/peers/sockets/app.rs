//! The router of a variant, with the telemetry behind it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use opencensus::sampling::SamplerSetting;
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use opencensus_core::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};
use opencensus_core::{Stats, TelemetryItem};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_instrumentation_tower::http::server::LayerBuilder;
use opentelemetry_otlp::{Protocol, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanExporter};
use tower_layer::Identity;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::plain_client::PlainClient;
use crate::variant::Variant;

const KEY: &str = "00000000-0000-0000-0000-000000000001";

pub(crate) struct App {
    pub(crate) router: Router,
    telemetry: Behind,
}

/// The telemetry behind a router.
enum Behind {
    Nothing,
    Ours(Telemetry),
    Peer(SdkTracerProvider),
}

impl App {
    /// `endpoint` is an address, such as `127.0.0.1:4318`.
    pub(crate) fn start(variant: Variant, endpoint: &str) -> Self {
        let router = Router::new().route("/users/{id}", get(user));
        match variant {
            Variant::Bare => Self { router, telemetry: Behind::Nothing },
            Variant::EmptyLayer => Self { router: router.layer(Identity::new()), telemetry: Behind::Nothing },
            Variant::TowerApplicationInsights => with_tower(router, application_insights(endpoint)),
            Variant::TowerOtlp => with_tower(router, otlp(endpoint)),
            Variant::TracingApplicationInsights => with_tracing(router, application_insights(endpoint)),
            _ => {
                let telemetry = ours(variant, endpoint);
                let router = router.layer(OpenCensusLayer::new(telemetry.clone()));
                Self { router, telemetry: Behind::Ours(telemetry) }
            }
        }
    }

    /// Sends everything that waits, also on disk.
    pub(crate) fn flush(&self) {
        match &self.telemetry {
            Behind::Nothing => {}
            Behind::Ours(telemetry) => {
                assert!(telemetry.flush(Duration::from_secs(60)).wait().complete);
                while telemetry.stats().queued + telemetry.stats().stored > 0 {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
            Behind::Peer(provider) => provider.force_flush().expect("a flush"),
        }
    }

    /// Ends the telemetry as a program would, with the deadline that is the SDK's default, and returns how long that took.
    pub(crate) fn shut_down(&self) -> Duration {
        let (begun, deadline) = (Instant::now(), Duration::from_secs(5));
        match &self.telemetry {
            Behind::Nothing => {}
            Behind::Ours(telemetry) => {
                telemetry.shutdown(deadline).wait();
            }
            Behind::Peer(provider) => {
                // An error is no result of the benchmark: the lost spans are counted.
                let _ = provider.shutdown_with_timeout(deadline);
            }
        }
        begun.elapsed()
    }

    /// The counters, which only this project has.
    pub(crate) fn stats(&self) -> Option<Stats> {
        match &self.telemetry {
            Behind::Ours(telemetry) => Some(telemetry.stats()),
            _ => None,
        }
    }
}

async fn user(Path(id): Path<u32>) -> &'static str {
    if id == 7 { "seven" } else { "other" }
}

fn ours(variant: Variant, endpoint: &str) -> Telemetry {
    let mut settings = Settings::default().with_service_name("shop");
    match variant {
        Variant::OursDiscarding => return settings.start_with(Discard).expect("it starts"),
        Variant::OursWithoutStore => settings = settings.with_store(false),
        Variant::OursWithoutContext => settings.trace.opentelemetry_context = false,
        Variant::OursNotSampled => settings = settings.with_sampler(SamplerSetting::AlwaysOff),
        _ => {}
    }
    let connection = format!("InstrumentationKey={KEY};IngestionEndpoint=http://{endpoint}/");
    settings.with_connection_string(connection.parse().expect("a connection string")).start().expect("it starts")
}

/// An exporter that discards every item.
struct Discard;

impl Exporter for Discard {
    fn encode(&mut self, _: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        batch.push_bytes(|bytes| bytes.push(0));
        Ok(())
    }

    fn send(&mut self, _: Arc<Batch>) -> SendFuture {
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    }
}

#[expect(deprecated, reason = "the endpoint of a connection string becomes https")]
fn application_insights(endpoint: &str) -> impl SpanExporter + use<> {
    let connection = format!("InstrumentationKey={KEY}");
    let client = PlainClient::new(endpoint);
    opentelemetry_application_insights::Exporter::new_from_connection_string(connection, client)
        .and_then(|exporter| exporter.with_endpoint(&format!("http://{endpoint}")))
        .expect("an exporter")
}

fn otlp(endpoint: &str) -> impl SpanExporter + use<> {
    opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(PlainClient::new(endpoint))
        .with_protocol(Protocol::HttpBinary)
        .with_compression(opentelemetry_otlp::Compression::Gzip)
        .with_endpoint(format!("http://{endpoint}/v1/traces"))
        .build()
        .expect("an exporter")
}

fn provider(exporter: impl SpanExporter + 'static) -> SdkTracerProvider {
    let resource = opentelemetry_sdk::Resource::builder_empty().with_service_name("shop").build();
    SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build()
}

fn with_tower(router: Router, exporter: impl SpanExporter + 'static) -> App {
    let provider = provider(exporter);
    opentelemetry::global::set_tracer_provider(provider.clone());
    let layer = LayerBuilder::builder().with_metrics(false).build().expect("a layer");
    App { router: router.layer(layer), telemetry: Behind::Peer(provider) }
}

fn with_tracing(router: Router, exporter: impl SpanExporter + 'static) -> App {
    let provider = provider(exporter);
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    let targets = Targets::new().with_target("otel::tracing", tracing::Level::TRACE);
    let subscriber = tracing_subscriber::registry().with(targets).with(layer);
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    App { router: router.layer(OtelAxumLayer::default()), telemetry: Behind::Peer(provider) }
}
