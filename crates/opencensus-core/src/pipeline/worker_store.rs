//! Opens the worker's store.

use std::time::Duration;

use tokio::time::Instant;

use crate::pipeline::delivery_log::Line;
use crate::pipeline::losses::items;
use crate::pipeline::worker::Worker;
use crate::store::Store;

/// How long after a failure the store is opened again: its folder may be repaired, or its disk be mounted late.
const OPENS_AGAIN: Duration = Duration::from_secs(60);

impl Worker {
    /// Opens the store, if the exporter has a destination. A folder that cannot be used is a warning, once.
    pub(super) fn open_store(&mut self) {
        let (Some(options), Some(destination)) = (self.store.take(), self.exporter.destination()) else { return };
        let (now, is_first) = (Instant::now(), self.opens_at.is_none());
        match Store::open(&options, destination, now.into_std()) {
            Ok(store) => {
                self.has_journal = options.journal;
                self.backlog.set_store(store, now);
                self.backlog.count(self.queue.ledger());
                if !is_first {
                    let text = format!("the store's folder `{}` can be used now", options.path.display());
                    self.notes.push_back(Line::Info(text));
                }
                let found = self.queue.ledger().stored();
                if found > 0 {
                    let text = format!("found on disk and sent soon: {} of earlier processes", items(found));
                    self.notes.push_back(Line::Info(text));
                }
            }
            Err(error) => {
                if is_first {
                    let text = format!("telemetry that cannot be sent waits in memory alone: {error}");
                    self.notes.push_back(Line::Warning(text));
                }
                self.store = Some(options);
                self.opens_at = Some(now + OPENS_AGAIN);
            }
        }
    }

    /// Opens the store a minute after the last failure, if the worker is awake.
    pub(super) fn open_store_again(&mut self, now: Instant) {
        let is_due = self.opens_at.is_some_and(|due| due <= now);
        if is_due && self.store.is_some() && !self.flushes.is_shutting_down() {
            self.open_store();
        }
    }
}
