//! The head of a trace that begins without a request.

use std::net::SocketAddr;

use opencensus_core::{Header, HttpVersion, RequestHead};

/// A head without any part, for samplers. No rate of a path or of a route applies to it.
pub(crate) struct TraceHead;

impl RequestHead for TraceHead {
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
        HttpVersion::default()
    }

    fn may_have(&self, _: Header) -> bool {
        false
    }

    fn header(&self, _: Header) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}
