//! What is redacted or left out of requests.

use crate::request::QueryRedaction;

/// What is redacted or left out of requests before they are exported, logged or mailed. The default redacts query
/// values that are usually secret and keeps the client's address.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Privacy, QueryRedaction};
///
/// let privacy = Privacy::default().with_query_redaction(QueryRedaction::All).with_masked_client_address(true);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Privacy {
    /// Which query values are redacted. Default: those that are usually secret.
    pub query_redaction: QueryRedaction,
    /// Whether the client's address is left out. Default: false.
    pub mask_client_address: bool,
}

impl Privacy {
    /// Sets which query values are redacted.
    #[must_use]
    pub fn with_query_redaction(mut self, redaction: QueryRedaction) -> Self {
        self.query_redaction = redaction;
        self
    }

    /// Sets whether the client's address is left out.
    #[must_use]
    pub fn with_masked_client_address(mut self, masked: bool) -> Self {
        self.mask_client_address = masked;
        self
    }
}
