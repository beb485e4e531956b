//! Reports the response and the end of a request to observers.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use opencensus_core::request::public_route;
use opencensus_core::{
    EndEvent, GrpcStatus, Observer, Outcome, Privacy, RequestDetails, RequestHead, RequestSpan, ResponseEvent, current,
};

use crate::RequestScheme;
use crate::handler::FailureInfo;
use crate::middleware::SharedFormData;
use crate::middleware::framework::{Framework, IncomingRequest};
use crate::middleware::grpc::GrpcCall;
use crate::middleware::header_capture::HeaderCapture;
use crate::middleware::header_index::Headers;
use crate::middleware::report_data::ReportData;
use crate::middleware::request_error::RequestError;
use crate::telemetry::{Observers, Running};

/// The observers of one request, and the data for their events. Boxed, because most requests have no observer
/// and futures are moved.
#[derive(Debug)]
pub(crate) struct ResponseObservation<H> {
    observers: Option<Observers>,
    capture: Option<Arc<HeaderCapture>>,
    privacy: Privacy,
    head: H,
    // `None`: no observer needs the details, or they are made.
    report_data: Option<ReportData>,
    details: Option<Arc<RequestDetails>>,
    // The route that a front end found after the handler.
    route: Option<String>,
    observes_body_failures: bool,
    // `None`: no observer observes the end.
    started: Option<Instant>,
}

impl<H: RequestHead> ResponseObservation<H> {
    /// `None`: nothing observes the request. `is_recording`: whether the request has a span for captured headers.
    #[inline]
    pub(crate) fn of<F: Framework<Head = H>>(
        running: &Running,
        request: &mut impl IncomingRequest<F>,
        is_recording: bool,
    ) -> Option<Box<Self>> {
        let is_observed = running.observers.iter().any(|observer| observer.is_enabled());
        let capture = running.capture.as_ref().filter(|_| is_recording);
        if !is_observed && capture.is_none() {
            return None;
        }
        let observers = is_observed.then_some(&running.observers);
        Some(Self::new(running.privacy, observers, capture, request, running.options.scheme))
    }

    #[cold]
    fn new<F: Framework<Head = H>>(
        privacy: Privacy,
        observers: Option<&Observers>,
        capture: Option<&Arc<HeaderCapture>>,
        request: &mut impl IncomingRequest<F>,
        scheme: Option<RequestScheme>,
    ) -> Box<Self> {
        let any = |has_need: fn(&dyn Observer) -> bool| {
            let mut all = observers.iter().flat_map(|observers| observers.iter());
            all.any(|observer| observer.is_enabled() && has_need(&**observer))
        };
        let started = any(Observer::observes_end).then(Instant::now);
        let report_data = any(Observer::needs_details).then(|| {
            let form_data = SharedFormData::default();
            request.insert(form_data.clone());
            ReportData::new(&request.head(scheme), request.headers(), form_data)
        });
        let (observers, capture, head) = (observers.cloned(), capture.cloned(), request.owned_head(scheme));
        let observes_body_failures = any(Observer::observes_body_failures);
        let (details, route) = (None, None);
        Box::new(Self {
            observers,
            capture,
            privacy,
            head,
            report_data,
            details,
            route,
            observes_body_failures,
            started,
        })
    }

