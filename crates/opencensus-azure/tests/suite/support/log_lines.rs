//! The lines that all pipelines of the process log.

use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

static INSTALLED: LazyLock<()> = LazyLock::new(|| tracing::subscriber::set_global_default(Lines).unwrap());

/// Keeps all lines from now on.
pub(crate) fn install() {
    LazyLock::force(&INSTALLED);
}

/// Keeps the lines about a host from now on. An earlier test may have had an endpoint with the same port.
pub(crate) fn keep_lines_about(host: &str) {
    install();
    LINES.lock().unwrap_or_else(PoisonError::into_inner).retain(|line| !line.contains(host));
}

/// The lines about a host, as `LEVEL message`.
pub(crate) fn lines_about(host: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().filter(|line| line.contains(host)).cloned().collect()
}

struct Lines;

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "opencensus"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Message(event.metadata().level().to_string());
        event.record(&mut line);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
    }

    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0.push_str(&format!(" {value:?}"));
        }
    }
}
