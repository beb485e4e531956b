//! The process ends, or the disk fails, at every call.

use std::time::Duration;

use crate::exporter::Mark;
use crate::store::PutError;
use crate::store::disk::Disk;
use crate::store::tests::bed::{ALL, Bed, batch, destination, drain, marked, stored};
use crate::store::{Changes, Store};

const ENOSPC: i32 = 28;
const EIO: i32 = 5;

/// Stores, journals, loads, divides and settles. Returns the items that must come back.
fn work(bed: &Bed, disk: &Disk) -> Option<Vec<&'static str>> {
    let mut kept = Vec::new();
    let mut store = Store::open_on(disk.clone(), bed.wall.clone(), &bed.options, destination(), bed.now).ok()?;
    if store.put(&marked([("failure", 1, true), ("success", 2, false)]), bed.now).is_ok() {
        kept.extend(["failure", "success"]);
    }
    let mut open = batch(&["first"]);
    store.journal(&mut open, bed.now);
    kept.extend((open.journaled == 1).then_some("first"));
    if open.journaled == 1 {
        open.push_bytes(|bytes| bytes.extend_from_slice(b"second"));
        open.mark_last(Mark::default());
        store.journal(&mut open, bed.now);
        kept.extend((open.journaled == 2).then_some("second"));
    }
    store.maintain(bed.now + Duration::from_secs(61));
    if store.put(&batch(&["third", "fourth"]), bed.now).is_ok() {
        kept.extend(["third", "fourth"]);
    }
    if let Some(loaded) = store.take(ALL, bed.now) {
        store.divide(&loaded, loaded.len());
        for at in 0..loaded.len() {
            // What is not put stays in memory, and its file on disk.
            let _ = store.put(&loaded.select(|other| other == at), bed.now);
        }
    }
    Some(kept)
}

fn returned(bed: &Bed) -> (Vec<String>, Changes) {
    let mut store = bed.open();
    assert!(bed.size() <= bed.options.max_bytes);
    let found = drain(&mut store, bed.now);
    assert_eq!(stored(&bed.options.path).len(), 0);
    (found, store.take_changes())
}

const KNOWN: [&str; 6] = ["failure", "success", "first", "second", "third", "fourth"];

#[test]
fn process_that_ends_at_any_call_leaves_complete_items_only() {
    let disk = Disk::default();
    let bed = Bed::new();
    assert_eq!(work(&bed, &disk).unwrap().len(), 6);
    let calls = disk.faults.calls();
    assert!(calls > 50);
    for call in 0..calls {
        let bed = Bed::new();
        let disk = Disk::default();
        disk.faults.die_at(call);
        let kept = work(&bed, &disk).unwrap_or_default();
        let (found, changes) = returned(&bed);
        for item in kept {
            assert!(found.iter().any(|other| other == item), "{item} is lost at call {call}");
        }
        assert!(found.iter().all(|item| KNOWN.contains(&&**item)), "{found:?} at call {call}");
        assert_eq!((changes.corrupt, changes.set_aside, changes.evicted), (0, 0, 0), "call {call}");
    }
}

#[test]
fn disk_that_fails_at_any_call_loses_nothing_that_was_stored() {
    for error in [ENOSPC, EIO] {
        let disk = Disk::default();
        work(&Bed::new(), &disk);
        for call in 0..disk.faults.calls() {
            let bed = Bed::new();
            let disk = Disk::default();
            disk.faults.fail_at(call, error);
            let kept = work(&bed, &disk).unwrap_or_default();
            let mut store = bed.open();
            let mut found = drain(&mut store, bed.now);
            // A segment that cannot be read is set aside.
            found.extend(stored(&bed.options.path).iter().flat_map(|path| {
                let file = std::fs::read(path).unwrap();
                let items = crate::store::format::decode_segment(&file, destination()).unwrap_or_default();
                items.iter().map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned()).collect::<Vec<_>>()
            }));
            for item in kept {
                assert!(found.iter().any(|other| other == item), "{item} is lost at call {call}");
            }
        }
    }
}

#[test]
fn full_disk_is_reported_once_until_a_write_succeeds() {
    let bed = Bed::new();
    let disk = Disk::default();
    let mut store = bed.open_on(disk.clone());
    let fail = |store: &mut Store| {
        // The last calls of a write are the ones that create the file.
        disk.faults.fail_at(6, ENOSPC);
        store.put(&batch(&["a"]), bed.now)
    };
    assert_eq!(fail(&mut store), Err(PutError::Unavailable));
    let trouble = store.take_trouble().unwrap();
    assert!(trouble.starts_with("the store in `") && trouble.contains("No space left on device"), "{trouble}");
    assert_eq!(fail(&mut store), Err(PutError::Unavailable));
    assert_eq!(store.take_trouble(), None);
    store.put(&batch(&["b"]), bed.now).unwrap();
    assert_eq!(fail(&mut store), Err(PutError::Unavailable));
    assert!(store.take_trouble().is_some());
    assert_eq!((store.items(), stored(&bed.options.path).len()), (1, 1));
}

#[test]
fn deleted_folder_is_created_again_and_its_items_are_counted() {
    let bed = Bed::new();
    let mut store = bed.open();
    store.put(&batch(&["a", "b"]), bed.now).unwrap();
    std::fs::remove_dir_all(&bed.options.path).unwrap();
    store.maintain(bed.now);
    assert_eq!((store.items(), store.take_changes().evicted), (0, 2));
    store.put(&batch(&["c"]), bed.now).unwrap();
    assert_eq!(drain(&mut store, bed.now), ["c"]);
}
