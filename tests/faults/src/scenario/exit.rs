//! SIGTERM while the endpoint hangs.

use std::time::Duration;

use crate::endpoint::Behaviour;
use crate::program::app::DEADLINE;
use crate::report::Row;
use crate::scenario::bed::{Bed, Place, RECOVERY};

/// The endpoint accepts connections and never responds. The process ends by its deadline; the next one sends.
pub(crate) fn hanging_endpoint(_: &Bed) -> Vec<Row> {
    let place = Place::new(Behaviour::Hang);
    let mut child = place.start();
    child.run(1, 100, 100);
    let finished = child.finished();
    let (counters, elapsed) = child.terminate();
    place.endpoint.set(Behaviour::Ok);
    let next = place.start();
    let lost = place.endpoint.wait_for(&finished, RECOVERY).len();
    let last = next.shutdown(Duration::from_secs(5));
    let row = Row::new(
        "endpoint accepts and hangs, exit",
        ["5.0 s to exit, 100 of 100 lost", "30.0 s to exit, 100 of 100 lost"],
    )
    .ours(format!("{:.1} s to exit (deadline 5 s), {lost} of 100 lost after a restart", elapsed.as_secs_f64()))
    .target(elapsed <= DEADLINE + Duration::from_millis(200), "exit at most 0.2 s after the deadline")
    .target(lost == 0, "0 lost")
    .target(counters.balance() && last.balance(), format!("counters balance: {counters:?}, then {last:?}"));
    vec![row]
}
