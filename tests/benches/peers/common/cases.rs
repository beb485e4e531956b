//! The cases of a comparison: each middleware with each share of recorded requests, with and without a caller's trace.

pub(crate) use crate::app::App;
use crate::middleware::Middleware;
use crate::parents::{Parents, Request};
use crate::recorded::{Purpose, Recorded};
use crate::share::Share;

/// What a middleware is in the comparison.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// No middleware.
    Bare,
    /// One that does nothing.
    #[allow(dead_code, reason = "not every comparison has one")]
    Empty,
    /// This project's, with or without OpenTelemetry's current context.
    Ours { with_context: bool },
    /// Written for the comparison, as a user without a library would.
    #[allow(dead_code, reason = "not every comparison has one")]
    ByHand,
    /// A published crate.
    Peer,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) middleware: Middleware,
    pub(crate) share: Share,
    pub(crate) request: Request,
}

impl Case {
    pub(crate) fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for middleware in Middleware::ALL {
            for share in Share::ALL.into_iter().filter(|&share| middleware.has(share)) {
                cases.extend(middleware.requests().iter().map(|&request| Self { middleware, share, request }));
            }
        }
        cases
    }

    pub(crate) fn is_floor(self) -> bool {
        self.middleware.kind() == Kind::Bare
    }

    /// Whether a quick run measures the case.
    pub(crate) fn is_quick(self) -> bool {
        self.request == Request::Plain && matches!(self.share, Share::Kept | Share::None)
    }

    pub(crate) fn name(self) -> String {
        let request = match self.request {
            Request::Plain => "",
            Request::Traceparent => ", traceparent",
            Request::SentryTrace => ", sentry-trace",
        };
        format!("{}, {}{request}", self.middleware.name(), self.share.name())
    }

    /// The case with the same request and no middleware.
    pub(crate) fn floor(self) -> Self {
        Self { middleware: Middleware::Bare, share: Share::Kept, ..self }
    }

    pub(crate) fn app(self, counted: bool) -> App {
        self.middleware.app(self.share, &if counted { Purpose::Count } else { Purpose::Time })
    }

    /// Panics unless the exporter receives as many requests as the case's name states, each in the caller's trace.
    pub(crate) fn check(self) {
        const REQUESTS: usize = 1_500;
        let recorded = Recorded::default();
        let mut app = self.middleware.app(self.share, &Purpose::Check(recorded.clone()));
        (0..REQUESTS).for_each(|_| app.serve(self.request));
        app.flush();
        let found = recorded.sorted();
        let (least, most) =
            if self.middleware.records() { self.share.recorded(REQUESTS) } else { Share::None.recorded(REQUESTS) };
        assert!((least..=most).contains(&found.len()), "{}: {} of {REQUESTS} are recorded", self.name(), found.len());
        let mut callers = Parents::new().ids(REQUESTS);
        callers.sort_unstable();
        if self.request == Request::Plain {
            assert!(found.is_sorted_by(|a, b| a < b), "{}: two requests have one trace", self.name());
        } else if least == REQUESTS {
            assert!(found == callers, "{}: not the callers' traces", self.name());
        } else {
            let of_caller = |id| callers.binary_search(id).is_ok();
            assert!(found.iter().all(of_caller), "{}: not the callers' traces", self.name());
        }
    }
}
