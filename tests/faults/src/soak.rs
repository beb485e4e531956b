//! Random faults by seed, for minutes: an endpoint that changes its behaviour, a process that lives on, and another that
//! is killed and started again, both in one folder with a small bound.

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::endpoint::{Behaviour, Endpoint};
use crate::folder_watch::{FolderSize, FolderWatch};
use crate::program::{Child, Counters, Options, ProcessUsage};

const BOUND: u64 = 4 * 1024 * 1024;
/// Requests a second of each process.
const RATE: u64 = 100;
/// Finished requests that a kill may lose: those that the worker has not yet taken.
const HAND_OFF: u64 = 10;

/// The random numbers of a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % bound
    }

    fn behaviour(&mut self, foreign: u16) -> Behaviour {
        match self.below(12) {
            0..4 => Behaviour::Ok,
            4 | 5 => Behaviour::Refuse,
            6 => Behaviour::Hang,
            7 => Behaviour::Status([500, 503, 402, 439, 401][self.below(5) as usize], None),
            8 => Behaviour::Status(429, Some(1 + self.below(3))),
            9 => Behaviour::MaxItems(1 + self.below(50) as usize),
            10 => Behaviour::Redirect(format!("http://localhost:{foreign}/v2.1/track")),
            _ => Behaviour::Slow(Duration::from_millis(100 + self.below(900))),
        }
    }
}

/// The items for which the folder had no room, from the account in its file `usage`: the third number behind 8 bytes.
fn evicted(store: &Path) -> u64 {
    let account = std::fs::read(store.join("usage")).expect("the account");
    u64::from_le_bytes(*account[8 + 2 * 8..].first_chunk().expect("the third number"))
}

/// What the process that lives on uses more of at the end than in the first half.
fn growth(samples: &[ProcessUsage]) -> Vec<String> {
    let (early, late) = samples.split_at(samples.len().div_ceil(2));
    let Some(last) = late.last() else { return Vec::new() };
    let most = |of: fn(&ProcessUsage) -> u64| early.iter().map(of).max().unwrap_or_default();
    let checks = [
        ("KiB of memory", last.resident, most(|usage| usage.resident) + 1024),
        ("threads", last.threads, most(|usage| usage.threads)),
        // A connection, and the folders of processes that have ended.
        ("descriptors", last.descriptors, most(|usage| usage.descriptors) + 4),
    ];
    let is_exceeded = |(_, now, bound): &(&str, u64, u64)| now > bound;
    checks.into_iter().filter(is_exceeded).map(|(what, now, bound)| format!("{now} {what}, bound {bound}")).collect()
}

/// What has happened so far.
#[derive(Default)]
struct Ledger {
    finished: Vec<u64>,
    kills: u64,
    restarts: u64,
    // Dropped or refused, apart from what the folder's own account counts.
    lost: u64,
    samples: Vec<ProcessUsage>,
    violations: Vec<String>,
}

impl Ledger {
    /// Notes the last counters of a process that has ended, or that is killed next.
    fn note(&mut self, counters: Counters, is_clean: bool) {
        self.lost += counters.dropped - counters.store_full + counters.refused;
        if is_clean && !counters.balance() {
            self.violations.push(format!("counters do not balance: {counters:?}"));
        }
    }
}

struct Soak {
    endpoint: Endpoint,
    foreign: Endpoint,
    options: Options,
    random: Random,
    ledger: Ledger,
    next_id: u64,
}

/// Runs for so many minutes, prints a table of samples, and fails if a promise is broken.
pub(crate) fn main(minutes: f64, seed: u64) -> ExitCode {
    let folder = tempfile::tempdir().expect("a folder");
    let (endpoint, foreign) = (Endpoint::start(Behaviour::Ok), Endpoint::start(Behaviour::Ok));
    let options = Options::new(endpoint.connection_string(), &folder.path().join("store"))
        .with("OPENCENSUS_STORE_MAX_BYTES", BOUND)
        .with("OPENCENSUS_AZURE_TIMEOUT", "3s")
        .with("OPENCENSUS_RETRY_MAX", "5s");
    let (random, ledger) = (Random(seed), Ledger::default());
    let mut soak = Soak { endpoint, foreign, options, random, ledger, next_id: 1 };
    println!("seed {seed}, {minutes} minutes, bound of the folder {} KiB", BOUND / 1024);
    let watch = FolderWatch::start(&folder.path().join("store"));
    soak.run(Duration::from_secs_f64(minutes * 60.0), folder.path());
    soak.settle();
    let (most, samples) = watch.stop();
    println!("\nlargest folder: {} KiB in {samples} samples", most / 1024);
    soak.verdict(most, evicted(&folder.path().join("store")))
}

