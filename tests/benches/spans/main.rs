//! The cost of a span and of an event of `tracing` for the thread that makes them.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench spans
//! ```
//!
//! Below a request that is kept and below one that is not: the bare registry, the layer of the feature `tracing`,
//! tracing-opentelemetry with the SDK's batch processor, and tracing-subscriber's `fmt` through the worker of
//! tracing-appender. A span is created, entered, exited and closed, with one field; an event has one field and a text. Each
//! figure is the median of rounds, between which the workers catch up.

#[path = "../common/cpu_time.rs"]
mod cpu_time;
#[path = "../common/markdown.rs"]
mod markdown;

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture, TelemetryItem};
use opencensus::sampling::SamplerSetting;
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use opentelemetry::Context;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::cpu_time::CpuTime;
use crate::markdown::{Table, number};

const ROUNDS: usize = 301;
/// Fewer than each queue holds.
const ITEMS: usize = 500;

/// Discards what it receives.
#[derive(Debug)]
struct Discard;

impl Exporter for Discard {
    fn encode(&mut self, _: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        batch.push_bytes(|bytes| bytes.push(0));
        Ok(())
    }

    fn send(&mut self, _: std::sync::Arc<Batch>) -> SendFuture {
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    }
}

impl SpanExporter for Discard {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// Runs a function below a request.
type BelowRequest = Box<dyn Fn(&dyn Fn())>;

/// A subscriber, and how to run a function below a request.
struct Subject {
    name: &'static str,
    dispatch: Dispatch,
    below_request: BelowRequest,
    catch_up: Box<dyn Fn()>,
}

fn telemetry(kept: bool) -> Telemetry {
    let sampler = if kept { SamplerSetting::AlwaysOn } else { SamplerSetting::AlwaysOff };
    Settings::default().with_sampler(sampler).start_with(Discard).expect("telemetry")
}

fn below_request(telemetry: &Telemetry) -> BelowRequest {
    let layer = OpenCensusLayer::new(telemetry.clone());
    Box::new(move |run| {
        let service = service_fn(|_: Request<()>| {
            run();
            std::future::ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
        });
        let request = Request::get("/").body(()).expect("a request");
        let _ = futures_executor::block_on(layer.layer(service).oneshot(request));
    })
}

fn bare(kept: bool) -> Subject {
    let telemetry = telemetry(kept);
    Subject {
        name: "the bare registry",
        dispatch: tracing_subscriber::registry().into(),
        below_request: below_request(&telemetry),
        catch_up: Box::new(|| {}),
    }
}

fn ours(kept: bool) -> Subject {
    let telemetry = telemetry(kept);
    Subject {
        name: "opencensus::tracing::layer",
        dispatch: tracing_subscriber::registry().with(opencensus::tracing::layer(&telemetry)).into(),
        below_request: below_request(&telemetry),
        catch_up: Box::new(move || assert!(telemetry.flush(Duration::from_secs(5)).wait().complete)),
    }
}

fn opentelemetry(kept: bool) -> Subject {
    let config = BatchConfigBuilder::default().with_max_queue_size(100_000).build();
    let processor = BatchSpanProcessor::builder(Discard).with_batch_config(config).build();
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    let flags = if kept { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let (trace, span) = (TraceId::from(7_u128), SpanId::from(7_u64));
    let context = SpanContext::new(trace, span, flags, true, TraceState::default());
    Subject {
        name: "tracing-opentelemetry, batch processor",
        dispatch: tracing_subscriber::registry().with(layer).into(),
        below_request: Box::new(move |run| {
            let _attached = Context::new().with_remote_span_context(context.clone()).attach();
            run();
        }),
        catch_up: Box::new(move || provider.force_flush().expect("a flush")),
    }
}

fn appender(kept: bool) -> Subject {
    let (writer, guard) = tracing_appender::non_blocking(io::sink());
    let telemetry = telemetry(kept);
    Subject {
        name: "fmt, tracing-appender",
        dispatch: tracing_subscriber::registry().with(tracing_subscriber::fmt::layer().with_writer(writer)).into(),
        below_request: below_request(&telemetry),
        catch_up: Box::new(move || {
            let _ = &guard;
            std::thread::sleep(Duration::from_millis(2));
        }),
    }
}

fn spans() {
    for number in 0..ITEMS {
        tracing::info_span!("work", number).in_scope(|| {});
    }
}

fn events() {
    for number in 0..ITEMS {
        tracing::info!(number, "a line");
    }
}

/// Nanoseconds per item.
fn nanos(subject: &Subject, run: fn()) -> f64 {
    let elapsed = Cell::new(0.0);
    let round = || {
        let started = CpuTime::now();
        run();
        elapsed.set(CpuTime::now().thread - started.thread);
    };
    let mut rounds: Vec<f64> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        tracing::dispatcher::with_default(&subject.dispatch, || (subject.below_request)(&round));
        rounds.push(elapsed.take() / ITEMS as f64);
        (subject.catch_up)();
    }
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn main() {
    let method = "A span that is created, entered, exited and closed, with one field; an event with one field and a text: \
                  nanoseconds of CPU time of the thread, the median of rounds between which the workers catch up. \
                  tracing-opentelemetry makes no item of an event.";
    let mut table =
        Table::new("Spans and events of `tracing`", method, &["below a request that is", "layer", "span", "event"]);
    for kept in [true, false] {
        for make in [bare, ours, opentelemetry, appender] {
            let subject = make(kept);
            let request = if kept { "kept" } else { "not kept" };
            let times = [nanos(&subject, spans), nanos(&subject, events)].map(|nanos| number(Some(nanos)));
            table.row([request, subject.name].map(str::to_owned).into_iter().chain(times));
        }
    }
    println!("{table}");
}
