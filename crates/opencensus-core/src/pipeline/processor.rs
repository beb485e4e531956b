//! Functions that change or drop items before they are encoded.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::telemetry::TelemetryItem;

/// Changes an item, or drops it by returning `false`. The worker calls processors on its thread, in order, once
/// for every item. Parts that an exporter takes out of an item, such as its events, follow as separate
/// items. [`PipelineOptions`](crate::PipelineOptions) has an example.
pub type Processor = Box<dyn FnMut(&mut TelemetryItem) -> bool + Send>;

/// The result of the processors.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Processed {
    pub(super) is_dropped: bool,
    /// Processors that panicked. Their item is kept as the panic left it.
    pub(super) panics: usize,
}

/// Calls the processors in order until one drops the item.
pub(super) fn process(processors: &mut [Processor], item: &mut TelemetryItem) -> Processed {
    let mut processed = Processed::default();
    for processor in processors {
        match catch_unwind(AssertUnwindSafe(|| processor(item))) {
            Ok(true) => {}
            Ok(false) => {
                processed.is_dropped = true;
                break;
            }
            Err(_) => processed.panics += 1,
        }
    }
    processed
}
