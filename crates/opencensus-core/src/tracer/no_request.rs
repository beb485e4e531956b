//! The head of no request.

use std::net::SocketAddr;

use crate::request::{Header, HttpVersion, RequestHead};

/// What a sampler receives for a call that no request makes.
pub(super) struct NoRequest;

impl RequestHead for NoRequest {
    fn method(&self) -> &str {
        ""
    }

    fn path(&self) -> &str {
        ""
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn scheme(&self) -> Option<&str> {
        None
    }

    fn host(&self) -> Option<&[u8]> {
        None
    }

    fn route(&self) -> Option<&str> {
        None
    }

    fn user_agent(&self) -> Option<&[u8]> {
        None
    }

    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    fn version(&self) -> HttpVersion {
        HttpVersion::Http11
    }

    fn header(&self, _: Header) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}
