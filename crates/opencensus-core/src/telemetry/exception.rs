//! An error.

use std::borrow::Cow;
use std::error::Error;

use opencensus_settings::error_type;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::backtrace::of_the_failure;
use crate::telemetry::{Origin, Severity};

/// An error or a panic: a row of Application Insights' `exceptions`.
///
/// # Examples
///
/// ```
/// use opencensus_core::{ExceptionRecord, Origin, TelemetryItem};
/// use std::time::SystemTime;
///
/// let mut record = ExceptionRecord::new(Origin::at(SystemTime::now()));
/// record.type_name = Some("std::io::Error".into());
/// record.message = Some("connection refused".into());
/// let item = TelemetryItem::from(record);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExceptionRecord {
    /// Where and when it was recorded.
    pub origin: Origin,
    /// The error's type, such as `std::io::Error`. Default: none.
    pub type_name: Option<Cow<'static, str>>,
    /// The error's message. Default: none.
    pub message: Option<Cow<'static, str>>,
    /// The errors that caused it, the nearest first. Default: none.
    pub causes: Vec<ExceptionCause>,
    /// The stack trace as text. Default: none.
    pub stack: Option<Cow<'static, str>>,
    /// How severe it is. Default: none.
    pub severity: Option<Severity>,
    /// Its attributes. Default: none.
    pub attributes: Vec<Attribute>,
}

/// A cause of an [`ExceptionRecord`].
///
/// # Examples
///
/// ```
/// use opencensus_core::{ExceptionCause, ExceptionRecord, Origin};
/// use std::time::SystemTime;
///
/// let mut record = ExceptionRecord::new(Origin::at(SystemTime::now()));
/// record.add_cause(ExceptionCause::new(Some("std::io::Error".into()), "connection refused"));
/// assert_eq!(record.causes[0].message, "connection refused");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ExceptionCause {
    /// The error's type, if it is known.
    pub type_name: Option<Cow<'static, str>>,
    /// The error's message.
    pub message: Cow<'static, str>,
}

impl ExceptionCause {
    /// Creates a cause.
    #[must_use]
    pub fn new(type_name: Option<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { type_name, message: message.into() }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.type_name.as_ref().map_or(0, text_size) + text_size(&self.message)
    }
}

/// The longest chain of causes: a cyclic one is cut here.
const LONGEST_CHAIN: usize = 64;

/// What `anyhow` and `eyre` write into the `Debug` text of an error in front of its backtrace.
const BACKTRACE: &str = "Stack backtrace:\n";

impl ExceptionRecord {
    /// Creates a record without type and message.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            type_name: None,
            message: None,
            causes: Vec::new(),
            stack: None,
            severity: None,
            attributes: Vec::new(),
        }
    }

    /// Creates a record of an error: its type, as far as its `Debug` names it, its message, its causes, and the backtrace
    /// that an error of `anyhow` or `eyre` carries if the variable `RUST_BACKTRACE` is set.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::{ExceptionRecord, Origin};
    /// use std::time::SystemTime;
    ///
    /// let error = "x".parse::<u8>().unwrap_err();
    /// let record = ExceptionRecord::of_error(Origin::at(SystemTime::now()), &error);
    /// assert_eq!(record.type_name.as_deref(), Some("std::num::ParseIntError"));
    /// assert_eq!(record.message.as_deref(), Some("invalid digit found in string"));
    /// ```
    #[must_use]
    pub fn of_error(origin: Origin, error: &(dyn Error + 'static)) -> Self {
        let mut record = Self::new(origin);
        record.type_name = Some(error_type::of(error).unwrap_or(error_type::UNKNOWN.into()));
        record.message = Some(error.to_string().into());
        let debug = format!("{error:?}");
        if let Some((_, backtrace)) = debug.split_once(BACKTRACE) {
            record.set_backtrace(backtrace);
        }
        for cause in std::iter::successors(error.source(), |cause| (*cause).source()).take(LONGEST_CHAIN) {
            record.add_cause(ExceptionCause::new(error_type::of(cause), cause.to_string()));
        }
        record
    }

    /// Sets the stack to a backtrace of the standard library, from the function that failed. Application Insights groups
    /// exceptions by their first frame, so that frames of the standard library, of a panic hook and of `anyhow` are left out.
    pub fn set_backtrace(&mut self, backtrace: &str) {
        self.stack = Some(of_the_failure(backtrace).into());
    }

    /// Adds a cause of the last cause. It is left out if it has the type and the message of the error that it caused: that
    /// one is a wrapper.
    pub fn add_cause(&mut self, cause: ExceptionCause) {
        let is_same = match self.causes.last() {
            Some(last) => *last == cause,
            None => self.type_name == cause.type_name && self.message.as_ref() == Some(&cause.message),
        };
        if !is_same {
            self.causes.push(cause);
        }
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.type_name, &self.message, &self.stack];
        let texts: usize = texts.into_iter().flatten().map(text_size).sum();
        let causes: usize = self.causes.iter().map(ExceptionCause::size).sum();
        size_of::<Self>() + self.origin.heap_size() + texts + causes + attributes_size(&self.attributes)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::time::SystemTime;

    use super::*;

    fn record(error: &(dyn Error + 'static)) -> ExceptionRecord {
        ExceptionRecord::of_error(Origin::at(SystemTime::now()), error)
    }

    fn causes(record: &ExceptionRecord) -> Vec<(&str, &str)> {
        record.causes.iter().map(|cause| (cause.type_name.as_deref().unwrap_or("-"), &*cause.message)).collect()
    }

    #[derive(Debug, thiserror::Error)]
    #[error("could not reserve")]
    struct NoStock(#[source] std::io::Error);

    #[test]
    fn error_has_its_type_its_message_and_its_causes() {
        let error = NoStock(std::io::Error::new(std::io::ErrorKind::InvalidData, "x".parse::<u8>().unwrap_err()));
        let record = record(&error);
        assert_eq!(record.type_name.as_deref(), Some("NoStock"));
        assert_eq!(record.message.as_deref(), Some("could not reserve"));
        assert_eq!(causes(&record), [("std::io::Error", "invalid digit found in string")]);
        assert!(record.stack.is_none());
        assert!(record.size() > ExceptionRecord::new(record.origin.clone()).size() + 40, "the causes count");
    }

    #[test]
    fn error_without_a_name_has_the_type_error_and_a_wrapper_is_no_cause() {
        let text: Box<dyn Error> = "just words".into();
        assert_eq!(record(&*text).type_name.as_deref(), Some("Error"));

        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Wrapper(#[source] std::num::ParseIntError);
        let wrapped = record(&Wrapper("x".parse::<u8>().unwrap_err()));
        assert_eq!(wrapped.type_name.as_deref(), Some("std::num::ParseIntError"));
        assert!(wrapped.causes.is_empty(), "{wrapped:?}");
    }

    #[test]
    fn backtrace_in_the_debug_text_of_an_error_is_its_stack_and_a_cyclic_chain_ends() {
        struct Cyclic;
        impl fmt::Debug for Cyclic {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no chairs\n\nStack backtrace:\n   0: shop::reserve\n")
            }
        }
        impl fmt::Display for Cyclic {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no chairs")
            }
        }
        impl Error for Cyclic {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }
        let record = record(&Cyclic);
        assert_eq!(record.stack.as_deref(), Some("   0: shop::reserve"));
        assert!(record.causes.len() <= 1, "{}", record.causes.len());
    }
}
