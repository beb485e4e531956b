//! Lines for the operator, about telemetry itself.
//!
//! A line is an event of `tracing` with the target `opencensus`. Without a subscriber it would be lost, so it is
//! then written to the standard error output, each text once.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use tracing::dispatcher;
use tracing::subscriber::NoSubscriber;

/// Texts that are remembered so that they are not written twice.
const REMEMBERED: usize = 64;

static WRITTEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Logs a warning.
///
/// # Examples
///
/// ```
/// opencensus_core::notice::warn("the environment variable `OPENCENSUS_SAMPLR` is not a setting");
/// ```
pub fn warn(text: &str) {
    tracing::warn!(target: "opencensus", "{text}");
    write_without_subscriber("warning: ", text);
}

/// Logs a line that is no warning.
///
/// # Examples
///
/// ```
/// opencensus_core::notice::info("telemetry is off");
/// ```
pub fn info(text: &str) {
    tracing::info!(target: "opencensus", "{text}");
    write_without_subscriber("", text);
}

/// Whether a subscriber of `tracing` receives the events of this thread.
#[must_use]
pub fn has_subscriber() -> bool {
    dispatcher::get_default(|dispatch| !dispatch.is::<NoSubscriber>())
}

fn write_without_subscriber(level: &str, text: &str) {
    if !has_subscriber() && remember(&mut WRITTEN.lock().unwrap_or_else(PoisonError::into_inner), text) {
        // There is no other place to report that the output is closed.
        let _ = writeln!(std::io::stderr().lock(), "opencensus: {level}{text}");
    }
}

/// Remembers the text. `false`: it is remembered already.
fn remember(written: &mut Vec<String>, text: &str) -> bool {
    if written.iter().any(|other| other == text) {
        return false;
    }
    if written.len() >= REMEMBERED {
        written.remove(0);
    }
    written.push(text.to_owned());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_written_once_and_the_memory_is_bounded() {
        let mut written = Vec::new();
        assert!(remember(&mut written, "a") && !remember(&mut written, "a"));
        (0..1000).for_each(|number| assert!(remember(&mut written, &number.to_string())));
        assert!(written.len() == REMEMBERED && remember(&mut written, "a"));
    }
}
