//! `.layer` for an application.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{App, Error};

use crate::OpenCensusLayer;
use crate::actix::ResponseBody;

/// `.layer(…)` for actix-web's [`App`], which calls [`App::wrap`].
pub trait AppExt<B> {
    /// Records one span for every incoming request. Middleware that is added later is around it.
    fn layer(
        self,
        layer: OpenCensusLayer,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<ResponseBody<B>>,
            Error = Error,
            InitError = (),
        >,
    >;
}

impl<T, B> AppExt<B> for App<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>,
    B: MessageBody,
{
    fn layer(
        self,
        layer: OpenCensusLayer,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<ResponseBody<B>>,
            Error = Error,
            InitError = (),
        >,
    > {
        self.wrap(layer)
    }
}
