//! Replaces references in a whole tree.

use crate::fault::Fault;
use crate::interpolation::reference::{Lookup, fill};
use crate::python_literal::parse_call;
use crate::redact;
use crate::value::{Call, Value};

/// Replaces the references to variables in every text of a tree.
///
/// # Examples
///
/// ```
/// use opencensus_settings::Value;
/// use opencensus_settings::interpolation::Interpolation;
///
/// let lookup = |name: &str| (name == "TEAM").then(|| "red".to_owned());
/// let (tree, faults) = Interpolation::new(&lookup).apply(Value::texts(["/${TEAM}", "/${OTHER}"]));
/// assert_eq!(faults[0].place(), "[1]");
/// let Value::List(items) = tree else { panic!("it was a list") };
/// assert_eq!(items[0].redacted(), "a text with `${TEAM}`");
/// assert_eq!(items[1], Value::Unresolved);
/// ```
#[derive(Clone, Copy)]
pub struct Interpolation<'a> {
    lookup: Lookup<'a>,
    is_literal: &'a dyn Fn(&[String]) -> bool,
    parses_calls: bool,
}

impl<'a> Interpolation<'a> {
    /// Creates an interpolation with this function for variables. Calls are not parsed, and no text is literal.
    #[must_use]
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, is_literal: &|_| false, parses_calls: false }
    }

    /// Parses texts that are Python calls before their variables are replaced, so that no variable can change which
    /// arguments a call has. Default: a call is a text like any other.
    #[must_use]
    pub fn with_calls(mut self) -> Self {
        self.parses_calls = true;
        self
    }

    /// Leaves texts unchanged for whose path this returns `true`. A path holds the keys from the root of the tree, and
    /// `[2]` for an item of a list. Default: no text is left unchanged.
    #[must_use]
    pub fn with_literals(mut self, is_literal: &'a dyn Fn(&[String]) -> bool) -> Self {
        self.is_literal = is_literal;
        self
    }

    /// The tree with the values of the variables. A text that cannot be resolved becomes [`Value::Unresolved`], and
    /// each of its references that failed is a fault.
    #[must_use]
    pub fn apply(&self, value: Value) -> (Value, Vec<Fault>) {
        self.value(value, &mut Vec::new())
    }

    fn value(&self, value: Value, path: &mut Vec<String>) -> (Value, Vec<Fault>) {
        match value {
            Value::Text(text) if !(self.is_literal)(path) => match self.call(&text.value) {
                Some(call) => self.arguments(call, path),
                None => match fill(&text.value, self.lookup) {
                    Ok(text) => (Value::Text(text), Vec::new()),
                    Err(faults) => (Value::Unresolved, faults),
                },
            },
            Value::List(items) => {
                let items = items.into_iter().enumerate().map(|(at, item)| (format!("[{at}]"), item));
                let (items, faults) = self.entries(items, path);
                (Value::List(items.into_iter().map(|(_, item)| item).collect()), faults)
            }
            Value::Table(entries) => {
                let (entries, faults) = self.entries(entries.into_iter(), path);
                (Value::Table(entries), faults)
            }
            other => (other, Vec::new()),
        }
    }

    fn entries(
        &self,
        entries: impl Iterator<Item = (String, Value)>,
        path: &mut Vec<String>,
    ) -> (Vec<(String, Value)>, Vec<Fault>) {
        let (mut resolved, mut faults) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            path.push(key);
            let (value, more) = self.value(value, path);
            let key = path.pop().unwrap_or_default();
            let step = if is_index(&key) { key.clone() } else { redact::key(&key) };
            faults.extend(more.into_iter().map(|fault| fault.inside(&step)));
            resolved.push((key, value));
        }
        (resolved, faults)
    }

    /// The call that a template is, if it has arguments and a reference.
    fn call(&self, template: &str) -> Option<Call> {
        let call = if self.parses_calls && template.contains("${") { parse_call(template)? } else { return None };
        call.arguments.is_some().then_some(call)
    }

    fn arguments(&self, mut call: Call, path: &mut Vec<String>) -> (Value, Vec<Fault>) {
        let mut faults = Vec::new();
        for argument in call.arguments.iter_mut().flatten() {
            let (value, more) = self.value(std::mem::replace(&mut argument.value, Value::Null), path);
            argument.value = value;
            let name = argument.name.as_deref().unwrap_or_default();
            faults.extend(more.into_iter().map(|fault| fault.inside(name)));
        }
        (Value::Call(call), faults)
    }
}

/// Whether a part of a path is the index of an item, such as `[2]`.
fn is_index(part: &str) -> bool {
    let index = part.strip_prefix('[').and_then(|part| part.strip_suffix(']'));
    index.is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    #[test]
    fn variables_cannot_change_the_arguments_of_a_call() {
        let lookup = |_: &str| Some("x', timeout='1".to_owned());
        let (value, faults) = Interpolation::new(&lookup).with_calls().apply(Value::text("A(path='${P}', n=${P})"));
        assert!(faults.is_empty());
        let Value::Call(call) = value else { panic!("{value:?}") };
        let values: Vec<_> = call.arguments.unwrap().into_iter().map(|argument| argument.value).collect();
        let resolved = Text { value: "x', timeout='1".to_owned(), variables: vec!["P".to_owned()] };
        assert_eq!(values, [Value::Text(resolved.clone()), Value::Text(resolved)]);
    }

    #[test]
    fn texts_at_literal_paths_are_left_unchanged() {
        let lookup = |_: &str| Some("x".to_owned());
        let is_literal = |path: &[String]| path.last().is_some_and(|key| key == "format");
        let table = |text: &str| Value::Table(vec![("format".to_owned(), Value::text(text))]);
        let (value, faults) = Interpolation::new(&lookup).with_literals(&is_literal).apply(table("${message}"));
        assert_eq!((value, faults.len()), (table("${message}"), 0));
    }
}
