//! Reports the response and the end of a request to observers.

use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use opencensus_core::{EndEvent, Observer, Outcome, Privacy, RequestHead, RequestSpan, ResponseEvent, current};

use crate::Telemetry;
use crate::handler::FailureInfo;
use crate::middleware::SharedFormData;
use crate::middleware::framework::{Framework, IncomingRequest};
use crate::middleware::header_capture::HeaderCapture;
use crate::middleware::header_index::Headers;
use crate::middleware::report_data::ReportData;
use crate::telemetry::Observers;

/// The observers of one request, and the data for their events. Boxed, because most requests have no observer
/// and futures are moved.
#[derive(Debug)]
pub(crate) struct ResponseObservation<H> {
    observers: Option<Observers>,
    capture: Option<Arc<HeaderCapture>>,
    privacy: Privacy,
    head: H,
    // `None`: no observer needs the details.
    report_data: Option<ReportData>,
    // `None`: no observer observes the end.
    started: Option<Instant>,
}

impl<H: RequestHead> ResponseObservation<H> {
    /// `None`: nothing observes the request. `is_recording`: whether the request has a span for captured headers.
    #[inline]
    pub(crate) fn of<F: Framework<Head = H>>(
        telemetry: &Telemetry,
        request: &mut impl IncomingRequest<F>,
        is_recording: bool,
    ) -> Option<Box<Self>> {
        let is_enabled = |observers: &&Observers| observers.iter().any(|observer| observer.is_enabled());
        let observers = telemetry.observers().filter(is_enabled);
        let capture = telemetry.capture().filter(|_| is_recording);
        if observers.is_none() && capture.is_none() {
            None
        } else {
            Some(Self::new(telemetry.privacy(), observers, capture, request))
        }
    }

    #[cold]
    fn new<F: Framework<Head = H>>(
        privacy: Privacy,
        observers: Option<&Observers>,
        capture: Option<&Arc<HeaderCapture>>,
        request: &mut impl IncomingRequest<F>,
    ) -> Box<Self> {
        let any = |has_need: fn(&dyn Observer) -> bool| {
            let mut all = observers.iter().flat_map(|observers| observers.iter());
            all.any(|observer| observer.is_enabled() && has_need(&**observer))
        };
        let started = any(Observer::observes_end).then(Instant::now);
        let report_data = any(Observer::needs_details).then(|| {
            let form_data = SharedFormData::default();
            request.insert(form_data.clone());
            ReportData::new(&request.head(), request.headers(), form_data)
        });
        let (observers, capture, head) = (observers.cloned(), capture.cloned(), request.owned_head());
        Box::new(Self { observers, capture, privacy, head, report_data, started })
    }

    /// Adds the response's captured headers to the span.
    pub(crate) fn capture_response<'a>(&self, headers: impl Headers<'a>, span: &RequestSpan) {
        if let Some(capture) = &self.capture {
            capture.response_attributes(headers).for_each(|attribute| span.set_attribute(attribute));
        }
    }

    /// Whether an observer needs the details of the request.
    pub(crate) fn has_report_data(&self) -> bool {
        self.report_data.is_some()
    }

    /// Sets the matched route's template in the details.
    pub(crate) fn set_route(&mut self, route: impl FnOnce(&str) -> Option<String>) {
        if let Some(report_data) = &mut self.report_data
            && let Some(route) = route(self.head.path())
        {
            report_data.set_route(route);
        }
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
        self.report(status, length, failure, None);
    }

    /// Reports a service that failed without a response. The request must be the current one.
    pub(crate) fn on_failure(&mut self, error: &str) {
        self.report(StatusCode::INTERNAL_SERVER_ERROR.as_u16(), None, FailureInfo::default(), Some(error));
    }

    fn report(&mut self, status: u16, length: Option<u64>, failure: FailureInfo<'_>, error: Option<&str>) {
        let report_data = if status >= 400 { self.report_data.take() } else { None };
        let details = report_data.map(|data| Arc::new(data.details(&self.head, self.privacy)));
        let mut response = ResponseEvent::new(status, reason(status), self.head.method(), self.head.path());
        (response.query, response.version, response.length) = (self.head.query(), self.head.version(), length);
        response.redaction = self.privacy.query_redaction;
        response.details = details.as_ref();
        response.context = current::context();
        failure.add_to(&mut response);
        response.error = error;
        self.observers_of(status).for_each(|observer| observer.on_response(&response));
    }

    /// Reports the request's end. The request must be the current one.
    pub(crate) fn on_end(&self, status: Option<u16>, outcome: &Outcome, body_bytes: u64) {
        let Some(started) = self.started else { return };
        let mut end = EndEvent::new(self.head.method(), self.head.path(), status, outcome, started.elapsed());
        (end.body_bytes, end.context) = (body_bytes, current::context());
        let all = self.observers.iter().flat_map(|observers| observers.iter());
        all.filter(|observer| observer.observes_end()).for_each(|observer| observer.on_end(&end));
    }
}

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
