//! A burst of requests while the endpoint is dead.

use std::time::Duration;

use crate::endpoint::Behaviour;
use crate::program::Child;
use crate::report::{NOT_MEASURED, Row};
use crate::scenario::bed::{Bed, Place};

/// The default of `limits.max_bytes`, and 1 MiB for a batch that is being encoded, in KiB.
const BOUND: u64 = (8 + 1) * 1024;

/// Resident memory stays within the queue's bound.
pub(crate) fn burst(bed: &Bed) -> Vec<Row> {
    let total = bed.choose(50_000, 50_000);
    let place = Place::new(Behaviour::Refuse);
    let mut child = Child::start(&place.options().without_ids());
    // The first requests load code and create what every process has once.
    child.run(1, 100, 0);
    std::thread::sleep(Duration::from_secs(1));
    let before = child.usage().resident;
    child.run(101, total, 0);
    std::thread::sleep(Duration::from_secs(bed.choose(5, 1)));
    let growth = child.usage().peak.saturating_sub(before);
    let counters = child.shutdown(Duration::from_secs(5));
    let mib = growth as f64 / 1024.0;
    let row = Row::new(format!("burst of {total} requests, endpoint dead"), [NOT_MEASURED; 2])
        .ours(format!("memory grows by at most {mib:.1} MiB (bound 8 MiB); {} refused and counted", counters.refused))
        .target(growth <= BOUND, "at most the bound and 1 MiB")
        .target(counters.balance(), format!("counters balance: {counters:?}"));
    vec![row]
}
