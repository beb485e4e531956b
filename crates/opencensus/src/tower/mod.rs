//! The middleware for tower: axum, hyper, and whatever else speaks [`http::Request`].

mod body;
mod future;
mod head;
mod service;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use head::PeerAddress;
pub use service::OpenCensusService;
