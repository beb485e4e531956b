//! An outgoing HTTP call.

use std::any::Any;
use std::error::Error;
use std::fmt::{Debug, Display};

use http::HeaderMap;
use opencensus_core::current::{self, SpanEntered};
use opencensus_core::pipeline::is_pipeline_thread;
use opencensus_core::span::Instrumented;
use opencensus_core::{Baggage, Current, DependencySpan, Tracer};

use crate::outgoing::call_head::{CallHead, CallName};
use crate::outgoing::error_text;
use crate::outgoing::inject::{parent_of_call, write_headers};

/// An outgoing HTTP call of any client: [`Telemetry::call`](crate::Telemetry::call) and
/// [`RequestTelemetry::call`](crate::RequestTelemetry::call) begin it. It has a span of its own, which the injected
/// headers name, and is recorded at its end. A call that is dropped before its end is cancelled.
///
/// # Examples
///
/// ```
/// use opencensus::Telemetry;
/// # struct Response { status: u16 }
/// # async fn send(_: http::HeaderMap) -> Result<Response, std::io::Error> { Ok(Response { status: 200 }) }
///
/// async fn stock(telemetry: &Telemetry) -> Result<u16, std::io::Error> {
///     let mut call = telemetry.call("GET", "https://stock.example/stock/7");
///     call.set_name("GET /stock/{id}");
///     let mut headers = http::HeaderMap::new();
///     call.inject(&mut headers);
///     match call.instrument(send(headers)).await {
///         Ok(response) => {
///             call.end(response.status);
///             Ok(response.status)
///         }
///         Err(error) => {
///             call.fail(&error);
///             Err(error)
///         }
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "a call that is dropped before its end is cancelled"]
pub struct Call {
    span: DependencySpan,
    has_ended: bool,
}

/// No call.
impl Default for Call {
    fn default() -> Self {
        Self { span: DependencySpan::none(), has_ended: true }
    }
}

impl Call {
    /// Begins a call under a request; without one, under the thread's current request, or as a trace of its own. A call
    /// of the exporter's thread or to a blacklisted host is neither recorded nor propagated.
    pub(super) fn begin(
        request: Option<Current>,
        tracer: Option<&Tracer>,
        head: &CallHead<'_>,
        name: impl FnOnce() -> Option<CallName>,
        url: impl FnOnce() -> String,
    ) -> Self {
        if is_pipeline_thread() {
            return Self::default();
        }
        let authority = head.authority.as_deref().unwrap_or_default();
        let record = |context| head.record(context, name(), url);
        let span = match (request.or_else(current::get), tracer) {
            (Some(request), _) if request.propagates_to(authority) => {
                let parent = request.clone();
                DependencySpan::under(request, |context| {
                    let mut record = record(context);
                    record.parent = Some(parent_of_call(&parent).span_id());
                    record
                })
            }
            (None, Some(tracer)) if tracer.propagates_to(authority) => tracer.begin_dependency(record),
            _ => return Self::default(),
        };
        Self { span, has_ended: false }
    }

    /// Writes the trace into the call's headers, as [`inject`](crate::inject) does, with the call's own span as the
    /// parent of the called service's request. A call whose request is not kept continues the trace as not sampled.
    pub fn inject(&self, headers: &mut HeaderMap) {
        write_headers(headers, |visit| self.span.visit_outgoing_headers(visit), self.span.baggage());
    }

    /// The headers that [`inject`](Self::inject) writes, for a client with another type of headers, such as awc: names
    /// in lower case, and values.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let propagated = self.span.outgoing_headers();
        let headers = propagated.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let baggage = self.span.baggage().and_then(Baggage::to_header);
        headers.chain(baggage.map(|value| ("baggage", value))).collect()
    }

    /// Sets the name: a template such as `GET /stock/{id}`. Default: the method and the host.
    pub fn set_name(&mut self, name: impl Into<CallName>) {
        if self.span.is_recorded() {
            self.span.set_name(name.into().0);
        }
    }

    /// The call's span, to add attributes.
    pub fn span(&mut self) -> &mut DependencySpan {
        &mut self.span
    }

    /// Runs a future as a part of the call, as [`DependencySpan::instrument`] does.
    pub fn instrument<F: Future>(&mut self, future: F) -> Instrumented<'_, F> {
        self.span.instrument(future)
    }

    /// Ends the call with the status of its response. It fails from 400.
    pub fn end(mut self, status: u16) {
        self.set_status(status);
        self.has_ended = true;
    }

    /// Ends the call with an error: it failed, with the error's text and code 0.
    pub fn fail<E: Display + Debug + Any>(mut self, error: &E) {
        if self.span.is_recorded() {
            self.span.set_failed(error_text::of_value(error));
        }
        self.has_ended = true;
    }

    /// Ends the call with an error and its causes.
    pub fn fail_with_causes(mut self, error: &(dyn Error + 'static)) {
        if self.span.is_recorded() {
            self.span.set_failed(error_text::of_error(error));
        }
        self.has_ended = true;
    }

    pub(super) fn enter(&self) -> Option<SpanEntered> {
        self.span.enter()
    }

    pub(super) fn is_recorded(&self) -> bool {
        self.span.is_recorded()
    }

    pub(super) fn set_status(&mut self, status: u16) {
        self.span.set_attribute("http.response.status_code", i64::from(status));
        if status >= 400 {
            self.span.set_failed("");
        }
    }

    /// Ends the call as it is.
    pub(super) fn finish(mut self) {
        self.has_ended = true;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // A panic is recorded by the span itself.
        if !self.has_ended && !std::thread::panicking() {
            self.span.set_cancelled();
        }
    }
}
