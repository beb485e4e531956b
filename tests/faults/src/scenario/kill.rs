//! SIGKILL while the endpoint works, and while it is down.

use std::time::{Duration, Instant};

use crate::endpoint::Behaviour;
use crate::program::{Child, Counters};
use crate::report::{NOT_MEASURED, Row};
use crate::scenario::bed::{Bed, Place, RECOVERY};

/// The endpoint works. The process is killed right after its last request, and started again.
pub(crate) fn healthy(bed: &Bed) -> Vec<Row> {
    let (seconds, kills) = bed.choose((10, 3), (3, 1));
    let mut rows = vec![healthy_row(100, seconds, kills, true), healthy_row(100, seconds, kills, false)];
    if !bed.quick {
        rows.extend([healthy_row(10, 10, 3, true), healthy_row(1000, 5, 3, true)]);
    }
    rows
}

/// What became of requests around kills.
#[derive(Default)]
struct Losses {
    total: u64,
    unsent: usize,
    lost: usize,
    duplicates: u64,
    unbalanced: Vec<Counters>,
}

fn healthy_row(rate: u64, seconds: u64, kills: u64, journal: bool) -> Row {
    let mut sum = Losses::default();
    (0..kills).for_each(|_| kill_and_restart(rate, seconds, journal, &mut sum));
    let Losses { total, unsent, lost, duplicates, unbalanced } = sum;
    let mode = if journal { "" } else { ", journal off" };
    let runs = if kills == 1 { String::new() } else { format!(", {kills} runs") };
    let fault = format!("kill -9 at {rate} requests a second, endpoint up{mode}{runs}");
    Row::new(fault, anchors(rate, journal))
        .ours(format!("{lost} of {total} lost; {unsent} not yet sent at the kill; {duplicates} sent twice"))
        .target(!journal || lost as u64 <= (total / 100).max(2 * kills), "at most 1 %, or two a kill, lost")
        .target(unbalanced.is_empty(), format!("counters balance: {unbalanced:?}"))
}

fn kill_and_restart(rate: u64, seconds: u64, journal: bool, sum: &mut Losses) {
    let place = Place::new(Behaviour::Ok);
    let options = place.options().with("OPENCENSUS_STORE_JOURNAL", journal);
    let mut child = Child::start(&options);
    child.run(1, rate * seconds, rate);
    let finished = child.kill();
    assert_eq!(finished.len() as u64, rate * seconds, "every request has finished");
    // What the killed process has sent arrives without it.
    std::thread::sleep(Duration::from_millis(200));
    sum.unsent += place.endpoint.received().missing(&finished).len();
    let next = Child::start(&options);
    sum.lost += place.endpoint.wait_for(&finished, Duration::from_secs(5)).len();
    let counters = next.shutdown(Duration::from_secs(5));
    sum.total += rate * seconds;
    sum.duplicates += place.endpoint.received().duplicates();
    sum.unbalanced.extend((!counters.balance()).then_some(counters));
}

fn anchors(rate: u64, journal: bool) -> [&'static str; 2] {
    if rate == 100 && journal { ["100 of 1000 lost", "70 of 1000 lost"] } else { [NOT_MEASURED; 2] }
}

/// The endpoint is down. The process is killed, and started again when the endpoint is up.
pub(crate) fn down(bed: &Bed) -> Vec<Row> {
    let (total, rate) = (1000, bed.choose(100, 500));
    let place = Place::new(Behaviour::Refuse);
    let mut child = place.start();
    child.run(1, total, rate);
    // What the worker has not yet taken is in the other rows.
    std::thread::sleep(Duration::from_secs(1));
    let finished = child.kill();
    place.endpoint.set(Behaviour::Ok);
    let start = Instant::now();
    let next = place.start();
    let lost = place.endpoint.wait_for(&finished, RECOVERY).len();
    let received = place.endpoint.received();
    let seconds = received.last_new.unwrap_or_else(Instant::now).duration_since(start).as_secs_f64();
    let counters = next.shutdown(Duration::from_secs(5));
    let duplicates = place.endpoint.received().duplicates();
    let anchors =
        ["1000 of 1000 lost; with statsbeat on 0 lost, complete after 46 s", "0 of 1000 lost, complete after 47 s"];
    let row = Row::new("endpoint down, kill -9 a second after 1000 requests, restart with the endpoint up", anchors)
        .ours(format!("{lost} of {total} lost, complete after {seconds:.1} s; {duplicates} sent twice"))
        .target(lost == 0, "0 lost")
        .target(lost > 0 || seconds <= 10.0, "complete within 10 s")
        .target(duplicates <= 500, "at most one batch twice")
        .target(counters.balance(), format!("counters balance: {counters:?}"));
    vec![row]
}