    /// Adds the response's captured headers to the span.
    pub(crate) fn capture_response<'a>(&self, headers: impl Headers<'a>, span: &RequestSpan) {
        if let Some(capture) = &self.capture {
            capture.response_attributes(headers).for_each(|attribute| span.set_attribute(attribute));
        }
    }

    /// Whether an observer may receive an event.
    pub(crate) fn has_observers(&self) -> bool {
        self.observers.is_some()
    }

    /// Sets the matched route's template, unless it is known.
    pub(crate) fn set_route(&mut self, route: impl FnOnce(&str) -> Option<String>) {
        if self.route.is_none() {
            self.route = route(self.head.path());
        }
    }

    /// Takes the route that the handler has set, or that of the request's head.
    fn complete_route(&mut self) {
        if self.route.is_none() {
            self.route = self.report_data.as_ref().and_then(ReportData::take_route);
        }
        if self.route.is_none() {
            let span = RequestSpan::current();
            let of_span = span.as_ref().and_then(|span| span.route());
            self.route = of_span.as_deref().or_else(|| self.head.known_route()).map(str::to_owned);
        }
        if let Some(route) = &mut self.route
            && let Cow::Owned(public) = public_route(route)
        {
            *route = public;
        }
    }

    /// Whether an observer may receive another event after the response's head.
    pub(crate) fn outlives_head(&self) -> bool {
        self.observes_body_failures || self.observes_end()
    }

    /// Whether an observer observes the request's end.
    pub(crate) fn observes_end(&self) -> bool {
        self.started.is_some()
    }

    /// Whether an observer observes responses with this status.
    pub(crate) fn observes_status(&self, status: u16) -> bool {
        self.observers_of(status).next().is_some()
    }

    fn observers_of(&self, status: u16) -> impl Iterator<Item = &dyn Observer> {
        let all = self.observers.iter().flat_map(|observers| observers.iter());
        all.filter(move |observer| status >= 400 || observer.observes_success()).map(|observer| &**observer)
    }

    /// Reports a response. The request must be the current one. `length`: that of the body, if the head announces it.
    pub(crate) fn on_response(&mut self, status: u16, length: Option<u64>, failure: FailureInfo<'_>) {
        self.make_details(true);
        let mut response = self.event(ResponseEvent::new, status);
        response.length = length;
        failure.add_to(&mut response);
        self.observers_of(status).for_each(|observer| observer.on_response(&response));
    }

    /// Reports the response of a gRPC call that completed. The request must be the current one. `status`: that of the
    /// HTTP response.
    pub(crate) fn on_grpc_response(&mut self, call: &GrpcCall, status: Option<u16>) {
        let grpc_status = call.status();
        let Some(status) = grpc_status.map(GrpcStatus::http_status).or(status) else { return };
        if !self.observes_status(status) {
            return;
        }
        self.make_details(true);
        let reason = call.reason();
        let mut response = self.event(ResponseEvent::new, status);
        (response.grpc_status, response.value) = (grpc_status, grpc_status.map(|_| &*reason));
        self.observers_of(status).for_each(|observer| observer.on_response(&response));
    }

    /// Reports a service that failed without a response. The request must be the current one.
    pub(crate) fn on_failure(&mut self, error: &RequestError<'_>, has_exception: bool) {
        let status = StatusCode::INTERNAL_SERVER_ERROR.as_u16();
        self.make_details(true);
        let mut response = self.event(ResponseEvent::new, status);
        (response.error, response.error_type) = (Some(error.message()), error.known_type());
        response.has_exception = has_exception;
        self.observers_of(status).for_each(|observer| observer.on_response(&response));
    }

    /// Reports a response that failed after its head, unless the head was a failure already. The request must be the
    /// current one.
    #[cold]
    pub(crate) fn on_body_failure(&mut self, status: u16, error: &RequestError<'_>, has_exception: bool) {
        if status >= 500 {
            return;
        }
        self.make_details(self.observes_body_failures);
        // As in the request's record.
        let status = if error.is_panic() { StatusCode::INTERNAL_SERVER_ERROR.as_u16() } else { status };
        let incomplete = |status, _, method, path| ResponseEvent::incomplete(status, method, path);
        let mut response = self.event(incomplete, status);
        (response.error, response.error_type) = (Some(error.message()), error.known_type());
        response.has_exception = has_exception;
        let all = self.observers.iter().flat_map(|observers| observers.iter());
        all.filter(|observer| observer.observes_body_failures())
            .for_each(|observer| observer.on_body_failure(&response));
    }

    fn make_details(&mut self, is_needed: bool) {
        self.complete_route();
        if let Some(data) = self.report_data.take_if(|_| is_needed) {
            self.details = Some(Arc::new(data.details(&self.head, self.route.clone(), self.privacy)));
        }
    }

    fn event<'a>(&'a self, new: NewEvent<'a>, status: u16) -> ResponseEvent<'a> {
        let mut response = new(status, reason(status), self.head.method(), self.head.path());
        (response.query, response.version) = (self.head.query(), self.head.version());
        response.redaction = self.privacy.redaction();
        (response.details, response.route) = (self.details.as_ref(), self.route.as_deref());
        response.context = current::context();
        response
    }

    /// Reports the request's end. The request must be the current one.
    /// `status`: that of the HTTP response.
    pub(crate) fn on_end(
        &self,
        status: Option<u16>,
        grpc_status: Option<GrpcStatus>,
        outcome: &Outcome,
        body_bytes: u64,
    ) {
        let Some(started) = self.started else { return };
        let status = grpc_status.map(GrpcStatus::http_status).or(status);
        let mut end = EndEvent::new(self.head.method(), self.head.path(), status, outcome, started.elapsed());
        (end.grpc_status, end.body_bytes, end.context) = (grpc_status, body_bytes, current::context());
        let all = self.observers.iter().flat_map(|observers| observers.iter());
        all.filter(|observer| observer.observes_end()).for_each(|observer| observer.on_end(&end));
    }
}

/// Creates an event from a status with its reason, a method and a path.
type NewEvent<'a> = fn(u16, &'a str, &'a str, &'a str) -> ResponseEvent<'a>;

/// The reason phrase in IANA's registry and in RFC 9110. `http` still has some of the former phrases.
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
