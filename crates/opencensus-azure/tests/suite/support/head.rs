//! The head of a request.

use std::net::SocketAddr;

use opencensus_core::{Header, HttpVersion, RequestHead};

/// `GET https://shop.example/x` by `curl/8`.
pub(crate) struct Head;

impl RequestHead for Head {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn path(&self) -> &'static str {
        "/x"
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn scheme(&self) -> Option<&str> {
        Some("https")
    }

    fn host(&self) -> Option<&[u8]> {
        Some(b"shop.example")
    }

    fn route(&self) -> Option<&str> {
        None
    }

    fn user_agent(&self) -> Option<&[u8]> {
        Some(b"curl/8")
    }

    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    fn version(&self) -> HttpVersion {
        HttpVersion::Http2
    }

    fn header(&self, _: Header) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}
