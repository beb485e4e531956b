//! Records one request, from its arrival to the end of its response.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use opencensus_core::current::RequestIdentity;
use opencensus_core::{Attribute, Current, Outcome, RequestSpan, TraceContext, Tracer, current};

use crate::RequestScheme;
use crate::handler::FailureInfo;
use crate::middleware::framework::{Framework, IncomingRequest, Routes as _};
use crate::middleware::grpc::GrpcCall;
use crate::middleware::header_capture::RESPONSE_SIZE;
use crate::middleware::observation::ResponseObservation;
use crate::middleware::options::ResponseOptions;
use crate::middleware::response_end::{ExpectedBody, ResponseEnd, ResponseHead, UNKNOWN_LENGTH, announced_length};
use crate::middleware::scope::{Entered, RequestScope};
use crate::telemetry::Running;

/// One request and its response: makes the request current while its service works, and ends it exactly
/// once. The response's future owns it, then the response's body. Empty if telemetry is disabled or an outer
/// layer records the request.
pub(crate) struct Exchange<F: Framework> {
    pub(super) scope: RequestScope,
    // `None`: nothing observes the request.
    pub(super) observation: Option<Box<ResponseObservation<F::Head>>>,
    // `None`: the route is known, or not needed.
    routes: Option<F::Routes>,
    pub(super) options: ResponseOptions,
    expected: ExpectedBody,
    pub(super) progress: Progress,
}

/// The progress of an exchange.
#[derive(Debug, Default)]
pub(super) struct Progress {
    // The response's status, once its head is complete.
    pub(super) status: Option<u16>,
    // The bytes of the response's body that were handed to the server.
    pub(super) sent: u64,
    // The bytes of the response's body after which the request ends.
    pub(super) length: u64,
    // The gRPC call that the response belongs to.
    pub(super) grpc: Option<Box<GrpcCall>>,
    pub(super) has_ended: bool,
    // The error that ended the request is an exception item.
    pub(super) has_exception: bool,
}

impl<F: Framework> Default for Exchange<F> {
    #[inline]
    fn default() -> Self {
        Self {
            scope: RequestScope::default(),
            observation: None,
            routes: None,
            options: ResponseOptions::default(),
            expected: ExpectedBody::Any,
            progress: Progress::default(),
        }
    }
}

impl<F: Framework> Exchange<F> {
    /// Begins a request. If the tracer records it, its extensions carry its span from now on. `routes` is
    /// called if the request's route may be needed after the handler.
    #[inline]
    pub(crate) fn begin<R: IncomingRequest<F>>(
        running: Option<&Running>,
        request: &mut R,
        routes: impl FnOnce(&R) -> F::Routes,
    ) -> Self {
        let Some(running) = running else { return Self::default() };
        let (identity, options) = (request.identity(), &running.options);
        let decided = decide(&running.tracer, request, identity, options.scheme);
        let Some(current) = decided else { return Self::default() };
        if let Current::Recording(span) = &current {
            if let Some(capture) = &running.capture {
                capture.request_attributes(request.headers()).for_each(|attribute| span.set_attribute(attribute));
            }
            request.insert(Arc::clone(span));
        }
        let is_recording = matches!(current, Current::Recording(_));
        let observation = ResponseObservation::of(running, request, is_recording);
        let has_observers = observation.as_ref().is_some_and(|observation| observation.has_observers());
        Self {
            scope: RequestScope::new(current, identity, options),
            routes: (is_recording || has_observers).then(|| routes(request)),
            observation,
            options: options.of_response,
            expected: ExpectedBody::of(request.method()),
            progress: Progress::default(),
        }
    }

    /// Moves the exchange out; an empty one stays.
    // Not `mem::take`: only the parts that own something need to be replaced.
    #[inline(always)]
    pub(crate) fn take(&mut self) -> Self {
        Self {
            scope: std::mem::take(&mut self.scope),
            observation: self.observation.take(),
            routes: self.routes.take(),
            options: self.options,
            expected: self.expected,
            progress: Progress { grpc: self.progress.grpc.take(), ..self.progress },
        }
    }

    /// The value of `traceresponse`, if the settings enable it: in the form of `traceparent`, with the
    /// request's own span.
    #[inline]
    pub(crate) fn trace_response(&mut self) -> Option<[u8; 55]> {
        if !self.options.trace_response {
            return None;
        }
        self.make_trace_response()
    }

    #[cold]
    fn make_trace_response(&mut self) -> Option<[u8; 55]> {
        let current = self.scope.current_mut()?;
        current.ensure_trace_id();
        Some(TraceContext::to_header(current.context()))
    }

    /// The live span of a request that is recorded and has not ended.
    pub(crate) fn open_span(&self) -> Option<&RequestSpan> {
        match self.scope.current() {
            Some(Current::Recording(span)) if !self.progress.has_ended => Some(span),
            _ => None,
        }
    }

    /// Whether the request is recorded and has not ended.
    #[inline]
    fn is_open(&self) -> bool {
        !self.progress.has_ended && matches!(self.scope.current(), Some(Current::Recording(_)))
    }

