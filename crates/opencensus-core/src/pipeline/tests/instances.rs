//! A thousand instances that start, or recover, at the same time: what they send is spread evenly.
//!
//! Each instance is simulated with the pipeline's own decisions and a seed, so the results are always the same.

use super::drain::{Drain, SPREAD};
use super::pacing::Pacing;
use super::retry;
use super::settle::Pace;
use super::*;

const INSTANCES: u64 = 1000;
const SLOTS: usize = 100;

/// The probability with which a test would fail for numbers that are spread evenly.
const ALPHA: f64 = 0.001;

/// A number of each instance.
fn of_each(mut simulate: impl FnMut() -> f64) -> Vec<f64> {
    let simulated = (0..INSTANCES).map(|seed| {
        crate::ids::seed(seed);
        simulate()
    });
    simulated.collect()
}

/// Checks that numbers are spread evenly between 0 and 1: by the test of Kolmogorov and Smirnov, and by the fullest of
/// [`SLOTS`] slots.
fn assert_even(what: &str, mut parts: Vec<f64>) {
    parts.sort_by(f64::total_cmp);
    let n = parts.len() as f64;
    let distances = parts.iter().zip(0_u32..).map(|(part, at)| {
        let below = f64::from(at) / n;
        (part - below).max(below + 1.0 / n - part)
    });
    let distance = distances.fold(0.0, f64::max);
    // The limit for `ALPHA`.
    assert!(distance < 1.95 / n.sqrt(), "{what}: {distance}");
    let mut slots = [0_u32; SLOTS];
    for part in parts {
        slots[((part * SLOTS as f64) as usize).min(SLOTS - 1)] += 1;
    }
    let fullest = slots.into_iter().max().unwrap();
    assert!(fullest <= most_in_a_slot(), "{what}: {fullest} in one slot");
}

/// How many of the instances may be in one slot: that any of the slots has more is less probable than [`ALPHA`].
fn most_in_a_slot() -> u32 {
    let (n, p) = (INSTANCES as f64, 1.0 / SLOTS as f64);
    let mut probability = (1.0 - p).powf(n);
    let (mut most, mut above) = (0, 1.0 - probability);
    while above * SLOTS as f64 >= ALPHA {
        probability *= (n - f64::from(most)) / f64::from(most + 1) * p / (1.0 - p);
        most += 1;
        above -= probability;
    }
    most
}

/// Records a failure. The wait that follows; the clock stands still.
fn fail(pacing: &mut Pacing, limits: &PipelineLimits, retry_after: Option<Duration>) -> Duration {
    pacing.update(Pace::BackOff { retry_after }, limits);
    pacing.wait_ends().unwrap() - tokio::time::Instant::now()
}

#[test]
fn bound_of_a_slot_is_that_of_the_binomial_distribution() {
    // 10 are expected, and the deviation is 3.15.
    assert!((22..=28).contains(&most_in_a_slot()), "{}", most_in_a_slot());
}

#[test]
fn first_batches_from_disk_are_spread_evenly() {
    let now = tokio::time::Instant::now();
    let first = of_each(|| {
        let mut drain = Drain::default();
        drain.spread(now);
        (drain.wait_ends().unwrap() - now).div_duration_f64(SPREAD)
    });
    assert_even("first batch", first);
}

#[test]
fn retries_and_probes_are_spread_evenly() {
    let limits = PipelineLimits::default();
    paused(|| async {
        for failures in 1..10 {
            let waits = of_each(|| {
                let mut pacing = Pacing::default();
                let waits = (0..failures).map(|_| fail(&mut pacing, &limits, None));
                let wait = waits.last().unwrap();
                assert_eq!(pacing.is_open(), failures >= 3);
                wait.div_duration_f64(retry::bound(&limits, failures))
            });
            assert_even(&format!("after failure {failures}"), waits);
        }
    });
}

#[test]
fn instances_that_the_endpoint_orders_to_one_point_in_time_are_spread_evenly_after_it() {
    let (limits, retry_after) = (PipelineLimits::default(), Duration::from_secs(30));
    paused(|| async {
        let waits = of_each(|| {
            let wait = fail(&mut Pacing::default(), &limits, Some(retry_after));
            (wait - retry_after).div_duration_f64(limits.retry_base)
        });
        assert_even("after Retry-After", waits);
    });
}

/// Each instance probes during an outage of an hour. Waits are even between 0 and 60 s by then, so the time from the
/// recovery to the next probe has the density of such a wait's rest, which falls linearly.
#[test]
fn first_probes_after_a_long_outage_are_spread_as_the_waits_are() {
    let limits = PipelineLimits::default();
    let outage = Duration::from_secs(3600);
    paused(|| async {
        let first = of_each(|| {
            let (mut pacing, mut time) = (Pacing::default(), Duration::ZERO);
            while time < outage {
                time += fail(&mut pacing, &limits, None);
            }
            let later = 1.0 - (time - outage).div_duration_f64(limits.retry_max);
            1.0 - later * later
        });
        assert_even("first probe", first);
    });
}
