//! The cases of the benchmark: a request, and the way in which the layer handles it.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::get;
use http_body_util::BodyExt as _;
use opencensus::sampling::{KeepFailures, SamplerSetting, SamplingRate};
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use tower::Service;

use crate::discard::{self, Discard};
use crate::floor::Floor;
use crate::ready::now;

/// The request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Request {
    Plain,
    WithTraceparent,
    /// From a service that keeps every trace and propagates this rate.
    WithTracestate,
}

/// How the layer handles the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// Without a layer.
    Bare,
    Floor,
    Kept,
    /// Kept at a rate below 1, which is propagated to the services that the handler calls.
    KeptAtRate,
    NotSampled,
    /// Not sampled, but a failure would be kept.
    Undecided,
    Blacklisted,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) request: Request,
    fate: Fate,
    with_context: bool,
    // Entries of a blacklist of every form, none of which matches the request.
    entries: usize,
}

impl Case {
    pub(crate) fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for request in [Request::Plain, Request::WithTraceparent] {
            cases.extend([Fate::Bare, Fate::Floor].map(|fate| Self { request, fate, with_context: false, entries: 0 }));
            for fate in [Fate::Kept, Fate::NotSampled, Fate::Blacklisted] {
                cases.extend([false, true].map(|with_context| Self { request, fate, with_context, entries: 0 }));
            }
        }
        for fate in [Fate::KeptAtRate, Fate::Undecided] {
            let request = Request::Plain;
            cases.extend([false, true].map(|with_context| Self { request, fate, with_context, entries: 0 }));
        }
        let request = Request::WithTracestate;
        cases.push(Self { request, fate: Fate::Floor, with_context: false, entries: 0 });
        cases.extend([false, true].map(|with_context| Self { request, fate: Fate::Kept, with_context, entries: 0 }));
        let past = |entries| Self { request: Request::Plain, fate: Fate::NotSampled, with_context: false, entries };
        cases.extend([10, 1000].map(past));
        cases
    }

    /// The cases whose figures are committed, and the bare router above which they are counted.
    pub(crate) fn guarded() -> Vec<Self> {
        let mut cases = Vec::new();
        for request in [Request::Plain, Request::WithTraceparent] {
            cases.push(Self { request, fate: Fate::Bare, with_context: false, entries: 0 });
            for fate in [Fate::Kept, Fate::NotSampled, Fate::Blacklisted] {
                cases.extend([false, true].map(|with_context| Self { request, fate, with_context, entries: 0 }));
            }
        }
        let rare = |fate| Self { request: Request::Plain, fate, with_context: true, entries: 0 };
        cases.extend([Fate::KeptAtRate, Fate::Undecided].map(rare));
        cases
    }

    pub(crate) fn is_floor(self) -> bool {
        self.fate == Fate::Floor
    }

    /// Whether a quick run measures the case.
    pub(crate) fn is_quick(self) -> bool {
        self.request == Request::Plain && self.entries == 0
    }

    pub(crate) fn name(self) -> String {
        let fate = match self.fate {
            Fate::Bare => "bare",
            Fate::Floor => "floor",
            Fate::Kept => "kept",
            Fate::KeptAtRate => "kept at a rate",
            Fate::NotSampled => "not sampled",
            Fate::Undecided => "undecided",
            Fate::Blacklisted => "blacklisted",
        };
        let context = match (matches!(self.fate, Fate::Bare | Fate::Floor), self.with_context) {
            (true, _) => "",
            (false, true) => ", context on",
            (false, false) => ", context off",
        };
        let request = match self.request {
            Request::Plain => "",
            Request::WithTraceparent => ", traceparent",
            Request::WithTracestate => ", tracestate",
        };
        let entries = if self.entries == 0 { String::new() } else { format!(", {} entries", self.entries) };
        format!("{fate}{context}{request}{entries}")
    }

    /// The case with the same request and no layer.
    pub(crate) fn bare(self) -> Self {
        Self { fate: Fate::Bare, with_context: false, entries: 0, ..self }
    }

    /// The case with the same request and the [`Floor`] layer.
    pub(crate) fn floor(self) -> Self {
        Self { fate: Fate::Floor, with_context: false, entries: 0, ..self }
    }

    /// `counted`: the worker stops at its first item, so that its work is not counted.
    pub(crate) fn app(self, counted: bool) -> App {
        let handler = |Path(id): Path<u32>| async move { if id == 7 { "seven" } else { "other" } };
        let router = Router::new().route("/users/{id}", get(handler));
        match self.fate {
            Fate::Bare => return App { router: router.with_state(()), telemetry: None },
            Fate::Floor => return App { router: router.layer(Floor).with_state(()), telemetry: None },
            _ => {}
        }
        let telemetry = self.settings().start_with(Discard { stops: counted }).expect("it starts");
        let router = router.layer(OpenCensusLayer::new(telemetry.clone())).with_state(());
        App { router, telemetry: Some(telemetry) }
    }

    /// Panics unless as many requests are recorded as the case's name states.
    pub(crate) fn check(self) {
        const REQUESTS: u64 = 100;
        let mut app = self.app(false);
        (0..REQUESTS).for_each(|_| app.serve(self.request));
        app.flush();
        let accepted = app.telemetry.map(|telemetry| telemetry.stats().accepted);
        let expected = match self.fate {
            Fate::Bare | Fate::Floor => None,
            Fate::Kept | Fate::KeptAtRate => Some(REQUESTS),
            Fate::NotSampled | Fate::Undecided | Fate::Blacklisted => Some(0),
        };
        assert_eq!(accepted, expected);
    }

    fn settings(self) -> Settings {
        let mut settings = Settings::default();
        settings.trace.opentelemetry_context = self.with_context;
        settings.limits = discard::limits();
        let settings = settings.with_blacklist_paths(match self.fate {
            Fate::Blacklisted => vec!["/health".to_owned(), "/users".to_owned()],
            _ if self.entries > 0 => (0..self.entries).map(entry).collect(),
            _ => vec!["/health".to_owned(), "/metrics".to_owned()],
        });
        match self.fate {
            Fate::NotSampled => settings.with_sampler(SamplerSetting::AlwaysOff),
            // So close to 1 that every request is kept.
            Fate::KeptAtRate => {
                let rate = SamplingRate::try_from(1.0 - 1e-12).expect("a rate");
                settings.with_sampler(SamplerSetting::Share(rate))
            }
            Fate::Undecided => settings.with_sampler(SamplerSetting::AlwaysOff).with_keep_failures(KeepFailures::All),
            _ => settings,
        }
    }
}

