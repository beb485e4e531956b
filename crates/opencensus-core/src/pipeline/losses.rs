//! Numbers of lost items, for the log.

use std::fmt;

use crate::exporter::DropReason;
use crate::pipeline::ledger::Ledger;

/// Items that were dropped, by reason. Items that a processor drops are not lost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Losses([u64; DropReason::COUNT]);

impl Losses {
    pub(super) fn of(ledger: &Ledger) -> Self {
        let count = |reason| if reason == DropReason::Processor { 0 } else { ledger.dropped(reason).get() };
        Self(DropReason::ALL.map(count))
    }

    /// The losses since an earlier point in time.
    pub(super) fn since(self, earlier: Self) -> Self {
        let mut counts = self.0;
        counts.iter_mut().zip(earlier.0).for_each(|(count, earlier)| *count = count.saturating_sub(earlier));
        Self(counts)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }
}

/// `2 items rejected, 5 items expired`.
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = DropReason::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0);
        for (at, (reason, count)) in reasons.enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{} {}", items(count), words(reason))?;
        }
        Ok(())
    }
}

/// `1 item`, `2 items`.
pub(super) fn items(count: u64) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

fn words(reason: DropReason) -> &'static str {
    match reason {
        DropReason::Rejected => "rejected by the endpoint",
        DropReason::Quota => "over the endpoint's quota",
        DropReason::TooLarge => "too large for the protocol",
        DropReason::Unsupported => "not supported by the exporter",
        DropReason::Expired => "not delivered within `limits.max_age`",
        DropReason::Shutdown => "not delivered before the shutdown's deadline",
        DropReason::ExporterPanicked => "lost by a panic of the exporter",
        DropReason::Processor => "dropped by a processor",
        DropReason::StoreFull => "evicted from the full store on disk",
        DropReason::Corrupt => "in damaged files of the store",
    }
}
