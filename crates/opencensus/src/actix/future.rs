//! The future of a recorded response.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

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
        let inner = this.inner;
        let result = ready!(this.exchange.run(|| inner.poll(cx)));
        let mut exchange = std::mem::take(this.exchange);
        Poll::Ready(match result {
            Ok(response) => {
                let status = response.status().as_u16();
                exchange.on_route(status, || route_of(response.request()));
                if exchange.is_observed() {
                    observe(&mut exchange, response.response());
                }
                Ok(ResponseBody::attach(response, exchange))
            }
            Err(error) => {
                on_error(exchange, &error);
                Err(error)
            }
        })
    }
}

/// The response of a handler's error contains the error, which may be of any type.
#[cold]
fn observe<B: MessageBody>(exchange: &mut Exchange<Actix>, response: &HttpResponse<B>) {
    let extensions = response.extensions();
    let failure = FailureInfo::new(extensions.get::<Failure>(), extensions.get::<Suspicion>());
    let error = response.error().map(ActixError::of);
    let failure = error.as_ref().map_or(failure, |error| error.add_to(failure));
    exchange.observe_response(&ActixResponseHead(response), failure);
}

/// The texts of an error of actix-web, which need not implement `Error`.
struct ActixError {
    message: String,
    type_name: Option<String>,
}

impl ActixError {
    fn of(error: &Error) -> Self {
        Self { message: error.to_string(), type_name: error_type::of_debug(error) }
    }

    fn add_to<'a>(&'a self, failure: FailureInfo<'a>) -> FailureInfo<'a> {
        failure.or_error(&self.message, self.type_name.as_deref())
    }
}

/// actix-web turns the error into a response outside of the middleware, which knows only the status.
#[cold]
fn on_error(mut exchange: Exchange<Actix>, error: &Error) {
    let head = ErrorHead(error.as_response_error().status_code().as_u16());
    exchange.find_route();
    let text = ActixError::of(error);
    exchange.observe_response(&head, text.add_to(FailureInfo::new(error.as_error::<Failure>(), None)));
    exchange.set_status(head.0);
    exchange.end(Outcome::Completed);
}
