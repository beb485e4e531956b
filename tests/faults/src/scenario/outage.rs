//! A long outage, with time compressed.

use std::time::Duration;

use crate::endpoint::Behaviour;
use crate::program::Child;
use crate::report::{NOT_MEASURED, Row};
use crate::scenario::bed::{Bed, Place, RECOVERY};

/// Three hours without an endpoint. Every wait of the library is divided by the same number.
pub(crate) fn three_hours(bed: &Bed) -> Vec<Row> {
    let (divisor, total) = bed.choose((360, 6000), (3600, 1500));
    let place = Place::new(Behaviour::Refuse);
    let scaled = |seconds: u64| format!("{}ms", (seconds * 1000).div_ceil(divisor));
    let options = place
        .options()
        .with("OPENCENSUS_RETRY_BASE", "10ms")
        .with("OPENCENSUS_RETRY_MAX", scaled(60))
        .with("OPENCENSUS_BATCH_AGE", "20ms")
        .with("OPENCENSUS_FIRST_DELAY", "10ms")
        .with("OPENCENSUS_STORE_RETENTION", scaled(48 * 3600))
        .with("OPENCENSUS_MAX_AGE", scaled(48 * 3600));
    let mut child = Child::start(&options);
    let outage = Duration::from_secs(3 * 3600 / divisor);
    child.run(1, total, total / outage.as_secs());
    place.endpoint.set(Behaviour::Ok);
    let lost = place.endpoint.wait_for(&child.finished(), RECOVERY).len();
    let counters = child.shutdown(Duration::from_secs(5));
    let duplicates = place.endpoint.received().duplicates();
    let row = Row::new(format!("outage of 3 hours, times divided by {divisor}, {total} requests"), [NOT_MEASURED; 2])
        .ours(format!("{lost} of {total} lost; {duplicates} sent twice"))
        .target(lost == 0, "0 lost")
        .target(duplicates == 0, "0 sent twice")
        .target(counters.balance(), format!("counters balance: {counters:?}"));
    vec![row]
}
