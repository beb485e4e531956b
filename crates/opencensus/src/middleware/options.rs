//! Options of the middleware, the same for every request.

use crate::RequestScheme;

/// Options of the middleware, from the settings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ExchangeOptions {
    /// Whether the request is OpenTelemetry's current context, too.
    #[cfg(feature = "opentelemetry")]
    pub(crate) with_context: bool,
    /// Whether a request for an event stream ends with its last byte, not with its response's head.
    pub(crate) streams_to_the_end: bool,
    /// Whether the response has the header `traceresponse`.
    pub(crate) trace_response: bool,
    /// The scheme of requests that do not carry one. `None`: `http`.
    pub(crate) scheme: Option<RequestScheme>,
    /// Whether the size of the response's body is recorded.
    pub(crate) body_sizes: bool,
}
