//! Random operations, compared with what must hold after each.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::exporter::{Batch, Mark};
use crate::store::tests::bed::{ALL, Bed, destination, stored, texts};
use crate::store::{Store, Take, format};

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What must be on disk.
struct Model {
    bed: Bed,
    random: Random,
    store: Option<Store>,
    loaded: Vec<(Batch, bool)>,
    // Items that can be loaded.
    available: usize,
    // Failures that must be on disk, with the time they were stored.
    failures: HashMap<String, u64>,
    // When items were first stored, from which their age counts however often they are stored again.
    born: HashMap<String, u64>,
    // Items of files that are deleted.
    gone: HashSet<String>,
    // Items that may be in two files after a restart.
    divided: HashSet<String>,
    // Seconds since the start, when the store's clock had this value.
    time: u64,
    start: u64,
    next: u64,
}

const RETENTION: u64 = 3600;
/// How much too early an item may expire, because it was written again together with older ones.
const EARLY: u64 = RETENTION / 48;

impl Model {
    fn new(seed: u64) -> Self {
        let mut bed = Bed::new();
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        bed.options.retention = Duration::from_secs(RETENTION);
        bed.options.max_bytes = [3_000, 20_000, 1_000_000][random.below(3) as usize];
        let store = Some(bed.open());
        let start = bed.wall.now() / 1000;
        let (loaded, failures, born, gone, divided) = Default::default();
        Self { bed, random, store, loaded, available: 0, failures, born, gone, divided, time: 0, start, next: 0 }
    }

    fn fresh(&mut self) -> Batch {
        let mut batch = Batch::default();
        for _ in 0..=self.random.below(6) {
            self.next += 1;
            let text = format!("{:06}{}", self.next, "x".repeat(self.random.below(60) as usize));
            let mark = Mark { operation: self.random.below(4), is_failure: self.random.below(8) == 0 };
            batch.push_bytes(|bytes| bytes.extend_from_slice(text.as_bytes()));
            batch.mark_last(mark);
        }
        batch
    }

    fn put(&mut self, batch: &Batch, is_whole: bool) {
        let before: Vec<_> =
            batch.marked().filter(|(_, mark)| mark.is_failure).map(|(bytes, _)| bytes.to_vec()).collect();
        let is_stored = self.store.as_mut().unwrap().put(batch, self.bed.now).is_ok();
        if is_stored {
            self.available += batch.len();
        } else {
            // The items are dropped instead.
            self.settle(batch, is_whole);
        }
        for text in texts(batch) {
            self.born.entry(text).or_insert(self.time);
        }
        for failure in before {
            let failure = String::from_utf8(failure).unwrap();
            if is_stored {
                let born = self.born[&failure];
                self.failures.insert(failure, born);
            } else {
                self.failures.remove(&failure);
            }
        }
    }

    fn settle(&mut self, batch: &Batch, is_whole: bool) {
        self.store.as_mut().unwrap().settle(batch);
        for text in texts(batch) {
            self.failures.remove(&text);
            if is_whole && !self.divided.contains(&text) {
                self.gone.insert(text);
            }
        }
    }

    fn take(&mut self, take: Take) {
        if let Some(batch) = self.store.as_mut().unwrap().take(take, self.bed.now) {
            self.available -= batch.len();
            assert!(texts(&batch).iter().all(|text| !self.gone.contains(text)), "a settled item came back");
            self.loaded.push((batch, true));
        }
    }

    fn divide(&mut self, batch: &Batch) {
        let parts = 2 + self.random.below(2) as usize;
        self.store.as_mut().unwrap().divide(batch, parts);
        self.divided.extend(texts(batch));
        for part in 0..parts {
            let part = batch.select(|at| at % parts == part);
            match self.random.below(3) {
                0 => self.settle(&part, false),
                1 => self.put(&part, false),
                _ => self.loaded.push((part, false)),
            }
        }
    }