    /// Whether the request's span or an observer needs the response or its end.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.is_open() || self.observation.is_some()
    }

    /// Whether an observer or the header capture needs the response or its end.
    #[inline]
    fn is_observed(&self) -> bool {
        self.observation.is_some()
    }

    /// Whether [`observe_response`](Self::observe_response) has to be called for a response with this status.
    #[inline]
    pub(crate) fn examines(&self, status: u16) -> bool {
        self.is_observed() || status >= 400 && self.is_open()
    }

    /// Makes the request current until the guard is dropped.
    #[inline]
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        self.scope.enter()
    }

    /// Runs a part of the service with the request as the current one. A panic ends the request and propagates. A request
    /// that is not [watched](Self::is_watched) only needs to be [entered](Self::enter).
    #[inline]
    pub(crate) fn run_watched<T>(&mut self, work: impl FnOnce() -> T) -> T {
        match self.catch(work) {
            Ok(result) => result,
            Err(panic) => self.on_panic(panic),
        }
    }

    #[inline]
    fn catch<T>(&mut self, work: impl FnOnce() -> T) -> std::thread::Result<T> {
        let entered = self.enter();
        let result = catch_unwind(AssertUnwindSafe(work));
        entered.exit();
        result
    }

    /// Runs what reads a response, which calls observers and the response's body. A panic of these ends the request at once,
    /// while the thread unwinds: an outer layer that catches it drops the future later.
    #[inline(always)]
    pub(crate) fn read(&mut self, work: impl FnOnce(&mut Self)) {
        let reading = Reading(self);
        work(&mut *reading.0);
        std::mem::forget(reading);
    }

    /// Records the error of a failed response, and reports a response to the observers. Front ends call it for responses
    /// that the request [examines](Self::examines), before [`on_response`](Self::on_response).
    pub(crate) fn observe_response(&mut self, head: &impl ResponseHead, failure: FailureInfo<'_>) {
        let failure = self.explain(head.status(), failure);
        let Some(mut observation) = self.observation.take() else { return };
        if let Some(span) = self.open_span() {
            observation.capture_response(head.headers(), span);
        }
        self.detect_grpc(head);
        if let Some(call) = &mut self.progress.grpc {
            // The status may follow in the trailers.
            call.is_unreported = true;
            self.observation = Some(observation);
            return;
        }
        let status = head.status();
        if observation.observes_status(status) {
            let length = announced_length(head, self.expected);
            let _entered = self.enter();
            observation.on_response(status, length, failure);
        }
        self.observation = Some(observation).filter(|observation| observation.outlives_head());
    }

    /// Records the response's status, which is all that a request needs that is not [watched](Self::is_watched).
    #[inline]
    pub(crate) fn on_status(&mut self, status: u16) {
        self.progress.status = Some(status);
    }

    /// Records that the response's head is complete, and ends the request if it ends with its head.
    #[inline]
    pub(crate) fn on_response(&mut self, head: &impl ResponseHead) {
        self.on_status(head.status());
        self.detect_grpc(head);
        let is_grpc = self.progress.grpc.is_some();
        let end = ResponseEnd::of(head, self.expected, is_grpc, self.options.streams_to_the_end);
        if end.is_cut_off {
            self.options.body_sizes = false;
        }
        self.progress.length = end.length;
        if end.is_with_head {
            self.end(Outcome::Completed);
        }
    }

    /// Keeps the gRPC call that the response belongs to, if it does.
    #[inline(always)]
    fn detect_grpc(&mut self, head: &impl ResponseHead) {
        if self.expected == ExpectedBody::MaybeGrpc {
            self.detect_grpc_of_post(head);
        }
    }

    #[cold]
    fn detect_grpc_of_post(&mut self, head: &impl ResponseHead) {
        if self.progress.grpc.is_none() {
            self.progress.grpc = GrpcCall::of(head);
        }
    }

    /// The gRPC call that the response belongs to.
    #[inline]
    pub(crate) fn grpc_call(&mut self) -> Option<&mut GrpcCall> {
        self.progress.grpc.as_deref_mut()
    }

    /// Counts a part of the response's body that goes to the server, and ends the request with the last one.
    /// `is_last`: whether no other part follows.
    #[inline]
    pub(crate) fn on_data(&mut self, bytes: usize, is_last: impl FnOnce() -> bool) {
        self.progress.sent = self.progress.sent.saturating_add(bytes as u64);
        if self.progress.sent >= self.progress.length {
            self.end(Outcome::Completed);
        } else if is_last() {
            self.on_last_data();
        }
    }

    /// Ends the request with the end of the response's body, which may be shorter than the head announced.
    #[inline]
    pub(crate) fn on_last_data(&mut self) {
        let Progress { sent, length, has_ended, .. } = self.progress;
        if length == UNKNOWN_LENGTH || sent >= length || has_ended {
            self.end(Outcome::Completed);
        } else {
            self.on_short_body();
        }
    }

    /// Sets the route that the framework has matched, unless the handler has set one.
    #[cfg(feature = "actix")]
    pub(crate) fn on_route(&mut self, status: u16, route: impl Fn() -> Option<String>) {
        if let Some(span) = self.open_span()
            && !span.has_route()
            && let Some(route) = route()
        {
            span.set_route(route);
        }
        // Without observers, nothing else needs the routes.
        let Some(observation) = &mut self.observation else {
            self.routes = None;
            return;
        };
        if observation.observes_status(status) {
            observation.set_route(|_| route());
        }
    }

    /// Looks up the route of a request whose handler returned no response, by its path alone.
    #[cold]
    pub(crate) fn find_route(&mut self) {
        let Some(routes) = self.routes.take() else { return };
        if let Some(span) = self.open_span()
            && !span.has_route()
            && let Some(route) = routes.route_of(&span.path())
        {
            span.set_route(route);
        }
        if let Some(observation) = &mut self.observation {
            observation.set_route(|path| routes.route_of(path));
        }
    }

    /// Ends the request; later calls do nothing. It stays the current one while the rest of its body is polled.
    #[inline]
    pub(crate) fn end(&mut self, outcome: Outcome) {
        if self.progress.grpc.is_some() {
            self.end_call(&outcome);
        }
        if let (Some(current), false) = (self.scope.current(), self.progress.has_ended) {
            self.progress.has_ended = true;
            if self.options.body_sizes && self.progress.status.is_some() {
                record_size(current, self.progress.sent);
            }
            let is_call = self.progress.grpc.is_some();
            if self.observation.as_ref().is_some_and(|observation| is_call || observation.observes_end()) {
                self.end_observed(outcome);
            } else {
                current.end(self.progress.status, outcome);
            }
        }
    }

    /// Ends a request that is dropped before its end.
    #[cold]
    fn end_early(&mut self) {
        if self.is_open() {
            self.find_route();
        }
        let outcome = match self.progress.status {
            _ if std::thread::panicking() => self.outer_panic(),
            Some(_) => Outcome::Aborted,
            None => Outcome::Cancelled,
        };
        self.end(outcome);
    }

    #[cold]
    fn end_observed(&mut self, outcome: Outcome) {
        let (status, sent) = (self.progress.status, self.progress.sent);
        if let Some(current) = self.scope.current() {
            current.end(status, outcome.clone());
        }
        let call = self.progress.grpc.take();
        if let Some(mut observation) = self.observation.take() {
            let _entered = self.enter();
            let completed = call.as_ref().filter(|_| outcome == Outcome::Completed);
            if let Some(call) = completed.filter(|call| call.is_unreported) {
                observation.on_grpc_response(call, status);
            }
            let grpc_status = completed.and_then(|call| call.status());
            observation.on_end(status, grpc_status, &outcome, sent);
        }
    }
}

