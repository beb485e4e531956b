//! The settings of the middleware that hold for every request.

/// The settings of the middleware that hold for every request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ExchangeOptions {
    /// Whether the request is OpenTelemetry's current context.
    #[cfg(feature = "opentelemetry")]
    pub(crate) with_context: bool,
    /// Whether a request for an event stream ends with its last byte, not with its response's head.
    pub(crate) streams_to_the_end: bool,
    /// Whether the response has the header `traceresponse`.
    pub(crate) trace_response: bool,
    /// Whether the size of the response's body is recorded.
    pub(crate) body_sizes: bool,
}
