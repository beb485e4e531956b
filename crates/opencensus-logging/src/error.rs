//! The error that a record is about.

use std::any::{TypeId, type_name};
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use opencensus_settings::error_type;

#[cfg(feature = "tracing")]
use crate::captured_error::CapturedError;

/// The error that a record is about, with its causes. Filters and handlers can downcast it. It is made of a concrete
/// error, of `Box<dyn Error + Send + Sync>`, of `anyhow::Error`, or of a text.
///
/// # Examples
///
/// ```
/// use opencensus_logging::LoggedError;
///
/// let error = LoggedError::new("x".parse::<u8>().unwrap_err());
/// assert_eq!(error.chain()[0].message, "invalid digit found in string");
/// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
/// ```
#[derive(Clone)]
pub struct LoggedError {
    error: Arc<dyn Error + Send + Sync>,
    // `None`: the error's type was erased before.
    type_name: Option<Cow<'static, str>>,
    backtrace: Option<Arc<str>>,
    is_exported: bool,
}

/// One error of a chain of causes.
///
/// # Examples
///
/// ```
/// use opencensus_logging::LoggedError;
///
/// for link in LoggedError::new("x".parse::<u8>().unwrap_err()).chain() {
///     println!("{}: {}", link.type_name.as_deref().unwrap_or("error"), link.message);
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ErrorLink {
    /// The name of the error's type, if it is known.
    pub type_name: Option<Cow<'static, str>>,
    /// The error's message.
    pub message: String,
}

/// The longest chain of causes: a cyclic one is cut here.
const LONGEST_CHAIN: usize = 64;

impl LoggedError {
    /// An error of a known type.
    pub fn new<E: Error + Send + Sync + 'static>(error: E) -> Self {
        let type_name = Some(error_type::of_value(&error));
        Self { error: Arc::new(error), type_name, backtrace: None, is_exported: false }
    }

    /// An error whose type was erased, in a `Box` or an `Arc`.
    #[must_use]
    pub fn erased(error: impl Into<Arc<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), type_name: None, backtrace: None, is_exported: false }
    }

    /// Sets the name of the error's type, for an error whose type was erased.
    #[must_use]
    pub fn with_type_name(mut self, type_name: impl Into<Cow<'static, str>>) -> Self {
        self.type_name = Some(type_name.into());
        self
    }

    /// A copy of an error that a caller lends.
    #[cfg(feature = "tracing")]
    pub(crate) fn captured(error: CapturedError) -> Self {
        Self { error: Arc::new(error), type_name: None, backtrace: None, is_exported: false }
    }

    /// Marks an error that telemetry has already: a handler that sends errors as telemetry sends the record as a message.
    #[must_use]
    pub fn with_exported(mut self, is_exported: bool) -> Self {
        self.is_exported = is_exported;
        self
    }

    /// Whether telemetry has the error already.
    #[must_use]
    pub fn is_exported(&self) -> bool {
        self.is_exported
    }

    /// Adds the backtrace, as text.
    #[must_use]
    pub fn with_backtrace(mut self, backtrace: impl fmt::Display) -> Self {
        self.backtrace = Some(backtrace.to_string().into());
        self
    }

    /// The error.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.error
    }

    /// The error, if it is of this type.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }

    /// The backtrace, if one was added.
    #[must_use]
    pub fn backtrace(&self) -> Option<&str> {
        self.backtrace.as_deref()
    }

    /// The error and its causes, the error first.
    #[must_use]
    pub fn chain(&self) -> Vec<ErrorLink> {
        let causes = std::iter::successors(self.error.source(), |error| (*error).source());
        let type_name = self.type_name.clone().or_else(|| type_of(&*self.error));
        let first = ErrorLink { type_name, message: self.error.to_string() };
        let link = |error: &(dyn Error + 'static)| ErrorLink { type_name: type_of(error), message: error.to_string() };
        std::iter::once(first).chain(causes.map(link)).take(LONGEST_CHAIN).collect()
    }
}

