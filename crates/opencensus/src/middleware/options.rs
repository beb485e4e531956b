//! Options of the middleware, the same for every request.

use crate::RequestScheme;

/// Options of the middleware, from the settings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ExchangeOptions {
    /// Whether the request is OpenTelemetry's current context, too.
    #[cfg(feature = "opentelemetry")]
    pub(crate) with_context: bool,
    /// The scheme of requests that do not carry one. `None`: `http`.
    pub(crate) scheme: Option<RequestScheme>,
    /// Those that outlive the beginning of a request.
    pub(crate) of_response: ResponseOptions,
}

/// Options that concern the response. Each request has a copy, which is one word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ResponseOptions {
    /// Whether a request for an event stream ends with its last byte, not with its response's head.
    pub(crate) streams_to_the_end: bool,
    /// Whether the response has the header `traceresponse`.
    pub(crate) trace_response: bool,
    /// Whether the size of the response's body is recorded.
    pub(crate) body_sizes: bool,
    /// Which errors become exception items.
    pub(crate) exceptions: Exceptions,
}

/// Which errors of handlers become exception items. Errors that leave no complete response do, unless none does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Exceptions {
    #[default]
    None,
    /// Those of responses with a status of 500 and above.
    ServerErrors,
    /// Those of all failed responses.
    All,
}

impl Exceptions {
    /// Whether the error of a response with this status becomes an exception item.
    pub(crate) fn include(self, status: u16) -> bool {
        match self {
            Self::None => false,
            Self::ServerErrors => status >= 500,
            Self::All => true,
        }
    }
}
