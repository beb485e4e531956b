//! The cases of the benchmark: a request, and the middleware that handles it.

use std::time::Duration;

use actix_web::body::{self, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App as ActixApp, Error, web};
use opencensus::sampling::SamplerSetting;
use opencensus::{OpenCensusLayer, Settings};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_instrumentation_actix_web::RequestTracing;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter};
use tracing_actix_web::TracingLogger;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::discard::{self, Discard};
use crate::ready::now;

/// The request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Request {
    Plain,
    WithTraceparent,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Middleware {
    None,
    /// This workspace's, with or without OpenTelemetry's context.
    Ours {
        with_context: bool,
    },
    OursNotSampled,
    OpenTelemetry,
    Tracing,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) request: Request,
    middleware: Middleware,
}

impl Case {
    pub(crate) fn all() -> Vec<Self> {
        let all = [
            Middleware::None,
            Middleware::Ours { with_context: false },
            Middleware::Ours { with_context: true },
            Middleware::OursNotSampled,
            Middleware::OpenTelemetry,
            Middleware::Tracing,
        ];
        let of = |request| all.into_iter().map(move |middleware| Self { request, middleware });
        of(Request::Plain).chain(of(Request::WithTraceparent)).collect()
    }

    pub(crate) fn is_floor(self) -> bool {
        self.middleware == Middleware::None
    }

    pub(crate) fn name(self) -> String {
        let middleware = match self.middleware {
            Middleware::None => "actix-web alone",
            Middleware::Ours { with_context: false } => "ours, context off",
            Middleware::Ours { with_context: true } => "ours, context on",
            Middleware::OursNotSampled => "ours, not sampled",
            Middleware::OpenTelemetry => "opentelemetry-instrumentation",
            Middleware::Tracing => "tracing-actix-web",
        };
        let request = if self.request == Request::Plain { "" } else { ", traceparent" };
        format!("{middleware}{request}")
    }

    /// The case with the same request and no middleware.
    pub(crate) fn floor(self) -> Self {
        Self { middleware: Middleware::None, ..self }
    }

    /// `counted`: the worker stops at its first item, so that its work is not counted.
    pub(crate) fn app(self, counted: bool) -> App {
        match self.middleware {
            Middleware::None => App::of(now(init_service(ActixApp::new().configure(routes))), || {}),
            Middleware::Ours { with_context } => ours(settings(with_context), counted),
            Middleware::OursNotSampled => ours(settings(false).with_sampler(SamplerSetting::AlwaysOff), counted),
            Middleware::OpenTelemetry => {
                let provider = provider();
                opentelemetry::global::set_tracer_provider(provider.clone());
                opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
                let app = ActixApp::new().wrap(RequestTracing::new()).configure(routes);
                App::of(now(init_service(app)), move || flush(&provider))
            }
            Middleware::Tracing => {
                let provider = provider();
                let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
                tracing_subscriber::registry().with(layer).init();
                let app = ActixApp::new().wrap(TracingLogger::default()).configure(routes);
                App::of(now(init_service(app)), move || flush(&provider))
            }
        }
    }
}

fn routes(config: &mut web::ServiceConfig) {
    let handler = async |id: web::Path<u32>| if *id == 7 { "seven" } else { "other" };
    config.route("/users/{id}", web::get().to(handler));
}

fn settings(with_context: bool) -> Settings {
    let mut settings = Settings::default();
    settings.trace.opentelemetry_context = with_context;
    settings.limits = discard::limits();
    settings
}

fn ours(settings: Settings, counted: bool) -> App {
    let telemetry = settings.start_with(Discard { stops: counted }).expect("it starts");
    let app = ActixApp::new().wrap(OpenCensusLayer::new(telemetry.clone())).configure(routes);
    App::of(now(init_service(app)), move || {
        assert!(telemetry.flush(Duration::from_secs(60)).wait().complete);
    })
}

/// A provider whose worker sleeps during a run, too.
fn provider() -> SdkTracerProvider {
    const MANY: usize = 1 << 16;
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(MANY)
        .with_max_export_batch_size(MANY)
        .with_scheduled_delay(Duration::from_secs(3600));
    let processor = BatchSpanProcessor::builder(DiscardSpans).with_batch_config(config.build()).build();
    SdkTracerProvider::builder().with_span_processor(processor).build()
}

fn flush(provider: &SdkTracerProvider) {
    provider.force_flush().expect("it flushes");
}

#[derive(Debug)]
struct DiscardSpans;

impl SpanExporter for DiscardSpans {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// An application that is called in process.
pub(crate) struct App {
    call: Box<dyn Fn(TestRequest)>,
    flush: Box<dyn Fn()>,
}

impl App {
    fn of<S, B>(service: S, flush: impl Fn() + 'static) -> Self
    where
        S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody,
    {
        let call = move |request: TestRequest| {
            let response = now(service.call(request.to_request())).expect("a response");
            let Ok(body) = now(body::to_bytes(response.into_body())) else { panic!("no body") };
            assert_eq!(&body[..], b"seven");
        };
        Self { call: Box::new(call), flush: Box::new(flush) }
    }

    /// Empties the queue.
    pub(crate) fn flush(&self) {
        (self.flush)();
    }

    /// Sends one request and reads the body to its end. Everything is ready at once, so nothing waits.
    pub(crate) fn serve(&mut self, request: Request) {
        let mut built = TestRequest::with_uri("/users/7")
            .insert_header(("host", "shop.example"))
            .insert_header(("user-agent", "bench/1.0"));
        if request == Request::WithTraceparent {
            built = built.insert_header(("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        }
        (self.call)(built);
    }
}
