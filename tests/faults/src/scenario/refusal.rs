//! An endpoint that refuses batches: for an item, for their size, for a while, or with another address.

use std::time::{Duration, Instant};

use crate::endpoint::{Behaviour, Endpoint};
use crate::report::{NOT_MEASURED, Row};
use crate::scenario::bed::{Bed, Place, RECOVERY};

const TOTAL: u64 = 1000;

/// One item of 1000 makes the endpoint refuse every batch that holds it.
pub(crate) fn poisoned_batch(_: &Bed) -> Vec<Row> {
    let place = Place::new(Behaviour::Poison(777));
    let mut child = place.start();
    child.run(1, TOTAL, 0);
    let good: Vec<u64> = child.finished().into_iter().filter(|id| *id != 777).collect();
    let lost = place.endpoint.wait_for(&good, RECOVERY).len() as u64;
    let counters = child.shutdown(Duration::from_secs(5));
    let (posts, delivered) = (place.endpoint.posts(), TOTAL - 1 - lost);
    let row = Row::new(
        "one bad item, the endpoint responds with 400 to its batch",
        ["0 of 99 good items arrive", "1 of 99 good items arrive"],
    )
    .ours(format!("{delivered} of 999 good items arrive, {posts} POST requests"))
    .target(lost == 0, "999 of 999 good items arrive")
    .target(counters.dropped == 1 && counters.balance(), format!("the bad item is counted: {counters:?}"))
    .target(posts <= 30, "at most 30 POST requests");
    vec![row]
}

/// Batches of more than 10 items are too large.
pub(crate) fn too_large(_: &Bed) -> Vec<Row> {
    let place = Place::new(Behaviour::MaxItems(10));
    let mut child = place.start();
    child.run(1, TOTAL, 0);
    let lost = place.endpoint.wait_for(&child.finished(), RECOVERY).len();
    let counters = child.shutdown(Duration::from_secs(5));
    let posts = place.endpoint.posts();
    let row = Row::new("413 to every batch above 10 items", [NOT_MEASURED; 2])
        .ours(format!("{lost} of {TOTAL} lost, {posts} POST requests"))
        .target(lost == 0, "0 lost")
        .target(counters.balance(), format!("counters balance: {counters:?}"));
    vec![row]
}

/// A redirect to another host name, and its end.
pub(crate) fn foreign_redirect(bed: &Bed) -> Vec<Row> {
    let foreign = Endpoint::start(Behaviour::Ok);
    let place = Place::new(Behaviour::Redirect(format!("http://localhost:{}/v2.1/track", foreign.port())));
    let mut child = place.start_impatient();
    child.run(1, TOTAL, bed.choose(200, 1000));
    std::thread::sleep(Duration::from_secs(bed.choose(5, 1)));
    place.endpoint.set(Behaviour::Ok);
    let lost = place.endpoint.wait_for(&child.finished(), RECOVERY).len();
    let counters = child.shutdown(Duration::from_secs(5));
    let leaked = foreign.received().counts.len();
    let row = Row::new("redirect (308) to another host", ["50 of 50 sent to the other host", "refused; 50 of 50 lost"])
        .ours(format!("{leaked} of {TOTAL} sent to the other host, {lost} lost after the redirect's end"))
        .target(leaked == 0 && foreign.posts() == 0, "0 sent to the other host")
        .target(lost == 0, "0 lost")
        .target(counters.balance(), format!("counters balance: {counters:?}"));
    vec![row]
}

/// The quota is used up: 402, then 439, with a time to wait and without.
pub(crate) fn quota(bed: &Bed) -> Vec<Row> {
    let mut rows = vec![quota_row(bed, Some(5), RECOVERY)];
    if !bed.quick {
        // The library waits a minute then.
        rows.push(quota_row(bed, None, RECOVERY + Duration::from_secs(60)));
    }
    rows
}

fn quota_row(bed: &Bed, retry_after: Option<u64>, recovery: Duration) -> Row {
    let place = Place::new(Behaviour::Status(402, retry_after));
    let half = Duration::from_secs(bed.choose(10, 2));
    let start = Instant::now();
    let mut child = place.start_impatient();
    child.begin(1, TOTAL, bed.choose(100, 500));
    std::thread::sleep(half);
    place.endpoint.set(Behaviour::Status(439, retry_after));
    child.wait_done();
    std::thread::sleep((2 * half).saturating_sub(start.elapsed()));
    let posts = place.endpoint.posts();
    place.endpoint.set(Behaviour::Ok);
    let lost = place.endpoint.wait_for(&child.finished(), recovery).len();
    let counters = child.shutdown(Duration::from_secs(5));
    let seconds = 2 * half.as_secs();
    let header = retry_after.map_or_else(|| "without Retry-After".into(), |wait| format!("with Retry-After: {wait}"));
    Row::new(format!("quota used up (402, then 439, {header}) for {seconds} s"), [NOT_MEASURED; 2])
        .ours(format!("{lost} of {TOTAL} lost, {posts} POST requests meanwhile"))
        .target(lost == 0, "0 lost")
        .target(posts <= 4 * seconds, "no more than 4 POST requests a second")
        .target(counters.balance(), format!("counters balance: {counters:?}"))
}
