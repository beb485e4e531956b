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
//! let app = App::new().route("/users/{id}", web::get().to(user)).layer(OpenCensusLayer::new(telemetry));
//! ```
//!
//! Add the layer last. actix-web calls the middleware that is added last first, so a layer that is added before others
//! does not see the requests that those reject. Nothing in actix-web shows a middleware what surrounds it, so the layer
//! cannot check its place; a test can:
//!
//! ```
//! use actix_web::middleware::NormalizePath;
//! use actix_web::test::{TestRequest, call_service, init_service};
//! use actix_web::{App, body, web};
//! use opencensus::actix::AppExt as _;
//! use opencensus::{OpenCensusLayer, Telemetry};
//! use std::time::Duration;
//!
//! # actix_web::rt::System::new().block_on(async {
//! let (telemetry, requests) = Telemetry::in_memory();
//! let app = App::new()
//!     .route("/users/{id}", web::get().to(async || "user"))
//!     .wrap(NormalizePath::trim())
//!     .layer(OpenCensusLayer::new(telemetry.clone()));
//! let response = call_service(&init_service(app).await, TestRequest::with_uri("/users/7/").to_request()).await;
//! body::to_bytes(response.into_body()).await.unwrap();
//! telemetry.flush(Duration::from_secs(1)).await;
//! assert_eq!(requests.requests()[0].path(), "/users/7/", "the path of the client, not that of `NormalizePath`");
//! # });
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
