//! The future of a recorded response.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::{Error, HttpResponse};
use opencensus_core::Outcome;
use opencensus_settings::error_type;
use pin_project_lite::pin_project;

use crate::actix::ResponseBody;
use crate::actix::request_head::Actix;
use crate::actix::response_head::{ActixResponseHead, ErrorHead};
use crate::actix::routes::route_of;
use crate::handler::{Failure, FailureInfo, Suspicion};
use crate::middleware::exchange::Exchange;
use crate::middleware::request_error::RequestError;

pin_project! {
    /// Future returned by [`OpenCensusMiddleware`](crate::actix::OpenCensusMiddleware).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // If it is dropped with the future, the request was cancelled.
        exchange: Exchange<Actix>,
    }
}

impl<F> ResponseFuture<F> {
    #[inline(always)]
    pub(super) fn new(inner: F, exchange: Exchange<Actix>) -> Self {
        Self { inner, exchange }
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody<Error: 'static>,
{
    type Output = Result<ServiceResponse<ResponseBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (inner, exchange) = (this.inner, this.exchange);
        // The result is read where it is, and moved once.
        if !exchange.is_watched() {
            let entered = exchange.enter();
            let result = inner.poll(cx);
            entered.exit();
            match &result {
                Poll::Ready(Ok(response)) => exchange.on_status(response.status().as_u16()),
                Poll::Ready(Err(error)) => {
                    // The framework makes a response with this status, and may keep the future.
                    exchange.on_status(error.as_response_error().status_code().as_u16());
                    drop(exchange.take());
                }
                Poll::Pending => {}
            }
            return result.map_ok(|response| ResponseBody::attach(response, exchange));
        }
        let result = exchange.run_watched(|| inner.poll(cx));
        match &result {
            Poll::Ready(Ok(response)) => exchange.read(|exchange| on_response(exchange, response)),
            Poll::Ready(Err(error)) => exchange.read(|exchange| on_error(exchange, error)),
            Poll::Pending => {}
        }
        result.map_ok(|response| ResponseBody::attach(response, exchange))
    }
}

#[inline(always)]
fn on_response<B: MessageBody>(exchange: &mut Exchange<Actix>, response: &ServiceResponse<B>) {
    let status = response.status().as_u16();
    exchange.on_route(status, || route_of(response.request()));
    if exchange.examines(status) {
        observe(exchange, response.response());
    }
    exchange.on_response(&ActixResponseHead(response.response()));
}

/// The response of a handler's error contains the error, which may be of any type.
#[cold]
fn observe<B: MessageBody>(exchange: &mut Exchange<Actix>, response: &HttpResponse<B>) {
    let extensions = response.extensions();
    let failure = FailureInfo::new(extensions.get::<Failure>(), extensions.get::<Suspicion>());
    let error = response.error().map(request_error);
    let failure = error.as_ref().map_or(failure, |error| failure.or_error(error));
    exchange.observe_response(&ActixResponseHead(response), failure);
}

/// An error of actix-web, which need not implement `Error`: then it has no causes, and the type that its `Debug` names.
fn request_error(error: &Error) -> RequestError<'_> {
    let boxed = error.as_error::<Box<dyn std::error::Error>>().map(|error| &**error);
    let known = boxed.or_else(|| error.as_error::<std::io::Error>().map(|error| error as _));
    let type_name = known.map_or_else(|| error_type::of_debug(error).map(Into::into), error_type::of);
    RequestError::new(type_name, error.to_string()).with_error(known)
}

/// actix-web turns the error into a response outside of the middleware, which knows only the status.
#[cold]
fn on_error(exchange: &mut Exchange<Actix>, error: &Error) {
    let head = ErrorHead(error.as_response_error().status_code().as_u16());
    exchange.find_route();
    let known = request_error(error);
    exchange.observe_response(&head, FailureInfo::new(error.as_error::<Failure>(), None).or_error(&known));
    exchange.on_status(head.0);
    exchange.end(Outcome::Completed);
}