    /// The process ends: what it has loaded is still on disk.
    fn restart(&mut self) {
        self.store = None;
        self.loaded.clear();
        let mut store = self.bed.open();
        let changes = store.take_changes();
        self.available = changes.recovered - changes.evicted - changes.expired;
        self.store = Some(store);
    }

    fn advance(&mut self, seconds: u64) {
        self.time += seconds;
        self.bed.now += Duration::from_secs(seconds);
        self.bed.wall.offset.fetch_add(seconds as i64 * 1000, Ordering::Relaxed);
        self.store.as_mut().unwrap().maintain(self.bed.now);
    }

    fn step(&mut self) {
        let loaded = (!self.loaded.is_empty()).then(|| self.random.below(self.loaded.len() as u64) as usize);
        match (self.random.below(16), loaded) {
            (0..=4, _) => {
                let mut batch = self.fresh();
                if self.random.below(3) == 0 {
                    self.store.as_mut().unwrap().journal(&mut batch, self.bed.now);
                }
                self.put(&batch, false);
            }
            (5, _) => self.take(Take::Smallest),
            (6, _) => self.take(ALL),
            (7..=8, _) => self.take(Take::Oldest { items: 10, bytes: 400 }),
            (9, _) => self.advance(60),
            (10, _) if self.random.below(8) == 0 => self.advance(1000),
            (11, _) if self.random.below(4) == 0 => self.restart(),
            (12, Some(at)) => {
                let (batch, is_whole) = self.loaded.swap_remove(at);
                self.settle(&batch, is_whole);
            }
            (13, Some(at)) => {
                let (batch, is_whole) = self.loaded.swap_remove(at);
                self.put(&batch, is_whole);
            }
            (14, Some(at)) if self.loaded[at].0.len() > 1 => {
                let (batch, _) = self.loaded.swap_remove(at);
                self.divide(&batch);
            }
            _ => {}
        }
        self.check();
    }

    fn check(&mut self) {
        assert!(self.bed.size() <= self.bed.options.max_bytes);
        let store = self.store.as_mut().unwrap();
        let changes = store.take_changes();
        self.available += changes.recovered;
        self.available -= changes.evicted + changes.expired;
        assert_eq!(store.items(), self.available);
        assert_eq!((changes.corrupt, changes.set_aside, store.take_trouble()), (0, 0, None));
    }

    /// Every failure that is not too old is in a segment, and no item in a segment that is much older than the item.
    fn check_segments(&mut self) {
        let mut found = HashSet::new();
        for path in stored(&self.bed.options.path) {
            let stamp: u64 = path.file_name().unwrap().to_str().unwrap()[..12].parse().unwrap();
            let file = std::fs::read(path).unwrap();
            let items = format::decode_segment(&file, destination()).unwrap_or_default();
            for (bytes, _) in items {
                let text = String::from_utf8_lossy(bytes).into_owned();
                // Both are rounded to seconds.
                let early = (self.start + self.born[&text]).saturating_sub(stamp);
                assert!(early <= EARLY + 1, "{text} expires {early} s too early");
                found.insert(text);
            }
        }
        self.failures.retain(|_, stored| self.time - *stored <= RETENTION - EARLY - 2);
        for failure in self.failures.keys() {
            assert!(found.contains(failure), "{failure} is lost");
        }
    }
}

fn run(seed: u64, steps: usize) {
    let mut model = Model::new(seed);
    for step in 0..steps {
        model.step();
        if step % 16 == 15 {
            model.check_segments();
        }
    }
}

#[test]
fn random_operations_lose_and_repeat_nothing() {
    for seed in 1..=256 {
        run(seed, 60);
    }
}

#[test]
fn random_operations_of_the_long_run() {
    // 100,000 takes a few minutes.
    let steps = std::env::var("STORE_MODEL_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(0);
    for seed in 0..steps / 1000 {
        run(1_000 + seed as u64, 1000);
    }
}
