//! The response's future.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::HeaderMap;
use opencensus_core::Outcome;
use pin_project_lite::pin_project;

use crate::actix::ResponseBody;
use crate::actix::body::Head;
use crate::actix::request_head::Target;
use crate::actix::routed::RoutedScope;
use crate::handler::Suspicion;
use crate::handler::{Failure, Told};
use crate::middleware::observation::Asked;
use crate::middleware::response_end::{self, Expected};

pin_project! {
    /// Future returned by [`OpenCensusMiddleware`](crate::actix::OpenCensusMiddleware).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // Still full on drop: the client went away, and the scope says so.
        routed: RoutedScope,
        asked: Option<Box<Asked<Target>>>,
        expected: Expected,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, routed: RoutedScope, asked: Option<Box<Asked<Target>>>, expected: Expected) -> Self {
        Self { inner, routed, asked, expected }
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<ResponseBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        let result = ready!(this.routed.run(this.asked, || inner.poll(cx)));
        Poll::Ready(match result {
            Ok(response) => {
                let mut scope = this.routed.routed_to(&response);
                if let Some(mut asked) = this.asked.take() {
                    if response.status().as_u16() >= 400 {
                        asked.set_route(|| response.request().match_pattern());
                    }
                    let extensions = response.response().extensions();
                    let told = Told::new(extensions.get::<Failure>(), extensions.get::<Suspicion>());
                    let length = response_end::announced(&Head(response.response()));
                    asked.answered(response.status().as_u16(), length, told, response.headers(), &mut scope);
                }
                Ok(ResponseBody::attach(response, scope, *this.expected))
            }
            // actix makes an answer of it, which passes us by; its status is known.
            Err(error) => {
                this.routed.tell_route_to(this.asked);
                let mut scope = this.routed.lost();
                let status = error.as_response_error().status_code().as_u16();
                scope.set_status(status);
                if let Some(asked) = this.asked.take() {
                    let told = Told::new(error.as_error::<Failure>(), None);
                    asked.answered(status, None, told, &HeaderMap::new(), &mut scope);
                }
                scope.end(Outcome::Completed);
                Err(error)
            }
        })
    }
}
