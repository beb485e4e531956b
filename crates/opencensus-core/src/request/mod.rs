//! The framework-neutral view of a request.

mod forwarded;
mod head;
mod privacy;
mod proxies;
mod redaction;

pub use head::{Header, HttpVersion, RequestHead};
pub use privacy::Privacy;
pub(crate) use proxies::ForwardedRequest;
pub use proxies::{ForwardedHeader, InvalidProxy, TrustedProxies};
pub use redaction::QueryRedaction;
pub(crate) use redaction::decode as percent_decode;
