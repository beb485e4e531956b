//! The parts of a response to a POST that matter.

use http::header::AsHeaderName;
use http::{HeaderMap, StatusCode};

/// The most bytes of a response body that are read. A longer body counts as empty.
pub(super) const MAX_BODY: usize = 256 * 1024;

/// A response whose body has been read.
#[derive(Debug)]
pub(crate) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Empty if it was longer than [`MAX_BODY`] or incomplete: the status decides alone.
    pub(super) body: Vec<u8>,
}

impl Response {
    /// The value of a header, if it is visible ASCII.
    pub(super) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
