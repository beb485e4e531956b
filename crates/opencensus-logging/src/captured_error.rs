//! Copies an error that a caller lends.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use opencensus_settings::error_type;

/// A copy of an error that a caller lends: its texts and the name of its type, and those of its causes.
pub(crate) struct CapturedError {
    message: String,
    debug: String,
    type_name: Option<Cow<'static, str>>,
    cause: Option<Box<CapturedError>>,
}

/// The longest chain of causes: a cyclic one is cut here.
const LONGEST_CHAIN: usize = 64;

impl CapturedError {
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        Self::of_chain(error, LONGEST_CHAIN)
    }

    fn of_chain(error: &(dyn Error + 'static), length: usize) -> Self {
        let cause = error.source().filter(|_| length > 1);
        let cause = cause.map(|cause| Box::new(Self::of_chain(cause, length - 1)));
        Self { message: error.to_string(), debug: format!("{error:?}"), type_name: error_type::of(error), cause }
    }

    /// The name of the type of the original error.
    pub(crate) fn type_name(&self) -> Option<Cow<'static, str>> {
        self.type_name.clone()
    }
}

impl fmt::Display for CapturedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for CapturedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.debug)
    }
}

impl Error for CapturedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