/// Entries of every form in turn, similar to the requested path.
fn entry(n: usize) -> String {
    match n % 7 {
        0 => format!("/users/{}", n + 100),
        1 => format!("=/users/{}", n + 100),
        2 => format!("POST /users/{n}"),
        3 => format!("glob:/users/*/{n}"),
        4 => format!("re:^/users/{}[0-9]+$", n + 100),
        5 => format!("https://shop.example/users/{}", n + 100),
        _ => format!("http://shop{n}.example"),
    }
}

/// A router that is called in process.
pub(crate) struct App {
    router: Router,
    telemetry: Option<Telemetry>,
}

impl App {
    /// Empties the queue.
    pub(crate) fn flush(&self) {
        if let Some(telemetry) = &self.telemetry {
            assert!(telemetry.flush(Duration::from_secs(60)).wait().complete);
        }
    }

    /// Sends one request and reads the body to its end. Everything is ready at once, so nothing waits.
    pub(crate) fn serve(&mut self, request: Request) {
        let mut builder =
            http::Request::get("/users/7").header("host", "shop.example").header("user-agent", "bench/1.0");
        builder = match request {
            Request::Plain => builder,
            Request::WithTraceparent => {
                builder.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
            }
            Request::WithTracestate => builder
                .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .header("tracestate", "ot=th:0,oc=-:00f067aa0ba902b7"),
        };
        let request = builder.body(Body::empty()).expect("a request");
        let Ok(response) = now(self.router.call(request));
        let body = now(response.into_body().collect()).expect("a body").to_bytes();
        assert_eq!(&body[..], b"seven");
    }
}
