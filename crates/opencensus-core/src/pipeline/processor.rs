//! Functions that see every item before it is sent.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::telemetry::TelemetryItem;

/// Changes an item, or drops it by saying `false`. Called on the worker's thread, in order, once for every
/// item; what an exporter takes out of an item (its events) comes as an item of its own, after it.
pub type Processor = Box<dyn FnMut(&mut TelemetryItem) -> bool + Send>;

/// What the processors made of an item.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Processed {
    pub(super) is_dropped: bool,
    /// A panic in one keeps the item, as far as it was changed.
    pub(super) panics: usize,
}

/// Lets all of them see the item, until one drops it.
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
