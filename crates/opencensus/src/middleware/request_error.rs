//! The error that ended a request.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::panic::Location;
use std::time::SystemTime;

use opencensus_core::{Attribute, ExceptionRecord, Origin, Severity, TraceContext};
use opencensus_settings::error_type;

use crate::middleware::panic_hook::PanicPlace;

/// The attribute with the error's type, by OpenTelemetry's conventions.
pub(crate) const ERROR_TYPE: &str = "error.type";
/// The property with the message of an error that is no exception item.
pub(crate) const ERROR_MESSAGE: &str = "error.message";
/// The type of a panic.
const PANIC: &str = "panic";

/// The error that ended a request: a handler's, a service's, a body's, or a panic.
#[derive(Clone, Debug)]
pub(crate) struct RequestError<'a> {
    // `None`: a panic, or an error whose type is unknown.
    type_name: Option<Cow<'static, str>>,
    message: Cow<'a, str>,
    // The error itself, for its causes. `None`: only its texts are known.
    error: Option<&'a (dyn Error + 'static)>,
    is_panic: bool,
    place: Option<(Cow<'static, str>, u32)>,
    stack: Option<String>,
}

impl<'a> RequestError<'a> {
    pub(crate) fn new(type_name: Option<Cow<'static, str>>, message: impl Into<Cow<'a, str>>) -> Self {
        Self { type_name, message: message.into(), error: None, is_panic: false, place: None, stack: None }
    }

    /// The error of a service or of a body, which need not implement `Error`: then its type is its message. axum's own error
    /// is a wrapper of any other.
    #[cold]
    pub(crate) fn of<E: Any>(error: &'a E) -> Self {
        let known = as_error(error);
        let type_name = match known.and_then(error_type::of) {
            Some(type_name) => type_name,
            None if known.is_some() => error_type::UNKNOWN.into(),
            None => error_type::of_value(error),
        };
        let message = known.map_or_else(|| type_name.to_string(), ToString::to_string);
        Self::new(Some(type_name), message).with_error(known)
    }

    pub(crate) fn of_panic(message: &'a str, place: Option<PanicPlace>) -> Self {
        let mut error = Self { is_panic: true, ..Self::new(None, message) };
        if let Some(place) = place {
            (error.place, error.stack) = (Some((place.file.into(), place.line)), place.stack);
        }
        error
    }

    /// Adds the error itself, for its causes.
    pub(crate) fn with_error(self, error: Option<&'a (dyn Error + 'static)>) -> Self {
        Self { error, ..self }
    }

    /// Adds the place at which the handler returned the error.
    pub(crate) fn with_location(self, location: &'static Location<'static>) -> Self {
        Self { place: place(location), ..self }
    }

    /// The type, if it is known. A panic has none.
    pub(crate) fn known_type(&self) -> Option<&str> {
        self.type_name.as_deref()
    }

    /// The type as it is recorded.
    pub(crate) fn type_name(&self) -> Cow<'static, str> {
        let unknown = if self.is_panic { PANIC } else { error_type::UNKNOWN };
        self.type_name.clone().unwrap_or(Cow::Borrowed(unknown))
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn is_panic(&self) -> bool {
        self.is_panic
    }

    /// The exception item, below the request.
    pub(crate) fn record(&self, request: TraceContext) -> ExceptionRecord {
        let mut origin = Origin::at(SystemTime::now());
        origin.context = Some(request);
        let mut record = match self.error {
            Some(error) => ExceptionRecord::of_error(origin, error),
            None => ExceptionRecord::new(origin),
        };
        (record.type_name, record.message) = (Some(self.type_name()), Some(self.message.to_string().into()));
        if let Some(backtrace) = &self.stack {
            record.set_backtrace(backtrace);
        }
        record.severity = Some(Severity::Error);
        if let Some((file, line)) = &self.place {
            record.attributes = place_attributes(file.clone(), *line).into();
        }
        record
    }
}

/// The item of an error that the handler coped with.
pub(crate) fn handled(error: &(dyn Error + 'static), location: &'static Location<'static>) -> ExceptionRecord {
    let mut record = ExceptionRecord::of_error(Origin::at(SystemTime::now()), error);
    record.severity = Some(Severity::Warning);
    if let Some((file, line)) = place(location) {
        record.attributes = place_attributes(file, line).into();
    }
    record
}

/// The error in a value of any type.
fn as_error(error: &dyn Any) -> Option<&(dyn Error + 'static)> {
    #[cfg(feature = "axum")]
    if let Some(error) = error.downcast_ref::<axum::Error>() {
        return Some(error);
    }
    error_type::erased(error)
}

/// The file and the line. `None` inside of the standard library, which calls functions that are passed by their name.
fn place(location: &'static Location<'static>) -> Option<(Cow<'static, str>, u32)> {
    let file = location.file();
    let is_standard = file.starts_with("/rustc/") || file.contains("/library/core/src/");
    (!is_standard).then(|| (Cow::Borrowed(file), location.line()))
}

fn place_attributes(file: Cow<'static, str>, line: u32) -> [Attribute; 2] {
    [Attribute::new("code.file.path", file), Attribute::new("code.line.number", i64::from(line))]
}
