//! This project's telemetry, with an exporter that discards items.

use std::sync::Arc;
use std::time::Duration;

use opencensus::{Settings, Telemetry};
use opencensus_core::TelemetryItem;
use opencensus_core::exporter::{Batch, EncodeError, Exporter, SendFuture};

use crate::discard::{self, Discard};
use crate::recorded::{Purpose, Recorded};
use crate::share::Share;

/// Notes the trace of each item.
struct Note {
    recorded: Recorded,
    discard: Discard,
}

impl Exporter for Note {
    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        let id = item.trace_id().map_or(0, |id| u128::from_be_bytes(id.to_bytes()));
        self.recorded.add(id);
        self.discard.encode(item, batch)
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        self.discard.send(batch)
    }
}

/// With or without OpenTelemetry's current context.
pub(crate) fn telemetry(with_context: bool, share: Share, purpose: &Purpose) -> Telemetry {
    let mut settings = Settings::default();
    settings.trace.opentelemetry_context = with_context;
    settings.limits = discard::limits();
    let path = if share == Share::Blacklisted { "/users" } else { "/metrics" };
    let settings =
        settings.with_sampler(share.of_ours()).with_blacklist_paths(vec!["/health".to_owned(), path.to_owned()]);
    let discard = Discard { stops: matches!(purpose, Purpose::Count) };
    match purpose.recorded() {
        Some(recorded) => settings.start_with(Note { recorded, discard }),
        None => settings.start_with(discard),
    }
    .expect("it starts")
}

/// Empties the queue.
pub(crate) fn flush(telemetry: &Telemetry) {
    assert!(telemetry.flush(Duration::from_secs(60)).wait().complete);
}
