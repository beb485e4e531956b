//! Errors that look like Python's exceptions.

use std::error::Error;
use std::fmt;

use serde_json::Value;

/// A Python exception as a Rust error. Its `Debug` begins with its type, as that of Rust's errors does.
pub struct Exception {
    /// The name of the class, such as `ValueError`.
    pub type_name: String,
    message: String,
    cause: Option<Box<Exception>>,
}

impl Exception {
    /// Reads the exception of a test vector: `type`, `message`, `notes`, and `cause` or `context`.
    pub fn from_vector(case: &Value) -> Self {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let notes = case["notes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        // Python's `KeyError` writes its key by `repr`.
        let is_key = text("type") == "KeyError" && case["message"].is_string();
        let message = if is_key { quoted(text("message")) } else { text("message").to_owned() };
        let message = std::iter::once(&*message).chain(notes).collect::<Vec<_>>().join("\n");
        let cause = [&case["cause"], &case["context"]].into_iter().find(|cause| cause.is_object());
        Self {
            type_name: text("type").to_owned(),
            message,
            cause: cause.map(|cause| Box::new(Self::from_vector(cause))),
        }
    }
}

fn quoted(text: &str) -> String {
    if text.contains('\'') && !text.contains('"') { format!("\"{text}\"") } else { format!("'{text}'") }
}

impl fmt::Debug for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.type_name, self.message)
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Exception {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
