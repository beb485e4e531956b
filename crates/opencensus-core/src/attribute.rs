//! Named values.

use std::borrow::Cow;
use std::fmt;

/// Value of an attribute.
///
/// # Examples
///
/// ```
/// use opencensus_core::Value;
///
/// assert_eq!(Value::from("express"), Value::Text("express".into()));
/// assert_eq!(Value::List(vec![1.into(), true.into()]).to_string(), "[1,true]");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// An integer.
    I64(i64),
    /// A floating-point number.
    F64(f64),
    /// A text.
    Text(Cow<'static, str>),
    /// A list of values. [`Attribute::new`] bounds the depth of nested lists.
    List(Vec<Value>),
}

/// A named value.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Attribute, Value};
///
/// let attribute = Attribute::new("basket.size", 3);
/// assert_eq!((&*attribute.key, attribute.value), ("basket.size", Value::I64(3)));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Attribute {
    /// The name.
    pub key: Cow<'static, str>,
    /// The value.
    pub value: Value,
}

impl Attribute {
    /// Creates an attribute. A list that is nested deeper than [`Value::MAX_DEPTH`] becomes the text `[…]`.
    pub fn new(key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        let mut value = value.into();
        if let Value::List(values) = &mut value {
            bound_depth(values, Value::MAX_DEPTH);
        }
        Self { key: key.into(), value }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        text_size(&self.key) + self.value.heap_size()
    }
}

/// Replaces lists that are nested deeper than `depth`, which counts this one.
fn bound_depth(values: &mut [Value], depth: usize) {
    for value in values {
        match value {
            Value::List(values) if depth > 1 => bound_depth(values, depth - 1),
            Value::List(values) => {
                drop_iteratively(std::mem::take(values));
                *value = Value::Text(Cow::Borrowed("[…]"));
            }
            _ => {}
        }
    }
}

/// Drops nested lists one by one: dropping them as a whole recurses, and overflows the stack if they are deep.
fn drop_iteratively(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        if let Value::List(inner) = value {
            values.extend(inner);
        }
    }
}

impl Value {
    /// How deep lists may be nested in an attribute: 16.
    pub const MAX_DEPTH: usize = 16;

    fn heap_size(&self) -> usize {
        match self {
            Self::Text(text) => text_size(text),
            Self::List(values) => values.iter().map(|value| size_of::<Self>() + value.heap_size()).sum(),
            _ => 0,
        }
    }
}

/// Bytes that attributes take.
pub(crate) fn attributes_size(attributes: &[Attribute]) -> usize {
    attributes.iter().map(|attribute| size_of::<Attribute>() + attribute.heap_size()).sum()
}

/// Bytes that a text takes on the heap.
#[expect(clippy::ptr_arg, reason = "only an owned text takes memory on the heap")]
pub(crate) fn text_size(text: &Cow<'static, str>) -> usize {
    match text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => text.capacity(),
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::F64(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::List(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        f.write_str(",")?;
                    }
                    value.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::I64(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::I64(value.into())
    }
}

impl From<u16> for Value {
    fn from(value: u16) -> Self {
        Self::I64(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::F64(value)
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl From<Cow<'static, str>> for Value {
    fn from(value: Cow<'static, str>) -> Self {
        Self::Text(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_any_depth_are_bounded_where_an_attribute_is_made() {
        let nested = |depth| (0..depth).fold(Value::I64(7), |value, _| Value::List(vec![value, true.into()]));
        let shown = |depth| Attribute::new("list", nested(depth)).value.to_string();
        assert_eq!(shown(2), "[[7,true],true]");
        assert_eq!(shown(Value::MAX_DEPTH), nested(Value::MAX_DEPTH).to_string());
        assert!(shown(Value::MAX_DEPTH + 1).starts_with(&format!("{}[…],true]", "[".repeat(Value::MAX_DEPTH))));
        // Without the bound, this overflows the stack when the value is measured, written or dropped.
        assert_eq!(shown(1_000_000), shown(Value::MAX_DEPTH + 1));
    }
}
