//! Folders of ended processes, when there are many and when several processes look.

use std::sync::Barrier;
use std::time::Duration;

use crate::store::Store;
use crate::store::tests::bed::{Bed, batch, drain, files, stored};

/// What a look may adopt.
const AT_ONCE: usize = 64;

/// Leaves this many folders behind: every third with a journal, the others with a segment. Returns the items.
fn leave(bed: &Bed, folders: usize) -> Vec<String> {
    let items: Vec<_> = (0..folders).map(|at| format!("{at:03}")).collect();
    // All live at once, or one would adopt the folders of those before it.
    let mut stores: Vec<_> = items.iter().map(|_| bed.open()).collect();
    for (at, (store, item)) in stores.iter_mut().zip(&items).enumerate() {
        match at % 3 {
            0 => store.journal(&mut batch(&[item]), bed.now),
            _ => store.put(&batch(&[item]), bed.now).unwrap(),
        }
    }
    items
}

fn minute(bed: &mut Bed) -> std::time::Instant {
    bed.now += Duration::from_secs(61);
    bed.now
}

#[test]
fn more_folders_than_are_held_at_once_are_adopted_over_several_looks() {
    let mut bed = Bed::new();
    let items = leave(&bed, 150);
    let mut store = bed.open();
    let mut found = Vec::new();
    for held in [AT_ONCE, AT_ONCE, 150 - 2 * AT_ONCE, 0] {
        assert_eq!(store.items(), held);
        found.extend(drain(&mut store, bed.now));
        store.maintain(minute(&mut bed));
    }
    found.sort();
    assert_eq!(found, items);
    assert_eq!(store.take_changes().recovered, 150);
    drop(store);
    assert_eq!(files(&bed.options.path), [bed.options.path.join("usage")]);
}

#[test]
fn folders_that_one_process_does_not_hold_are_adopted_by_others() {
    let mut bed = Bed::new();
    let items = leave(&bed, 150);
    let mut stores = [bed.open(), bed.open(), bed.open()];
    assert_eq!(stores.each_ref().map(Store::items), [AT_ONCE, AT_ONCE, 150 - 2 * AT_ONCE]);
    let now = minute(&mut bed);
    stores.iter_mut().for_each(|store| store.maintain(now));
    let mut found: Vec<_> = stores.iter_mut().flat_map(|store| drain(store, now)).collect();
    found.sort();
    assert_eq!(found, items);
}

#[test]
fn store_that_ends_while_others_look_loses_and_repeats_nothing() {
    for round in 0..60 {
        let mut bed = Bed::new();
        let mut first = bed.open();
        let mut items = Vec::new();
        if round % 3 > 0 {
            first.put(&batch(&["a"]), bed.now).unwrap();
            first.put(&batch(&["b", "c"]), bed.now).unwrap();
            items.extend(["a", "b", "c"]);
        }
        if round % 3 > 1 {
            first.journal(&mut batch(&["d"]), bed.now);
            items.push("d");
        }
        let (mut second, now) = (bed.open(), minute(&mut bed));
        let start = Barrier::new(3);
        let mut third = std::thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                drop(first);
            });
            let third = scope.spawn(|| {
                start.wait();
                bed.open()
            });
            start.wait();
            second.maintain(now);
            third.join().unwrap()
        });
        let now = minute(&mut bed);
        second.maintain(now);
        let mut found = drain(&mut second, now);
        found.extend(drain(&mut third, now));
        found.sort();
        assert_eq!(found, items, "round {round}");
        assert_eq!(stored(&bed.options.path).len(), 0);
        drop((second, third));
        assert_eq!(files(&bed.options.path), [bed.options.path.join("usage")], "round {round}");
    }
}
