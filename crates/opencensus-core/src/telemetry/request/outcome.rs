//! How a request ended.

use std::borrow::Cow;

/// How a request ended.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Outcome, OutcomeKind};
///
/// let outcome = Outcome::Panicked("index out of bounds".into());
/// assert_eq!((outcome.kind(), outcome.detail()), (OutcomeKind::Panicked, Some("index out of bounds")));
/// assert_eq!(outcome.kind().as_str(), "panicked");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The response was sent to its last byte.
    #[default]
    Completed,
    /// The request was dropped before it had a response: the client disconnected, a timeout layer expired, or a
    /// `select!` took another branch.
    Cancelled,
    /// The response was dropped before its last byte.
    Aborted,
    /// The response's body failed; the error's type.
    BodyError(Cow<'static, str>),
    /// The service returned an error instead of a response; the error's type.
    ServiceError(Cow<'static, str>),
    /// The service or the body panicked; the message, if it is text.
    Panicked(Cow<'static, str>),
}

/// The kind of an [`Outcome`], as it is exported.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OutcomeKind {
    /// [`Outcome::Completed`]
    Completed,
    /// [`Outcome::Cancelled`]
    Cancelled,
    /// [`Outcome::Aborted`]
    Aborted,
    /// [`Outcome::BodyError`] and [`Outcome::ServiceError`]
    Error,
    /// [`Outcome::Panicked`]
    Panicked,
}

/// Status of a request that was dropped before it had a response: nginx's "client closed request".
const CANCELLED: u16 = 499;
const INTERNAL_SERVER_ERROR: u16 = 500;

impl Outcome {
    /// The outcome's kind.
    #[must_use]
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Completed => OutcomeKind::Completed,
            Self::Cancelled => OutcomeKind::Cancelled,
            Self::Aborted => OutcomeKind::Aborted,
            Self::BodyError(_) | Self::ServiceError(_) => OutcomeKind::Error,
            Self::Panicked(_) => OutcomeKind::Panicked,
        }
    }

    /// The error's type or the panic's message.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::BodyError(text) | Self::ServiceError(text) | Self::Panicked(text) => Some(text),
            _ => None,
        }
    }

    /// The outcome with its text cut at `max_length` bytes, between characters.
    pub(super) fn cut(self, max_length: usize) -> Self {
        match self {
            Self::BodyError(text) => Self::BodyError(cut(text, max_length)),
            Self::ServiceError(text) => Self::ServiceError(cut(text, max_length)),
            Self::Panicked(text) => Self::Panicked(cut(text, max_length)),
            other => other,
        }
    }

    /// The status to record. `response`: the status of the response's head, if there was one. Without it the
    /// status is 499 for a cancelled request and 500 for a failed one. A panic is always a 500.
    pub(crate) const fn recorded_status(&self, response: Option<u16>) -> Option<u16> {
        match self {
            Self::Panicked(_) => Some(INTERNAL_SERVER_ERROR),
            _ if response.is_some() => response,
            Self::Completed => None,
            Self::Cancelled | Self::Aborted => Some(CANCELLED),
            Self::BodyError(_) | Self::ServiceError(_) => Some(INTERNAL_SERVER_ERROR),
        }
    }
}

/// Cuts a text between characters.
pub(super) fn cut(text: Cow<'static, str>, max_length: usize) -> Cow<'static, str> {
    if text.len() <= max_length {
        return text;
    }
    let end = (0..=max_length).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(text[..end].to_owned())
}

impl OutcomeKind {
    /// The kind in snake case, which is exported as the property `outcome`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Aborted => "aborted",
            Self::Error => "error",
            Self::Panicked => "panicked",
        }
    }
}
