//! The middleware that handles a request.

use actix_web::App as ActixApp;
use actix_web::test::init_service;
use opencensus::OpenCensusLayer;
use opentelemetry_instrumentation_actix_web::RequestTracing;
use tracing_actix_web::TracingLogger;

use crate::app::App;
use crate::cases::Kind;
use crate::parents::Request;
use crate::ready::now;
use crate::recorded::Purpose;
use crate::root_span::RootSpan;
use crate::share::Share;
use crate::{ours, sdk};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Middleware {
    Bare,
    Ours { with_context: bool },
    OpenTelemetry,
    Tracing,
}

impl Middleware {
    pub(crate) const ALL: [Self; 5] = [
        Self::Bare,
        Self::Ours { with_context: true },
        Self::Ours { with_context: false },
        Self::OpenTelemetry,
        Self::Tracing,
    ];

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Bare => Kind::Bare,
            Self::Ours { with_context } => Kind::Ours { with_context },
            Self::OpenTelemetry | Self::Tracing => Kind::Peer,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare actix-web",
            Self::Ours { with_context: true } => "this project, OpenTelemetry's context on",
            Self::Ours { with_context: false } => "this project, OpenTelemetry's context off",
            Self::OpenTelemetry => "opentelemetry-instrumentation-actix-web",
            Self::Tracing => "tracing-actix-web with tracing-opentelemetry",
        }
    }

    pub(crate) fn records(self) -> bool {
        self != Self::Bare
    }

    /// Whether the middleware has a way to record this share.
    pub(crate) fn has(self, share: Share) -> bool {
        match share {
            Share::Kept => true,
            Share::Tenth | Share::None => self.records(),
            Share::KeptAtRate | Share::Blacklisted => matches!(self, Self::Ours { .. }),
        }
    }

    pub(crate) fn requests(self) -> &'static [Request] {
        &[Request::Plain, Request::Traceparent]
    }

    pub(crate) fn app(self, share: Share, purpose: &Purpose) -> App {
        match self {
            Self::Bare => App::of(now(init_service(ActixApp::new().configure(App::routes))), || {}),
            Self::Ours { with_context } => {
                let telemetry = ours::telemetry(with_context, share, purpose);
                let app = ActixApp::new().wrap(OpenCensusLayer::new(telemetry.clone())).configure(App::routes);
                App::of(now(init_service(app)), move || ours::flush(&telemetry))
            }
            Self::OpenTelemetry => {
                let provider = sdk::provider(share, purpose);
                let app = ActixApp::new().wrap(RequestTracing::new()).configure(App::routes);
                App::of(now(init_service(app)), move || sdk::flush(&provider))
            }
            Self::Tracing => {
                let provider = sdk::provider(share, purpose);
                sdk::subscribe(&provider);
                let app = ActixApp::new().wrap(TracingLogger::<RootSpan>::new()).configure(App::routes);
                App::of(now(init_service(app)), move || sdk::flush(&provider))
            }
        }
    }
}
