//! The head of no request.

use std::net::SocketAddr;

use crate::request::{Header, HttpVersion, RequestHead};

/// The head of no request, without any part: what a sampler receives for a trace that begins without a request, such as
/// that of a nightly job. No rate of a path or of a route applies to it.
///
/// # Examples
///
/// ```
/// use opencensus_core::{AlwaysOn, Candidate, NoRequest, Sampler, TraceContext};
///
/// let candidate = Candidate::new(TraceContext::root().trace_id(), None, &NoRequest);
/// assert!(AlwaysOn.decide(&candidate).kept);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRequest;

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
        HttpVersion::default()
    }

    fn may_have(&self, _: Header) -> bool {
        false
    }

    fn header(&self, _: Header) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}
