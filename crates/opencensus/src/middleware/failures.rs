//! Records the error that ended a request: in its row, as an exception item, and for observers.

use std::any::Any;
use std::panic::resume_unwind;

use opencensus_core::{Attribute, Current, Outcome};

use crate::handler::FailureInfo;
use crate::middleware::exchange::Exchange;
use crate::middleware::framework::Framework;
use crate::middleware::options::Exceptions;
use crate::middleware::panic_hook::{message, take_place};
use crate::middleware::request_error::{ERROR_MESSAGE, ERROR_TYPE, RequestError};

/// The recorded type of the error of a body that ends before the announced length.
const SHORT_BODY: &str = "IncompleteBody";

/// The message of a request that is dropped while its thread unwinds.
const OUTER_PANIC: &str = "a panic outside of the layer";

impl<F: Framework> Exchange<F> {
    /// Records the error that the handler returned, if it did: its type in the request's row, and an exception item or, if
    /// the settings have none for this status, the message in the row.
    pub(super) fn explain<'a>(&mut self, status: u16, failure: FailureInfo<'a>) -> FailureInfo<'a> {
        let Some(error) = failure.error().filter(|_| status >= 400 && self.open_span().is_some()) else {
            return failure;
        };
        failure.with_exception(self.explain_by(status, &error))
    }

    /// The same for a known error. Whether it is an exception item.
    fn explain_by(&mut self, status: u16, error: &RequestError<'_>) -> bool {
        self.set_error_type(error);
        let is_item = self.options.exceptions.include(status);
        if let Some(span) = self.open_span().filter(|_| !is_item) {
            span.set_attribute(Attribute::new(ERROR_MESSAGE, error.message().to_owned()));
        }
        is_item && self.send_exception(error)
    }

    fn set_error_type(&self, error: &RequestError<'_>) {
        if let Some(span) = self.open_span() {
            span.set_attribute(Attribute::new(ERROR_TYPE, error.type_name()));
        }
    }

    /// Sends the exception item, once a request. Whether it is sent, or waits for the end of the request.
    fn send_exception(&mut self, error: &RequestError<'_>) -> bool {
        let is_possible = self.options.exceptions != Exceptions::None && !self.progress.has_ended;
        let current = self.scope.current().filter(|_| is_possible && !self.progress.has_exception);
        if let Some(request @ Current::Recording(span)) = current {
            let mut is_sent = false;
            request.submit_with(|| {
                is_sent = true;
                Some(error.record(span.context()).into())
            });
            self.progress.has_exception = is_sent;
        }
        self.progress.has_exception
    }

    #[cold]
    pub(super) fn on_panic(&mut self, panic: Box<dyn Any + Send>) -> ! {
        let message = message(&*panic);
        self.find_route();
        let place = self.open_span().and_then(|span| take_place(span.context(), &message));
        let error = RequestError::of_panic(&message, place);
        self.set_error_type(&error);
        self.observe_failure(&error);
        self.end(Outcome::Panicked(message.into()));
        resume_unwind(panic)
    }

    /// The outcome of a request that is dropped while its thread unwinds.
    #[cold]
    pub(super) fn outer_panic(&mut self) -> Outcome {
        let error = RequestError::of_panic(OUTER_PANIC, None);
        self.set_error_type(&error);
        self.send_exception(&error);
        Outcome::Panicked(OUTER_PANIC.into())
    }

    /// Ends a request whose service failed without a response. The error's type is recorded, because the error
    /// need not implement `Display`.
    #[cold]
    pub(crate) fn on_error<E: Any>(&mut self, error: &E) {
        let error = RequestError::of(error);
        self.observe_failure(&error);
        self.end(Outcome::ServiceError(error.type_name()));
    }

    /// Ends a request whose response's body failed.
    #[cold]
    pub(crate) fn on_body_error<E: Any>(&mut self, error: &E) {
        let error = RequestError::of(error);
        self.find_route();
        self.observe_failure(&error);
        self.end(Outcome::BodyError(error.type_name()));
    }

    /// The client cannot read the response to the length that it expects, so the response failed.
    #[cold]
    pub(super) fn on_short_body(&mut self) {
        let message = format!("the body ended after {} of {} bytes", self.progress.sent, self.progress.length);
        self.find_route();
        self.observe_failure(&RequestError::new(Some(SHORT_BODY.into()), message));
        self.end(Outcome::BodyError(SHORT_BODY.into()));
    }

    /// Sends the exception item of a failure, and reports it to the observers: of the service, or of the response's body
    /// after its head.
    fn observe_failure(&mut self, error: &RequestError<'_>) {
        let has_exception = self.send_exception(error);
        let Some(mut observation) = self.observation.take() else { return };
        let (status, has_ended) = (self.progress.status, self.progress.has_ended);
        if has_ended {
            return;
        }
        {
            let _entered = self.enter();
            match status {
                None => observation.on_failure(error, has_exception),
                Some(status) => observation.on_body_failure(status, error, has_exception),
            }
        }
        self.observation = Some(observation).filter(|observation| observation.observes_end());
    }

    /// Completes the status of a gRPC call, and records it.
    #[cold]
    pub(super) fn end_call(&mut self, outcome: &Outcome) {
        if self.progress.has_ended {
            return;
        }
        let Some(mut call) = self.progress.grpc.take() else { return };
        call.end(self.progress.status, outcome);
        if let Some(span) = self.open_span() {
            call.record(span);
        }
        if *outcome == Outcome::Completed
            && let Some(error) = call.error()
        {
            self.set_error_type(&error);
            self.send_exception(&error);
        }
        self.progress.grpc = Some(call);
    }
}
