//! The value of an attribute or a field.

use std::borrow::Cow;

/// The value of an attribute or a field, with the type that it has in Python.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldValue<'a> {
    Text(Cow<'a, str>),
    Integer(i128),
    /// Written as 0 or 1 where the conversion requires a number.
    Bool(bool),
    Float(f64),
    /// A list or a mapping, as Python writes it.
    Repr(String),
    /// Python's `None`.
    Nothing,
}

impl FieldValue<'_> {
    /// Whether the value is aligned to the right by default.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Float(_))
    }

    /// The name of its type in Python.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "str",
            Self::Integer(_) => "int",
            Self::Float(_) => "float",
            Self::Bool(_) => "bool",
            Self::Repr(text) if text.starts_with('{') => "dict",
            Self::Repr(_) => "list",
            Self::Nothing => "NoneType",
        }
    }
}
