//! What was asked for, until there is an answer.

use std::any::Any;
use std::sync::Arc;

use http::StatusCode;
use opencensus_core::{HttpVersion, Privacy, RequestDetails, ResponseEvent};

use crate::Telemetry;
use crate::handler::Told;
use crate::middleware::exchange::{RequestScope, message};
use crate::middleware::header_capture::Capture;
use crate::middleware::header_index::Headers;
use crate::middleware::report_data::Reportable;
use crate::telemetry::Observers;

/// Method and target of a request: reference counts, no copies.
pub(crate) trait Target {
    /// The method.
    fn method(&self) -> &str;

    /// The target's path.
    fn path(&self) -> &str;

    /// The target's query.
    fn query(&self) -> Option<&str>;

    /// The protocol's version.
    fn version(&self) -> HttpVersion;

    /// What is kept to report the request, if that was asked for.
    fn reportable(&mut self) -> Option<&mut Reportable>;

    /// The target's scheme, or the server's.
    fn scheme(&self) -> Option<&str>;

    /// The target's authority.
    fn authority(&self) -> Option<&str>;
}

/// A request, who wants to hear of its answer, and what is told of that. In a box, since mostly nobody
/// does, and a future is moved.
#[derive(Debug)]
pub(crate) struct Asked<T> {
    observers: Option<Observers>,
    capture: Option<Arc<Capture>>,
    privacy: Privacy,
    target: T,
}

impl<T: Target> Asked<T> {
    /// `None`: nobody wants to hear of it. `target` is told whether somebody wants the request in full.
    #[inline]
    pub(crate) fn of(config: &Telemetry, scope: &RequestScope, target: impl FnOnce(bool) -> T) -> Option<Box<Self>> {
        if !scope.is_followed() {
            return None;
        }
        let is_wanted = |observers: &&Observers| observers.iter().any(|observer| observer.is_interested());
        let observers = config.observers().filter(is_wanted);
        let capture = config.capture().filter(|_| scope.is_open());
        if observers.is_none() && capture.is_none() {
            None
        } else {
            Some(Self::new(config, observers, capture, target))
        }
    }

    #[cold]
    fn new(
        config: &Telemetry,
        observers: Option<&Observers>,
        capture: Option<&Arc<Capture>>,
        target: impl FnOnce(bool) -> T,
    ) -> Box<Self> {
        let mut all = observers.iter().flat_map(|observers| observers.iter());
        let target = target(all.any(|observer| observer.is_interested() && observer.wants_details()));
        let privacy = config.privacy();
        Box::new(Self { observers: observers.cloned(), capture: capture.cloned(), privacy, target })
    }

    /// Tells of an answer that is worth it. `length`: that of the body, if the head tells it.
    pub(crate) fn answered<'a>(
        self,
        status: u16,
        length: Option<u64>,
        told: Told<'_>,
        headers: impl Headers<'a>,
        scope: &mut RequestScope,
    ) {
        if let (Some(capture), Some(span)) = (&self.capture, scope.open_span()) {
            capture.of_response(headers).for_each(|attribute| span.set_attribute(attribute));
        }
        self.tell(status, length, told, None, scope);
    }

    /// Tells of a request that has no answer.
    pub(crate) fn failed(self, error: &str, scope: &mut RequestScope) {
        self.tell(StatusCode::INTERNAL_SERVER_ERROR.as_u16(), None, Told::default(), Some(error), scope);
    }

    /// Runs a part of the service as this request. A panic is told, ends the request and goes on.
    #[inline]
    pub(crate) fn run<R>(asked: &mut Option<Box<Self>>, scope: &mut RequestScope, work: impl FnOnce() -> R) -> R {
        if asked.is_none() {
            return scope.run(work);
        }
        scope.catch(work).unwrap_or_else(|panic| Self::panicked(asked, scope, panic))
    }

    /// Tells a panic, which ends the request and goes on.
    #[cold]
    pub(crate) fn panicked(asked: &mut Option<Box<Self>>, scope: &mut RequestScope, panic: Box<dyn Any + Send>) -> ! {
        if let Some(asked) = asked.take() {
            asked.failed(&message(&*panic), scope);
        }
        scope.panicked(panic)
    }

    #[cfg(feature = "actix")]
    pub(crate) fn path(&self) -> &str {
        self.target.path()
    }

    /// Whether somebody may report the request.
    #[cfg(feature = "actix")]
    pub(crate) fn is_in_full(&mut self) -> bool {
        self.target.reportable().is_some()
    }

    /// Names the matched route's template, for whoever reports the request.
    #[cfg(feature = "actix")]
    pub(crate) fn set_route(&mut self, route: impl FnOnce() -> Option<String>) {
        if let Some(reportable) = self.target.reportable() {
            reportable.set_route(route());
        }
    }

    fn details(&mut self) -> Option<RequestDetails> {
        let mut details = std::mem::take(self.target.reportable()?).details();
        details.scheme = self.target.scheme().map(str::to_owned);
        details.host = self.target.authority().map(str::to_owned).or(details.host);
        // A user name and a password in front are nobody's business.
        details.host = details.host.and_then(|host| host.rsplit('@').next().map(str::to_owned));
        if self.privacy.mask_client_address {
            details.peer = None;
            details.headers.remove(&CLIENT_ADDRESS);
        }
        Some(details)
    }

    fn tell(mut self, status: u16, length: Option<u64>, told: Told<'_>, error: Option<&str>, scope: &mut RequestScope) {
        let is_failure = status >= 400;
        let observers = self.observers.take();
        let observers = observers.iter().flat_map(|observers| observers.iter());
        let mut hearing = observers.filter(|observer| is_failure || observer.observes_success()).peekable();
        if hearing.peek().is_none() {
            return;
        }
        let details = if is_failure { self.details().map(Arc::new) } else { None };
        let mut answer = ResponseEvent::new(status, reason(status), self.target.method(), self.target.path());
        (answer.query, answer.version, answer.length) = (self.target.query(), self.target.version(), length);
        answer.redaction = self.privacy.query_redaction;
        answer.details = details.as_ref();
        answer.context = scope.context();
        told.add_to(&mut answer);
        answer.error = error;
        let _entered = scope.enter();
        hearing.for_each(|observer| observer.answered(&answer));
    }
}

/// Headers in which proxies tell the client's address.
const CLIENT_ADDRESS: [&str; 10] = [
    "cf-connecting-ip",
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "true-client-ip",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-forwarded-for",
    "x-real-ip",
];

/// The status's name in IANA's registry, as RFC 9110 has it; `http` still has some of the names before.
fn reason(status: u16) -> &'static str {
    match status {
        413 => "Content Too Large",
        418 => "I'm a Teapot",
        422 => "Unprocessable Content",
        425 => "Too Early",
        _ => StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Unknown Status Code"),
    }
}