/// Guard of [`Exchange::read`], which is dropped by a panic alone.
struct Reading<'a, F: Framework>(&'a mut Exchange<F>);

impl<F: Framework> Drop for Reading<'_, F> {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

/// Begins the request. `None`: an outer layer has begun it.
#[inline(always)]
fn decide<F: Framework, R: IncomingRequest<F>>(
    tracer: &Tracer,
    request: &R,
    identity: RequestIdentity,
    scheme: Option<RequestScheme>,
) -> Option<Current> {
    if current::is_set() {
        return decide_inside(tracer, request, identity, scheme);
    }
    // The outer layer may be in another task, such as that of tower's `Buffer`. If it records the request, the request
    // carries its span; else this layer decides again.
    if request.join_outer_span() { None } else { Some(tracer.begin(&request.head(scheme))) }
}

/// The same while the thread handles a request: this one, or one whose handler makes this one.
#[cold]
fn decide_inside<F: Framework, R: IncomingRequest<F>>(
    tracer: &Tracer,
    request: &R,
    identity: RequestIdentity,
    scheme: Option<RequestScheme>,
) -> Option<Current> {
    let outer = current::get()?;
    let has_span = request.join_outer_span();
    let is_rewritten = || identity.has_no_headers() && current::is(request.original_identity());
    // A handler may drop its request, whose memory one that it makes then takes. Only the first has the span.
    let may_be_same = has_span || matches!(outer, Current::NonRecording(_));
    if may_be_same && (current::is(identity) || is_rewritten())
        || identity.is_unknown() && (has_span || matches!(outer, Current::NonRecording(_)))
    {
        request.pass_route();
        return None;
    }
    Some(tracer.begin_inside(&request.head(scheme), &outer))
}

#[cold]
fn record_size(current: &Current, sent: u64) {
    if let Current::Recording(span) = current {
        span.set_attribute(Attribute::new(RESPONSE_SIZE, sent.cast_signed()));
    }
}

/// Ends a request that is dropped early: its client disconnected, or an outer layer gave it up or panicked.
impl<F: Framework> Drop for Exchange<F> {
    #[inline]
    fn drop(&mut self) {
        // Most are empty by now, or have ended.
        match self.scope.current() {
            Some(_) if self.progress.has_ended => {}
            Some(Current::NonRecording(request)) if self.observation.is_none() => request.end(self.progress.status),
            Some(_) => self.end_early(),
            None => {}
        }
    }
}

impl<F: Framework> fmt::Debug for Exchange<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("current", &self.scope.current())
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
