//! Why a connection string or its endpoint was rejected.

/// Why a connection string was rejected. The message never repeats any of its values.
///
/// # Examples
///
/// ```
/// use opencensus_azure::{ConnectionString, ParseConnectionStringError};
///
/// let parsed = "IngestionEndpoint=https://shop.example".parse::<ConnectionString>();
/// assert_eq!(parsed, Err(ParseConnectionStringError::MissingInstrumentationKey));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseConnectionStringError {
    /// No source provides a connection string or an instrumentation key.
    #[error("there is no connection string: set `APPLICATIONINSIGHTS_CONNECTION_STRING`")]
    Missing,
    /// The text is empty.
    #[error("the connection string is empty")]
    Empty,
    /// The part with this number, counted from 1, has no `=`.
    #[error("part {0} of the connection string is not `name=value`")]
    NotAPair(usize),
    /// `InstrumentationKey` is absent, because the name in the part with this number, counted from 1, has spaces or line
    /// ends around it.
    #[error("the name `InstrumentationKey` in part {0} of the connection string has spaces around it: remove them")]
    SpaceAroundName(usize),
    /// The text or its key is in quotes.
    #[error("there are quotes around the connection string: remove them (`docker --env-file` does not)")]
    Quoted,
    /// A name is unknown and resembles a known one.
    #[error("`{found}` in the connection string is unknown; did you mean `{meant}`?")]
    MisspelledName {
        /// The name as it is written, at most 30 characters of it.
        found: String,
        /// The known name.
        meant: &'static str,
    },
    /// `InstrumentationKey` is absent or empty.
    #[error("`InstrumentationKey` is missing in the connection string")]
    MissingInstrumentationKey,
    /// `InstrumentationKey` is a GUID in upper case or with spaces around it, which Microsoft's exporters refuse.
    #[error("`InstrumentationKey` is in upper case or has spaces around it: write it in lower case, without spaces")]
    UnusualInstrumentationKey,
    /// `InstrumentationKey` is not a GUID.
    #[error("`InstrumentationKey` is not a GUID such as 00000000-0000-0000-0000-000000000000")]
    InvalidInstrumentationKey,
    /// `Authorization` is not `ikey`.
    #[error("`Authorization` in the connection string must be `ikey`")]
    UnsupportedAuthorization,
}

/// The connection string contains an endpoint that telemetry cannot be sent to.
///
/// # Examples
///
/// ```
/// use opencensus_azure::{ConnectionString, InvalidEndpointReason};
///
/// let connection: ConnectionString =
///     "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=ftp://shop.example".parse()?;
/// let error = connection.track_url().unwrap_err();
/// assert_eq!(error.reason(), &InvalidEndpointReason::UnsupportedScheme);
/// assert_eq!(error.to_string(), "`IngestionEndpoint` of the connection string must begin with `https://` or `http://`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{part}` of the connection string {reason}")]
pub struct InvalidEndpoint {
    pub(super) part: &'static str,
    pub(super) reason: InvalidEndpointReason,
}

/// Why an endpoint was rejected.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpointReason {
    /// The text is not an absolute URL.
    #[error("is not an absolute URL: {0}")]
    NotAUrl(url::ParseError),
    /// The scheme is not `http` or `https`.
    #[error("must begin with `https://` or `http://`")]
    UnsupportedScheme,
    /// The URL contains a user name or a password.
    #[error("must not contain a user name or a password")]
    Credentials,
    /// The URL contains a query or a fragment.
    #[error("must not contain a query or a fragment")]
    Query,
}

impl InvalidEndpoint {
    /// The reason why the endpoint was rejected.
    #[must_use]
    pub fn reason(&self) -> &InvalidEndpointReason {
        &self.reason
    }
}
