//! The outbound proxy: its URL, and which requests go through it.

mod outbound;
mod url;

pub(crate) use outbound::OutboundProxy;
pub use url::{ParseProxyUrlError, ProxyUrl};
