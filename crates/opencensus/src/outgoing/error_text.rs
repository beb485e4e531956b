//! The text of an error that ended a call.

use std::any::Any;
use std::error::Error;
use std::fmt::{Debug, Display, Write as _};

use opencensus_settings::error_type;

/// The most causes that are written. A chain can be cyclic.
const MAX_CAUSES: usize = 16;
/// The longest `Debug` of an error that is written, in bytes.
const MAX_DEBUG: usize = 1024;

/// The message of an error and of its causes. Of an error whose type does not show its causes, `Debug` stands for them.
pub(super) fn of_value<E: Display + Debug + Any>(error: &E) -> String {
    if let Some(error) = error_type::erased(error) {
        return of_error(error);
    }
    let mut text = error.to_string();
    let debug = format!("{error:?}");
    if debug.len() <= MAX_DEBUG && !text.contains(&debug) {
        let _ = write!(text, ": {debug}");
    }
    text
}

/// The message of an error and of its causes.
pub(super) fn of_error(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(error) = cause else { break };
        let message = error.to_string();
        if !text.ends_with(&message) {
            let _ = write!(text, ": {message}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no stock")]
    struct NoStock(#[source] std::num::ParseIntError);

    #[test]
    fn causes_are_written_or_debug_stands_for_them() {
        let error = || NoStock("x".parse::<u8>().unwrap_err());
        let boxed: Box<dyn Error + Send + Sync> = error().into();
        assert_eq!(of_value(&boxed), "no stock: invalid digit found in string");
        assert_eq!(of_error(&error()), "no stock: invalid digit found in string");
        assert_eq!(of_value(&error()), "no stock: NoStock(ParseIntError { kind: InvalidDigit })");
        assert_eq!(of_value(&"refused"), "refused: \"refused\"");
    }
}
