//! The middleware that handles a request.

use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use opencensus::OpenCensusLayer;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_instrumentation_tower::http::server::LayerBuilder;

use crate::app::App;
use crate::by_hand::ByHand;
use crate::cases::Kind;
use crate::empty::Empty;
use crate::parents::Request;
use crate::recorded::Purpose;
use crate::share::Share;
use crate::{ours, sdk, sentry_layer, tower_http_layer};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Middleware {
    Bare,
    Empty,
    Ours { with_context: bool },
    ByHand,
    InstrumentationTower,
    TracingOpenTelemetry,
    TowerHttp,
    Sentry,
}

impl Middleware {
    pub(crate) const ALL: [Self; 9] = [
        Self::Bare,
        Self::Empty,
        Self::Ours { with_context: true },
        Self::Ours { with_context: false },
        Self::ByHand,
        Self::InstrumentationTower,
        Self::TracingOpenTelemetry,
        Self::TowerHttp,
        Self::Sentry,
    ];

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Bare => Kind::Bare,
            Self::Empty => Kind::Empty,
            Self::Ours { with_context } => Kind::Ours { with_context },
            Self::ByHand => Kind::ByHand,
            Self::InstrumentationTower | Self::TracingOpenTelemetry | Self::TowerHttp | Self::Sentry => Kind::Peer,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare axum",
            Self::Empty => "empty layer",
            Self::Ours { with_context: true } => "this project, OpenTelemetry's context on",
            Self::Ours { with_context: false } => "this project, OpenTelemetry's context off",
            Self::ByHand => "by hand on OpenTelemetry's SDK",
            Self::InstrumentationTower => "opentelemetry-instrumentation-tower",
            Self::TracingOpenTelemetry => "axum-tracing-opentelemetry",
            Self::TowerHttp => "tower-http with tracing-opentelemetry",
            Self::Sentry => "sentry-tower",
        }
    }

    pub(crate) fn records(self) -> bool {
        !matches!(self, Self::Bare | Self::Empty)
    }

    /// Whether the middleware has a way to record this share.
    pub(crate) fn has(self, share: Share) -> bool {
        match share {
            Share::Kept => true,
            Share::KeptAtRate => matches!(self, Self::Ours { .. }),
            Share::Tenth | Share::None => self.records(),
            Share::Blacklisted => matches!(self, Self::Ours { .. } | Self::TracingOpenTelemetry),
        }
    }

    pub(crate) fn requests(self) -> &'static [Request] {
        match self {
            Self::Bare => &[Request::Plain, Request::Traceparent, Request::SentryTrace],
            Self::Sentry => &[Request::Plain, Request::SentryTrace],
            _ => &[Request::Plain, Request::Traceparent],
        }
    }

    pub(crate) fn app(self, share: Share, purpose: &Purpose) -> App {
        let routes = App::routes();
        match self {
            Self::Bare => App::of(routes, || {}),
            Self::Empty => App::of(routes.layer(Empty), || {}),
            Self::Ours { with_context } => {
                let telemetry = ours::telemetry(with_context, share, purpose);
                let router = routes.layer(OpenCensusLayer::new(telemetry.clone()));
                App::of(router, move || ours::flush(&telemetry))
            }
            Self::Sentry => {
                let (router, guard) = sentry_layer::layered(routes, share, purpose);
                App::of(router, move || assert!(guard.is_enabled()))
            }
            _ => self.app_on_sdk(share, purpose),
        }
    }

    fn app_on_sdk(self, share: Share, purpose: &Purpose) -> App {
        let routes = App::routes();
        let provider = sdk::provider(share, purpose);
        if matches!(self, Self::TracingOpenTelemetry | Self::TowerHttp) {
            sdk::subscribe(&provider);
        }
        let router = match self {
            Self::InstrumentationTower => {
                routes.layer(LayerBuilder::builder().with_metrics(false).build().expect("a layer"))
            }
            Self::TracingOpenTelemetry if share == Share::Blacklisted => {
                routes.layer(OtelAxumLayer::default().filter(|path| !path.starts_with("/users")))
            }
            Self::TracingOpenTelemetry => routes.layer(OtelAxumLayer::default()),
            Self::TowerHttp => tower_http_layer::layered(routes),
            _ => routes.layer(ByHand(provider.tracer("bench"))),
        };
        App::of(router, move || sdk::flush(&provider))
    }
}
