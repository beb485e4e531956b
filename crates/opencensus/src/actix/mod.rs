//! The middleware for actix-web.
//!
//! [`OpenCensusLayer`](crate::OpenCensusLayer) is a `Transform` as well as a tower layer, so both
//! `.wrap(…)` and, with [`AppExt`], `.layer(…)` take it. Workers share the pipeline of one
//! [`Telemetry`](crate::Telemetry).
//!
//! ```
//! use actix_web::{App, web};
//! use opencensus::actix::AppExt as _;
//! use opencensus::{Telemetry, OpenCensusLayer, RequestTelemetry};
//!
//! async fn user(request: RequestTelemetry, id: web::Path<u32>) -> String {
//!     request.set_attribute("shop.user", i64::from(*id));
//!     format!("user {id}")
//! }
//!
//! let (telemetry, _requests) = Telemetry::in_memory();
//! let app = App::new().layer(OpenCensusLayer::new(telemetry)).route("/users/{id}", web::get().to(user));
//! ```

mod app;
mod body;
mod future;
mod hosts;
mod middleware;
mod request_head;
mod response_head;
mod routes;

pub use app::AppExt;
pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use middleware::OpenCensusMiddleware;
