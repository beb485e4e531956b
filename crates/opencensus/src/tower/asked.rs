//! What was asked for, until there is an answer.

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode, Uri};
use opencensus_core::Answer;

use crate::Config;
use crate::capture::Capture;
use crate::config::Observers;
use crate::scope::{RequestScope, message};
use crate::security::Suspicion;

/// Method and target of a request, who wants to hear of its answer, and what is told of that. Reference
/// counts, no copies; in a box, since mostly nobody does, and a future is moved.
#[derive(Debug)]
pub(super) struct Asked {
    observers: Option<Observers>,
    capture: Option<Arc<Capture>>,
    method: Method,
    uri: Uri,
}

impl Asked {
    /// `None`: nobody wants to hear of it.
    #[inline]
    pub(super) fn of<B>(request: &Request<B>, config: &Config, scope: &RequestScope) -> Option<Box<Self>> {
        if !scope.is_followed() {
            return None;
        }
        let is_wanted = |observers: &&Observers| observers.iter().any(|observer| observer.is_interested());
        let observers = config.observers().filter(is_wanted);
        let capture = config.capture().filter(|_| scope.is_open());
        if observers.is_none() && capture.is_none() { None } else { Some(Self::new(request, observers, capture)) }
    }

    #[cold]
    fn new<B>(request: &Request<B>, observers: Option<&Observers>, capture: Option<&Arc<Capture>>) -> Box<Self> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        Box::new(Self { observers: observers.cloned(), capture: capture.cloned(), method, uri })
    }

    /// Tells of an answer that is worth it.
    pub(super) fn answered<B>(self, response: &Response<B>, scope: &mut RequestScope) {
        if let (Some(capture), Some(span)) = (&self.capture, scope.open_span()) {
            capture.of_response(response.headers()).for_each(|attribute| span.set_attribute(attribute));
        }
        let status = response.status();
        if status.as_u16() >= 400 {
            let suspicion = response.extensions().get::<Suspicion>().map(|suspicion| suspicion.0);
            self.tell(status, suspicion, None, scope);
        }
    }

    /// Tells of a request that has no answer.
    pub(super) fn failed(self, error: &str, scope: &mut RequestScope) {
        self.tell(StatusCode::INTERNAL_SERVER_ERROR, None, Some(error), scope);
    }

    /// Runs a part of the service as this request. A panic is told, ends the request and goes on.
    #[inline]
    pub(super) fn run<T>(asked: &mut Option<Box<Self>>, scope: &mut RequestScope, work: impl FnOnce() -> T) -> T {
        if asked.is_none() {
            return scope.run(work);
        }
        scope.catch(work).unwrap_or_else(|panic| {
            if let Some(asked) = asked.take() {
                asked.failed(&message(&*panic), scope);
            }
            scope.panicked(panic)
        })
    }

    fn tell(self, status: StatusCode, suspicion: Option<&str>, error: Option<&str>, scope: &mut RequestScope) {
        let reason = status.canonical_reason().unwrap_or("Unknown");
        let mut answer = Answer::new(status.as_u16(), reason, self.method.as_str(), self.uri.path());
        answer.context = scope.context();
        answer.suspicion = suspicion;
        answer.error = error;
        let _entered = scope.enter();
        self.observers.iter().flat_map(|observers| observers.iter()).for_each(|observer| observer.answered(&answer));
    }
}
