//! A span's success or failure.

use std::borrow::Cow;

/// What the application says about a request's success; OpenTelemetry's span status.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SpanStatus {
    /// Nothing: the response decides.
    #[default]
    Unset,
    /// It succeeded, whatever the response says.
    Ok,
    /// It failed, whatever the response says.
    Error(Cow<'static, str>),
}
