//! The type and the message of the error that ended a request.

use std::any::Any;
use std::borrow::Cow;

use opencensus_settings::error_type;

/// The type of a service's or a body's error, and its message if the error implements `Error`.
pub(crate) struct ErrorText {
    pub(crate) type_name: Cow<'static, str>,
    message: Option<String>,
}

/// A failure for observers.
#[derive(Clone, Copy)]
pub(crate) struct FailureText<'a> {
    /// `None`: a panic.
    pub(crate) type_name: Option<&'a str>,
    pub(crate) message: &'a str,
}

impl ErrorText {
    /// axum's own error is a wrapper of any other.
    #[cold]
    pub(crate) fn of<E: Any>(error: &E) -> Self {
        #[cfg(feature = "axum")]
        if let Some(error) = (error as &dyn Any).downcast_ref::<axum::Error>() {
            let type_name = error_type::of(error).unwrap_or(Cow::Borrowed(error_type::UNKNOWN));
            return Self { type_name, message: Some(error.to_string()) };
        }
        let message = error_type::erased(error).map(ToString::to_string);
        Self { type_name: error_type::of_value(error), message }
    }

    pub(crate) fn as_failure(&self) -> FailureText<'_> {
        let message = self.message.as_deref().unwrap_or(&self.type_name);
        FailureText { type_name: Some(&self.type_name), message }
    }
}

impl<'a> FailureText<'a> {
    pub(crate) fn of_panic(message: &'a str) -> Self {
        Self { type_name: None, message }
    }

    pub(crate) fn is_panic(self) -> bool {
        self.type_name.is_none()
    }
}
