//! Several stores that work in one folder at the same time, each on a thread.

use std::collections::HashSet;
use std::time::Duration;

use crate::exporter::Batch;
use crate::ids::random_below;
use crate::store::tests::bed::{ALL, Bed, Watch, drain, marked, texts};
use crate::store::{Changes, PutError, Store, Take};

const STORES: usize = 4;
const ROUNDS: usize = 250;

/// A store with what it has accepted, and what it has delivered.
struct Writer {
    store: Store,
    name: usize,
    put: Vec<String>,
    settled: Vec<String>,
    loaded: Vec<Batch>,
}

impl Writer {
    fn put(&mut self, batch: &Batch, bed: &Bed) {
        loop {
            match self.store.put(batch, bed.now) {
                Ok(()) => return,
                // Another store holds the lock.
                Err(PutError::Unavailable) => {}
                Err(PutError::Full) => panic!("there is room for all failures"),
            }
        }
    }

    fn settle(&mut self, batch: &Batch) {
        self.settled.extend(texts(batch));
        self.store.settle(batch);
    }

    fn step(&mut self, at: usize, bed: &Bed) {
        match random_below(8) {
            0..=4 => {
                let texts = [("f", 100), ("s", 300)]
                    .map(|(class, size)| format!("{class}-{}-{at:04} {}", self.name, "x".repeat(size)));
                let mut batch = marked([(&*texts[0], 1, true), (&*texts[1], 2, false)]);
                if random_below(2) == 0 {
                    self.store.journal(&mut batch, bed.now);
                }
                self.put(&batch, bed);
                self.put.extend(texts);
            }
            5 => self.loaded.extend(self.store.take(Take::Oldest { items: 6, bytes: 2_000 }, bed.now)),
            6 => {
                if let Some(batch) = self.loaded.pop() {
                    // Half of it is delivered, the rest waits again.
                    self.store.divide(&batch, 2);
                    self.settle(&batch.select(|at| at % 2 == 0));
                    self.put(&batch.select(|at| at % 2 == 1), bed);
                }
            }
            _ => {
                if let Some(batch) = self.loaded.pop() {
                    self.put(&batch, bed);
                }
            }
        }
    }
}

fn run(name: usize, bed: &Bed) -> Writer {
    let (put, settled, loaded) = Default::default();
    let mut writer = Writer { store: bed.open(), name, put, settled, loaded };
    for at in 0..ROUNDS {
        writer.step(at, bed);
    }
    for batch in std::mem::take(&mut writer.loaded) {
        writer.put(&batch, bed);
    }
    writer
}

#[test]
fn stores_of_several_threads_stay_within_the_bound_and_lose_no_failure() {
    let mut bed = Bed::new();
    // All failures fit, and few of the successes.
    bed.options.max_bytes = 150_000;
    drop(bed.open());
    let watch = Watch::start(&bed.options.path);
    let mut writers: Vec<_> = std::thread::scope(|scope| {
        let bed = &bed;
        let threads: Vec<_> = (0..STORES).map(|name| scope.spawn(move || run(name, bed))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let highest = watch.highest();
    assert!(highest <= bed.options.max_bytes && highest > bed.options.max_bytes / 2, "{highest}");
    bed.now += Duration::from_secs(61);
    let (mut balance, mut back) = (0, Vec::new());
    for writer in &mut writers {
        writer.store.maintain(bed.now);
        let Changes { evicted, corrupt, set_aside, recovered, expired } = writer.store.take_changes();
        assert_eq!((corrupt, set_aside, recovered, expired), (0, 0, 0, 0));
        balance += evicted + writer.store.items() + writer.settled.len();
        assert!(writer.store.take(ALL, bed.now).is_none_or(|batch| writer.store.put(&batch, bed.now).is_ok()));
        back.extend(drain(&mut writer.store, bed.now));
        back.append(&mut writer.settled);
    }
    let put: HashSet<_> = writers.iter().flat_map(|writer| writer.put.iter().cloned()).collect();
    assert_eq!(balance, put.len());
    let found: HashSet<_> = back.iter().cloned().collect();
    assert_eq!(found.len(), back.len(), "an item came back twice");
    assert!(found.is_subset(&put));
    let lost: Vec<_> = put.difference(&found).filter(|item| item.starts_with('f')).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(found.len() < put.len(), "successes were evicted");
}
