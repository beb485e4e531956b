//! What is redacted or left out of requests.

use opencensus_settings::secret_names::SecretNames;

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
    /// Names of secrets in addition to the built-in ones, for [`QueryRedaction::Secrets`]. Default: none.
    pub secret_names: SecretNames,
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

    /// Adds names of secrets.
    #[must_use]
    pub fn with_secret_names(mut self, names: SecretNames) -> Self {
        self.secret_names = names;
        self
    }

    /// The redaction with the added names.
    #[must_use]
    pub fn redaction(&self) -> QueryRedaction {
        match self.query_redaction {
            QueryRedaction::Secrets if !self.secret_names.is_empty() => QueryRedaction::SecretsAnd(self.secret_names),
            redaction => redaction,
        }
    }

    /// Sets whether the client's address is left out.
    #[must_use]
    pub fn with_masked_client_address(mut self, masked: bool) -> Self {
        self.mask_client_address = masked;
        self
    }
}
