//! The error that a record is about.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The error that a record is about, with its causes. Filters and handlers can downcast it.
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
        Self { error: Arc::new(error), type_name: Some(Cow::Borrowed(std::any::type_name::<E>())), backtrace: None }
    }

    /// An error whose type was erased, in a `Box` or an `Arc`.
    #[must_use]
    pub fn erased(error: impl Into<Arc<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), type_name: None, backtrace: None }
    }

    /// Sets the name of the error's type, for an error whose type was erased.
    #[must_use]
    pub fn with_type_name(mut self, type_name: impl Into<Cow<'static, str>>) -> Self {
        self.type_name = Some(type_name.into());
        self
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
        let type_name = self.type_name.clone().or_else(|| type_of_debug(&*self.error));
        let first = ErrorLink { type_name, message: self.error.to_string() };
        let link =
            |error: &(dyn Error + 'static)| ErrorLink { type_name: type_of_debug(error), message: error.to_string() };
        std::iter::once(first).chain(causes.map(link)).take(LONGEST_CHAIN).collect()
    }
}

/// The name of the type or the variant that a derived `Debug` begins with: the only name that an erased type has.
fn type_of_debug(error: &dyn Error) -> Option<Cow<'static, str>> {
    let debug = format!("{error:?}");
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.');
    let end = debug.find(|c| !is_name(c)).unwrap_or(debug.len());
    let (name, rest) = debug.split_at(end);
    let is_name_start = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_delimited = rest.is_empty() || rest.starts_with(['(', '{', ' ']);
    (is_name_start && is_delimited).then(|| Cow::Owned(name.trim_end_matches(':').to_owned()))
}

impl<E: Error + Send + Sync + 'static> From<E> for LoggedError {
    fn from(error: E) -> Self {
        Self::new(error)
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
        assert_eq!(chain[1].type_name.as_deref(), Some("ParseIntError"));
        assert!(error.downcast_ref::<NoStock>().is_some() && error.downcast_ref::<std::fmt::Error>().is_none());
    }

    #[test]
    fn erased_errors_keep_the_name_that_debug_shows() {
        let boxed: Box<dyn Error + Send + Sync> = Box::new(NoStock("x".parse::<u8>().unwrap_err()));
        assert_eq!(LoggedError::erased(boxed).chain()[0].type_name.as_deref(), Some("NoStock"));
        let text = || -> Box<dyn Error + Send + Sync> { "just words".into() };
        assert_eq!(LoggedError::erased(text()).chain()[0].type_name, None);
        let named = LoggedError::erased(text()).with_type_name("shop::Closed");
        assert_eq!(named.chain()[0].type_name.as_deref(), Some("shop::Closed"));
    }
}
