//! An error.

use std::borrow::Cow;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::{Origin, Severity};

/// An error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExceptionRecord {
    /// Where and when.
    pub origin: Origin,
    /// The error's type, such as `std::io::Error`.
    pub type_name: Option<Cow<'static, str>>,
    /// What it says.
    pub message: Option<Cow<'static, str>>,
    /// The calls that led to it, as text.
    pub stack: Option<Cow<'static, str>>,
    /// How grave it is.
    pub severity: Option<Severity>,
    /// More about it.
    pub attributes: Vec<Attribute>,
}

impl ExceptionRecord {
    /// An error of which nothing is known yet.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self { origin, type_name: None, message: None, stack: None, severity: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        let texts = [&self.type_name, &self.message, &self.stack];
        let texts: usize = texts.into_iter().flatten().map(text_size).sum();
        size_of::<Self>() + self.origin.heap_size() + texts + attributes_size(&self.attributes)
    }
}
