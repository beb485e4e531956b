//! The middleware for tower: axum, hyper, and whatever else speaks [`http::Request`].

mod body;
mod future;
mod request_head;
mod service;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use request_head::PeerAddress;
pub use service::OpenCensusService;
