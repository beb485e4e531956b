//! The settings as a tree: the common form of TOML, JSON, environment variables and Python literals.

use crate::text::Text;

/// One value of a settings tree.
///
/// # Examples
///
/// ```
/// use opencensus_settings::Value;
///
/// let tree = Value::Table(vec![("sampler".to_owned(), Value::Float(0.25))]);
/// assert_eq!(tree.redacted(), "a table");
/// assert_eq!(Value::text("sometimes").redacted(), "`sometimes`");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A text whose references could not be resolved. That fault is reported already, so readers report no other.
    Unresolved,
    /// JSON's `null`, or Python's `None`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Text),
    /// A list.
    List(Vec<Value>),
    /// The entries in their order. A key that a file gives twice is there twice.
    Table(Vec<(String, Value)>),
    /// A Python call whose arguments were interpolated one by one.
    Call(Call),
}

/// A Python call such as `package.module.Class(1.0, name='text')`, or the dotted name alone. It is parsed, but not
/// evaluated; [`python_literal::parse_call`](crate::python_literal::parse_call) has an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The part before the last dot; empty if there is none.
    pub module: String,
    /// The part after the last dot.
    pub name: String,
    /// `None` if the name has no brackets.
    pub arguments: Option<Vec<Argument>>,
}

/// An argument of a [`Call`].
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// `None` for a positional argument.
    pub name: Option<String>,
    /// The value.
    pub value: Value,
}

impl Value {
    /// Creates a text that contains no variable.
    pub fn text(value: impl Into<String>) -> Self {
        Self::Text(Text::plain(value))
    }

    /// Creates a list of texts.
    pub fn texts<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Self {
        Self::List(values.into_iter().map(Self::text).collect())
    }

    /// Formats the value for a fault: without secrets, and empty for [`Unresolved`](Self::Unresolved).
    #[must_use]
    pub fn redacted(&self) -> String {
        match self {
            Self::Unresolved => String::new(),
            Self::Null => "nothing (null)".to_owned(),
            Self::Bool(value) => format!("`{value}`"),
            Self::Integer(value) => format!("`{value}`"),
            Self::Float(value) => format!("`{value:?}`"),
            Self::Text(text) => text.redacted(),
            Self::Call(call) => format!("`{}`", call.path_with("(…)")),
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

impl Call {
    /// The dotted name, followed by `end`.
    #[must_use]
    pub fn path_with(&self, end: &str) -> String {
        let dot = if self.module.is_empty() { "" } else { "." };
        format!("{}{dot}{}{end}", self.module, self.name)
    }
}

impl Argument {
    /// Whether the argument is positional, or has one of these names.
    #[must_use]
    pub fn fits(&self, names: &[&str]) -> bool {
        self.name.as_deref().is_none_or(|name| names.contains(&name))
    }
}