fn type_of(error: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    #[cfg(feature = "tracing")]
    if let Some(captured) = error.downcast_ref::<CapturedError>() {
        return captured.type_name();
    }
    error_type::of(error)
}

/// Whether values of this type hold an error of another type, or only a text.
fn is_erased<E: 'static>() -> bool {
    let erased = [
        TypeId::of::<Box<dyn Error + Send + Sync>>(),
        TypeId::of::<Arc<dyn Error + Send + Sync>>(),
        TypeId::of::<String>(),
        TypeId::of::<&'static str>(),
        TypeId::of::<Cow<'static, str>>(),
    ];
    // The types of these crates become a box with the error that they hold.
    erased.contains(&TypeId::of::<E>()) || ["anyhow::Error", "eyre::Report"].contains(&type_name::<E>())
}

/// An error of any type: a concrete one, one in a box, that of `anyhow`, or a text.
impl<E: Into<Box<dyn Error + Send + Sync>> + 'static> From<E> for LoggedError {
    fn from(error: E) -> Self {
        let type_name = (!is_erased::<E>()).then(|| error_type::of_value(&error));
        Self { error: error.into().into(), type_name, backtrace: None, is_exported: false }
    }
}

impl fmt::Debug for LoggedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no chairs left")]
    struct NoStock(#[source] std::num::ParseIntError);

    #[test]
    fn chain_begins_with_the_error_and_ends_with_its_first_cause() {
        let error = LoggedError::new(NoStock("x".parse::<u8>().unwrap_err()));
        let chain = error.chain();
        assert_eq!(chain.len(), 2);
        assert!(chain[0].type_name.as_deref().unwrap().ends_with("NoStock"), "{chain:?}");
        assert_eq!(chain[0].message, "no chairs left");
        assert_eq!(chain[1].type_name.as_deref(), Some("std::num::ParseIntError"));
        assert!(error.downcast_ref::<NoStock>().is_some() && error.downcast_ref::<std::fmt::Error>().is_none());
    }

    #[test]
    fn boxed_errors_have_the_type_that_a_person_would_name_and_texts_have_none() {
        let boxed: Box<dyn Error + Send + Sync> = Box::new(NoStock("x".parse::<u8>().unwrap_err()));
        let error = LoggedError::from(boxed);
        assert_eq!(error.chain()[0].type_name.as_deref(), Some("NoStock"));
        assert!(error.downcast_ref::<NoStock>().is_some(), "the box is opened");
        let io = std::io::Error::new(std::io::ErrorKind::NotFound, "no file");
        assert_eq!(LoggedError::from(io).chain()[0].type_name.as_deref(), Some("std::io::Error"));
        let wrapped = std::io::Error::other(NoStock("x".parse::<u8>().unwrap_err()));
        assert_eq!(LoggedError::from(wrapped).chain()[0].type_name.as_deref(), Some("NoStock"));
        for text in [LoggedError::from("just words"), LoggedError::from("just words".to_owned())] {
            assert_eq!((text.chain()[0].type_name.as_deref(), &*text.chain()[0].message), (None, "just words"));
        }
        let named = LoggedError::from("just words").with_type_name("shop::Closed");
        assert_eq!(named.chain()[0].type_name.as_deref(), Some("shop::Closed"));
    }

    #[test]
    fn error_of_anyhow_is_logged_with_its_chain() {
        use anyhow::Context as _;
        let error = "x".parse::<u8>().context("no chairs left").unwrap_err();
        let chain = LoggedError::from(error).chain();
        let messages: Vec<_> = chain.iter().map(|link| &*link.message).collect();
        assert_eq!(messages, ["no chairs left", "invalid digit found in string"]);
        assert_eq!(chain[1].type_name.as_deref(), Some("std::num::ParseIntError"));
    }
}
