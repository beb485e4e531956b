//! The faults, each a function that returns a row of the table.

mod bed;
mod disk;
mod exit;
mod kill;
mod memory;
mod outage;
mod refusal;

pub(crate) use bed::Bed;

use crate::report::Row;

/// A fault.
pub(crate) type Scenario = fn(&Bed) -> Vec<Row>;

/// All faults, in the order of the table. The names select one at the command line.
pub(crate) const ALL: [(&str, Scenario); 10] = [
    ("kill", kill::healthy),
    ("kill-down", kill::down),
    ("poison", refusal::poisoned_batch),
    ("413", refusal::too_large),
    ("redirect", refusal::foreign_redirect),
    ("exit", exit::hanging_endpoint),
    ("quota", refusal::quota),
    ("outage", outage::three_hours),
    ("disk", disk::overshoot),
    ("memory", memory::burst),
];
