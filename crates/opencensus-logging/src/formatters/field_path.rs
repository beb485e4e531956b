//! Parts of a field, such as `.path` in `{request.path}`.

use std::borrow::Cow;

use serde_json::Value;

use crate::formatters::attribute;
use crate::formatters::field_value::FieldValue;
use crate::formatters::format_error::FormatError;

/// The steps from a field to a part of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct FieldPath {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    /// `.name`
    Attribute(String),
    /// `[2]`
    Index(usize),
    /// `[name]`
    Key(String),
}

impl FieldPath {
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Splits `levelname[0].x` into the field's name and the path. `None`: it is malformed.
    pub(crate) fn parse(text: &str) -> Option<(&str, Self)> {
        let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (name, mut rest) = text.split_at(end);
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let (attribute, after) = after.split_at(after.find(['.', '[']).unwrap_or(after.len()));
                steps.push(Step::Attribute(is_word(attribute).then(|| attribute.to_owned())?));
                rest = after;
            } else {
                let (key, after) = rest.strip_prefix('[')?.split_once(']').filter(|(key, _)| !key.is_empty())?;
                let is_index = key.bytes().all(|byte| byte.is_ascii_digit());
                let index = || Step::Index(key.parse().unwrap_or(usize::MAX));
                steps.push(if is_index { index() } else { Step::Key(key.to_owned()) });
                rest = after;
            }
        }
        is_word(name).then_some((name, Self { steps }))
    }

    /// The part of a field.
    pub(crate) fn of<'a>(&self, field: &'a Value) -> Result<FieldValue<'a>, FormatError> {
        let mut value = field;
        for (at, step) in self.steps.iter().enumerate() {
            value = match (value, step) {
                (Value::Array(items), Step::Index(index)) => {
                    items.get(*index).ok_or_else(|| malformed("list index out of range".to_owned()))?
                }
                (Value::Object(entries), Step::Attribute(key) | Step::Key(key)) => {
                    entries.get(key).ok_or_else(|| FormatError::MissingField(key.clone()))?
                }
                (Value::String(text), _) => return Self { steps: self.steps[at..].to_vec() }.of_text(text.into()),
                (other, step) => return Err(no_part(attribute::value(other).type_name(), step)),
            };
        }
        Ok(attribute::value(value))
    }

    /// The part of an attribute that is not a field.
    pub(crate) fn of_value<'a>(&self, value: FieldValue<'a>) -> Result<FieldValue<'a>, FormatError> {
        match (value, self.steps.first()) {
            (value, None) => Ok(value),
            (FieldValue::Text(text), _) => self.of_text(text),
            (value, Some(step)) => Err(no_part(value.type_name(), step)),
        }
    }

    /// A character of a text.
    fn of_text<'a>(&self, text: Cow<'a, str>) -> Result<FieldValue<'a>, FormatError> {
        let mut text = text;
        for step in &self.steps {
            let Step::Index(index) = step else { return Err(no_part("str", step)) };
            let character = text.chars().nth(*index).map(String::from);
            text = character.ok_or_else(|| malformed("string index out of range".to_owned()))?.into();
        }
        Ok(FieldValue::Text(text))
    }
}

fn no_part(type_name: &str, step: &Step) -> FormatError {
    malformed(match step {
        Step::Attribute(name) => format!("'{type_name}' object has no attribute '{name}'"),
        Step::Index(_) | Step::Key(_) if type_name == "str" => "string indices must be integers, not 'str'".to_owned(),
        Step::Index(_) | Step::Key(_) => format!("'{type_name}' object is not subscriptable"),
    })
}

fn malformed(what: String) -> FormatError {
    FormatError::Malformed(what)
}
