//! Implements actix-web's `Transform` for the layer that checks hosts.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::HeaderValue;

use crate::handler::Failure;
use crate::security::{AllowedHostsFuture, AllowedHostsLayer, AllowedHostsService, single_line};

impl<S, B> Transform<S, ServiceRequest> for AllowedHostsLayer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = AllowedHostsService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(AllowedHostsService::new(inner, self.clone())))
    }
}

impl<S, B> Service<ServiceRequest> for AllowedHostsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = AllowedHostsFuture<S::Future, Result<ServiceResponse<B>, Error>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner().poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let header = |name| single_line(request.headers().get_all(name).map(HeaderValue::as_bytes));
        let authority = request.uri().authority().map(actix_web::http::uri::Authority::as_str);
        let checked = self.rules().check(header, authority);
        // actix-web turns the error into a response; the outer layer observes it.
        AllowedHostsFuture::new(match checked {
            Ok(()) => Ok(self.inner().call(request)),
            Err(rejected) => Err(Err(Failure::from(rejected).into())),
        })
    }
}
