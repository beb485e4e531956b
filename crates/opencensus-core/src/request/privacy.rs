//! What of a request leaves the process.

use crate::request::QueryRedaction;

/// What of a request leaves the process, whichever exporter takes it, and in lines of logs and mails. The default
/// redacts values of the query that are usually secret, and sends the client's address.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Privacy {
    /// Which values of a query are redacted.
    pub query_redaction: QueryRedaction,
    /// Whether the client's address is left out.
    pub mask_client_address: bool,
}

impl Privacy {
    /// Redacts queries in this way.
    #[must_use]
    pub fn with_query_redaction(mut self, redaction: QueryRedaction) -> Self {
        self.query_redaction = redaction;
        self
    }

    /// Leaves the client's address out.
    #[must_use]
    pub fn with_masked_client_address(mut self, masked: bool) -> Self {
        self.mask_client_address = masked;
        self
    }
}