impl Soak {
    /// Faults at random times. One process lives on to the end; the other ends again and again.
    fn run(&mut self, duration: Duration, folder: &Path) {
        let (start, mut next_sample) = (Instant::now(), Duration::ZERO);
        let step = (duration / 10).max(Duration::from_secs(5));
        println!("| minute | memory, KiB | threads | descriptors | files | folder, KiB | POST requests | kills |");
        println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
        let mut lasting = Child::start(&self.options);
        lasting.begin(self.ids(10_000_000), duration.as_secs() * RATE, RATE);
        while start.elapsed() < duration {
            let mut brief = Child::start(&self.options);
            self.ledger.restarts += 1;
            brief.begin(self.ids(1_000_000), 1_000_000, RATE);
            for _ in 0..=self.random.below(3) {
                let behaviour = self.random.behaviour(self.foreign.port());
                self.endpoint.set(behaviour);
                std::thread::sleep(Duration::from_millis(500 + self.random.below(5500)));
                if start.elapsed() >= next_sample {
                    self.sample(start.elapsed(), lasting.usage(), folder);
                    next_sample += step;
                }
            }
            self.end(brief);
        }
        self.endpoint.set(Behaviour::Ok);
        lasting.wait_done();
        self.sample(start.elapsed(), lasting.usage(), folder);
        self.ledger.violations.extend(growth(&self.ledger.samples));
        self.ledger.finished.extend(lasting.finished());
        let counters = lasting.shutdown(Duration::from_secs(10));
        self.ledger.note(counters, true);
    }

    /// Reserves ids, and returns the first.
    fn ids(&mut self, count: u64) -> u64 {
        let first = self.next_id;
        self.next_id += count;
        first
    }

    fn sample(&mut self, at: Duration, usage: ProcessUsage, folder: &Path) {
        self.ledger.samples.push(usage);
        let (size, posts, kills) = (FolderSize::of(folder), self.endpoint.posts(), self.ledger.kills);
        let ProcessUsage { resident, threads, descriptors, .. } = usage;
        let (minute, kib) = (at.as_secs_f64() / 60.0, size.bytes / 1024);
        let files = size.files;
        println!("| {minute:.1} | {resident} | {threads} | {descriptors} | {files} | {kib} | {posts} | {kills} |");
    }

    /// Kills the process, or lets it shut down.
    fn end(&mut self, mut child: Child) {
        if self.random.below(3) == 0 {
            let finished = child.finished();
            // Those that finish after this copy are not compared: the process may refuse them as it shuts down.
            let counters = child.shutdown(Duration::from_secs(2));
            self.ledger.finished.extend(finished);
            self.ledger.note(counters, true);
        } else {
            // Those that the folder had no room for are in its account, which outlives the process.
            let counters = child.counters();
            self.ledger.note(counters, false);
            self.ledger.finished.extend(child.kill());
            self.ledger.kills += 1;
        }
    }

    /// With a working endpoint, one more process after the other empties the store.
    fn settle(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        let mut child = Child::start(&self.options);
        loop {
            let counters = child.counters();
            if counters.stored + counters.queued == 0 || Instant::now() > deadline {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let counters = child.shutdown(Duration::from_secs(10));
        if counters.stored + counters.queued > 0 {
            self.ledger.violations.push(format!("the store is not empty: {counters:?}"));
        }
        self.ledger.note(counters, true);
    }

    /// Compares the ids, and prints what happened.
    fn verdict(mut self, most: u64, evicted: u64) -> ExitCode {
        let received = self.endpoint.received();
        let finished: HashSet<u64> = self.ledger.finished.iter().copied().collect();
        let missing = received.missing(&finished).len() as u64;
        let Ledger { kills, restarts, lost, .. } = self.ledger;
        let allowed = lost + evicted + kills * HAND_OFF;
        let mut check = |is_met: bool, text: String| {
            if !is_met {
                self.ledger.violations.push(text);
            }
        };
        check(missing <= allowed, format!("only {lost} and {evicted} are counted"));
        check(most <= BOUND, format!("the folder had {most} bytes"));
        check(self.foreign.posts() == 0, "the other host received telemetry".to_owned());
        println!(
            "{} requests, {restarts} starts, {kills} kills: {missing} missing, of which {evicted} had no room in the folder \
             and {lost} were dropped or refused for other reasons; {} sent twice",
            finished.len(),
            received.duplicates()
        );
        self.ledger.violations.iter().for_each(|violation| eprintln!("VIOLATED: {violation}"));
        if self.ledger.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_that_grows_is_noticed() {
        let sample = |resident, threads| ProcessUsage { resident, threads, ..ProcessUsage::default() };
        let flat = [sample(8000, 5), sample(9000, 5), sample(8500, 5), sample(9500, 5)];
        assert!(growth(&flat).is_empty());
        let grown = [sample(8000, 5), sample(9000, 5), sample(9500, 5), sample(10_100, 6)];
        assert_eq!(growth(&grown), ["10100 KiB of memory, bound 10024", "6 threads, bound 5"]);
    }
}
