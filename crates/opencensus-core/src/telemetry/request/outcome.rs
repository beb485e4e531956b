//! How a request ended.

use std::borrow::Cow;

/// How a request ended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The response went out to its last byte.
    #[default]
    Completed,
    /// The request was dropped before there was a response: the client went away, a timeout layer
    /// struck, a `select!` took another branch.
    Cancelled,
    /// The response was dropped before its last byte.
    Aborted,
    /// The response's body failed; the type of its error.
    BodyError(Cow<'static, str>),
    /// The service gave an error instead of a response; the type of the error.
    ServiceError(Cow<'static, str>),
    /// The service or the body panicked; the message, if it was text.
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

/// Status of a request that was dropped before it had a response: "client closed request", as
/// nginx names it.
const CANCELLED: u16 = 499;
const INTERNAL_SERVER_ERROR: u16 = 500;

impl Outcome {
    /// The kind.
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

    /// The same with its text cut at `longest` bytes, between characters.
    pub(crate) fn cut(self, longest: usize) -> Self {
        match self {
            Self::BodyError(text) => Self::BodyError(cut(text, longest)),
            Self::ServiceError(text) => Self::ServiceError(cut(text, longest)),
            Self::Panicked(text) => Self::Panicked(cut(text, longest)),
            other => other,
        }
    }

    /// The status of a request that has no response: 499 if it was cancelled, else 500.
    pub(crate) const fn status_without_response(&self) -> Option<u16> {
        match self {
            Self::Completed => None,
            Self::Cancelled | Self::Aborted => Some(CANCELLED),
            Self::BodyError(_) | Self::ServiceError(_) | Self::Panicked(_) => Some(INTERNAL_SERVER_ERROR),
        }
    }
}

/// Cuts a text between characters.
pub(crate) fn cut(text: Cow<'static, str>, longest: usize) -> Cow<'static, str> {
    if text.len() <= longest {
        return text;
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(text[..end].to_owned())
}

impl OutcomeKind {
    /// The value of the property `outcome`.
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
