//! More traffic than the disk may hold, from two processes in one folder.

use std::time::Duration;

use crate::endpoint::Behaviour;
use crate::folder_watch::FolderWatch;
use crate::program::{Child, Counters};
use crate::report::{NOT_MEASURED, Row};
use crate::scenario::bed::{Bed, Place, RECOVERY};

const BOUND: u64 = 1024 * 1024;

/// The bound holds at every sample, and the failed requests survive.
pub(crate) fn overshoot(bed: &Bed) -> Vec<Row> {
    let total = bed.choose(10_000, 4000);
    let place = Place::new(Behaviour::Refuse);
    let folder = place.options().with("OPENCENSUS_STORE_MAX_BYTES", BOUND);
    // Memory for a tenth of the requests.
    let options = folder.clone().with("OPENCENSUS_MAX_BYTES", "1 MiB").with("OPENCENSUS_BATCH_BYTES", "128 KiB");
    let watch = FolderWatch::start(&place.folder().join("store"));
    let (mut one, mut other) = (Child::start(&options), Child::start(&options));
    one.begin(1, total, 1000);
    other.begin(total + 1, total, 1000);
    one.wait_done();
    other.wait_done();
    let failed: Vec<u64> = [one.finished(), other.finished()].concat().into_iter().filter(|id| id % 100 == 0).collect();
    let ends = [one.shutdown(Duration::from_secs(5)), other.shutdown(Duration::from_secs(5))];
    place.endpoint.set(Behaviour::Ok);
    let next = Child::start(&folder);
    let lost = place.endpoint.wait_for(&failed, RECOVERY).len();
    let last = next.shutdown(Duration::from_secs(10));
    let (most, samples) = watch.stop();
    let (over, all, arrived) = (most.saturating_sub(BOUND), 2 * total, place.endpoint.received().counts.len());
    let row = Row::new(format!("two processes, {all} requests, disk bound 1 MiB"), [NOT_MEASURED; 2])
        .ours(format!(
            "{over} bytes above the bound in {samples} samples; {lost} of {} failures lost; {arrived} of {all} arrive",
            failed.len()
        ))
        .target(over == 0, "0 bytes above the bound")
        .target(lost == 0, "no failure lost")
        .target(ends.iter().chain([&last]).all(Counters::balance), format!("counters balance: {ends:?}, {last:?}"));
    vec![row]
}
