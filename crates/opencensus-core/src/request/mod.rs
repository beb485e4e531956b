//! The framework-neutral view of a request.

mod head;
mod privacy;
mod redaction;

pub use head::{Header, HttpVersion, RequestHead};
pub use privacy::Privacy;
pub use redaction::QueryRedaction;
pub(crate) use redaction::decode as percent_decode;
