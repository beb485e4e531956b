//! A subscriber that keeps the events of `tracing` that the middleware emits.

use std::fmt::Debug;
use std::sync::Mutex;

use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Metadata, Subscriber, span};

/// Keeps each event of a target that starts with `opencensus` as `level target fields`.
#[derive(Debug, Default)]
pub(crate) struct EventRecorder(Mutex<Vec<String>>);

impl EventRecorder {
    /// Returns the events that the subscriber has received, and forgets them.
    ///
    /// # Panics
    ///
    /// If the subscriber is not an `EventRecorder`.
    pub(crate) fn take(subscriber: &Dispatch) -> Vec<String> {
        let recorder = subscriber.downcast_ref::<Self>().unwrap();
        std::mem::take(&mut recorder.0.lock().unwrap())
    }
}

impl Subscriber for EventRecorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("opencensus")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        let metadata = event.metadata();
        self.0.lock().unwrap().push(format!("{} {}{}", metadata.level(), metadata.target(), fields.0));
    }

    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}
