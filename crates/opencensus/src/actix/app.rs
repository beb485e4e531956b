//! Adds `.layer` to actix-web's `App`.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{App, Error};

use crate::OpenCensusLayer;
use crate::actix::ResponseBody;

/// `.layer(…)` for actix-web's [`App`], which calls [`App::wrap`]. It is sealed: only [`App`] has it.
///
/// # Examples
///
/// ```
/// use actix_web::{App, web};
/// use opencensus::actix::AppExt as _;
/// use opencensus::{OpenCensusLayer, Telemetry};
///
/// let (telemetry, _requests) = Telemetry::in_memory();
/// let app = App::new().route("/", web::get().to(async || "home")).layer(OpenCensusLayer::new(telemetry));
/// ```
pub trait AppExt<B>: sealed::Sealed {
    /// Records one span for every incoming request.
    ///
    /// Add it last. Middleware that is added later surrounds the layer: a request that it rejects has no row, and a path
    /// that it changes is recorded changed.
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

impl<T> sealed::Sealed for App<T> {}

mod sealed {
    pub trait Sealed {}
}

impl<T, B> AppExt<B> for App<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>,
    B: MessageBody<Error: 'static>,
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
