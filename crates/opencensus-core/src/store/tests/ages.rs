//! The age of items that are loaded and stored again.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::store::tests::bed::{ALL, Bed, batch, destination, stored, texts};
use crate::store::{Store, Take, format};

const HOUR: u64 = 60 * 60;

/// The stamp of each item on disk.
fn stamps(bed: &Bed) -> HashMap<String, u64> {
    let mut found = HashMap::new();
    for path in stored(&bed.options.path) {
        let stamp = path.file_name().unwrap().to_str().unwrap()[..12].parse().unwrap();
        let file = std::fs::read(path).unwrap();
        for (item, _) in format::decode_segment(&file, destination()).unwrap() {
            found.insert(String::from_utf8(item.to_vec()).unwrap(), stamp);
        }
    }
    found
}

/// The clock advances.
fn advance(bed: &Bed, now: &mut Instant, seconds: u64) {
    *now += Duration::from_secs(seconds);
    bed.wall.offset.fetch_add(seconds as i64 * 1000, Ordering::Relaxed);
}

/// Loads so many items and stores each again on its own. Returns how many were loaded.
fn store_again(store: &mut Store, items: usize, now: Instant) -> usize {
    let Some(loaded) = store.take(Take::Oldest { items, bytes: usize::MAX }, now) else { return 0 };
    store.divide(&loaded, loaded.len());
    (0..loaded.len()).for_each(|at| store.put(&loaded.select(|other| other == at), now).unwrap());
    loaded.len()
}

#[test]
fn segments_of_very_different_ages_are_not_loaded_together() {
    let bed = Bed::new();
    let (mut store, mut now) = (bed.open(), bed.now);
    store.put(&batch(&["old"]), now).unwrap();
    advance(&bed, &mut now, 2 * HOUR);
    store.put(&batch(&["new"]), now).unwrap();
    assert_eq!(texts(&store.take(ALL, now).unwrap()), ["old"]);
    assert_eq!(texts(&store.take(ALL, now).unwrap()), ["new"]);
}

#[test]
fn items_that_are_stored_again_and_again_age_by_an_hour_at_most() {
    let bed = Bed::new();
    let (mut store, mut now) = (bed.open(), bed.now);
    for at in 0..20 {
        store.put(&batch(&[&format!("{at:02}")]), now).unwrap();
        advance(&bed, &mut now, HOUR / 4);
    }
    let born = stamps(&bed);
    // In each round the oldest ones are in memory while those after them are stored again, until their turn comes.
    for held in (0..20).rev() {
        let mut hand = Vec::new();
        while hand.len() < held
            && let Some(loaded) = store.take(Take::Oldest { items: 1, bytes: usize::MAX }, now)
        {
            hand.push(loaded);
        }
        store_again(&mut store, 20, now);
        hand.iter().for_each(|loaded| store.put(loaded, now).unwrap());
    }
    let stamps = stamps(&bed);
    assert_eq!(stamps.len(), 20);
    for (item, born) in &born {
        assert!(stamps[item] <= *born && born - stamps[item] < HOUR, "{item} aged by {}", born - stamps[item]);
    }
    assert!(stamps.iter().any(|(item, stamp)| *stamp < born[item]), "some were stored together");
}

#[test]
fn short_retention_is_no_error() {
    let mut bed = Bed::new();
    bed.options.retention = Duration::ZERO;
    let mut store = bed.open();
    store.put(&batch(&["a"]), bed.now).unwrap();
    assert_eq!(texts(&store.take(ALL, bed.now).unwrap()), ["a"]);
}
