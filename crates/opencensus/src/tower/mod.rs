//! The middleware for tower: axum, hyper, and every other service that takes an [`http::Request`].
//!
//! Programs need these types only where they name the type of a service.

mod body;
mod future;
#[cfg(feature = "axum")]
pub(crate) mod nested_route;
pub(crate) mod peer_address;
mod request_head;
pub(crate) mod request_scheme;
pub(crate) mod response_head;
mod service;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use service::OpenCensusService;
