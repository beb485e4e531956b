//! A framework-neutral view of requests: head, headers, proxies, redaction.

mod client_header;
mod details;
mod forwarded;
mod head;
mod header_lines;
mod host;
mod no_request;
mod percent;
mod privacy;
mod proxies;
mod redaction;
mod route;
mod synthetic_test;
mod url_redaction;

pub use client_header::ClientHeader;
pub use details::RequestDetails;
pub use head::{Header, HttpVersion, RequestHead};
pub use header_lines::HeaderLines;
pub(crate) use host::is_host;
pub use no_request::NoRequest;
pub use percent::percent_decode;
pub use privacy::Privacy;
pub(crate) use proxies::ForwardedRequest;
pub use proxies::{ForwardedHeader, InvalidProxy, TrustedProxies};
pub use redaction::QueryRedaction;
pub use route::public_route;
pub(crate) use synthetic_test::synthetic_test;
