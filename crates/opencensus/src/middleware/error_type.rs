//! The type of the error that ended a request.

use std::any::Any;
use std::borrow::Cow;

/// The name of the type of a service's or a body's error. axum's own error is a wrapper of any other.
#[cold]
pub(crate) fn error_type<E: Any>(error: &E) -> Cow<'static, str> {
    #[cfg(feature = "axum")]
    if let Some(error) = (error as &dyn Any).downcast_ref::<axum::Error>() {
        let name = opencensus_settings::error_type::of(error);
        return name.unwrap_or(Cow::Borrowed(opencensus_settings::error_type::UNKNOWN));
    }
    opencensus_settings::error_type::of_value(error)
}
