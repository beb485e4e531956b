//! The place of a value in a configuration.

use opencensus_settings::{Fault, redact};
use serde_json::Value;

/// The keys and indices that lead to a value.
#[derive(Debug, Default)]
pub(super) struct Place {
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl Place {
    /// How many values are around this one.
    pub(super) fn depth(&self) -> usize {
        self.steps.len()
    }

    /// Whether the keys are these; `None` is any key.
    pub(super) fn matches(&self, keys: &[Option<&[&str]>]) -> bool {
        let is = |(step, names): (&Step, &Option<&[&str]>)| match step {
            Step::Key(key) => names.is_none_or(|names| names.contains(&key.as_str())),
            Step::Index(_) => false,
        };
        self.steps.len() == keys.len() && self.steps.iter().zip(keys).all(is)
    }

    /// The fault, at this place.
    pub(super) fn at(&self, fault: Fault) -> Fault {
        self.steps.iter().rev().fold(fault, |fault, step| match step {
            Step::Key(key) => fault.inside(&redact::key(key)),
            Step::Index(index) => fault.inside(&format!("[{index}]")),
        })
    }

    /// Changes all values inside of the one at this place.
    pub(super) fn change_each(&mut self, value: &Value, mut change: impl FnMut(&Value, &mut Self) -> Value) -> Value {
        let mut inside = |step: Step, value: &Value| {
            self.steps.push(step);
            let changed = change(value, self);
            self.steps.pop();
            changed
        };
        match value {
            Value::Array(values) => {
                values.iter().enumerate().map(|(at, value)| inside(Step::Index(at), value)).collect()
            }
            Value::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.clone(), inside(Step::Key(key.clone()), value)));
                Value::Object(entries.collect())
            }
            other => other.clone(),
        }
    }
}
