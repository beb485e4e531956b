//! Bytes, age and processes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::exporter::Mark;
use crate::store::PutError;
use crate::store::disk::Disk;
use crate::store::tests::bed::{ALL, Bed, batch, destination, drain, files, marked, size, stored, texts};
use crate::store::{Store, format};

#[test]
fn three_processes_stay_within_the_bound_together() {
    let mut bed = Bed::new();
    bed.options.max_bytes = 30_000;
    let mut stores = [bed.open(), bed.open(), bed.open()];
    let text = "x".repeat(500);
    let mut put = 0;
    for at in 0..300 {
        let store = &mut stores[at % 3];
        if at % 5 == 0 {
            let mut open = batch(&[&text]);
            store.journal(&mut open, bed.now);
            assert!(bed.size() <= bed.options.max_bytes);
            store.settle(&open);
        }
        store.put(&batch(&[&text, "y"]), bed.now).unwrap();
        put += 2;
        assert!(bed.size() <= bed.options.max_bytes);
        if at % 7 == 0
            && let Some(loaded) = store.take(crate::store::Take::Smallest, bed.now)
        {
            put -= loaded.len();
            store.settle(&loaded);
        }
    }
    assert!(bed.size() > bed.options.max_bytes / 2);
    let mut evicted = 0;
    for store in &mut stores {
        store.maintain(bed.now);
        evicted += store.take_changes().evicted;
    }
    assert_eq!(stores.iter().map(Store::items).sum::<usize>() + evicted, put);
}

#[test]
fn bound_holds_at_every_call_of_the_disk() {
    let mut bed = Bed::new();
    bed.options.max_bytes = 20_000;
    let disk = Disk::default();
    disk.faults.watch(&bed.options.path, size);
    let mut stores = [bed.open_on(disk.clone()), bed.open_on(disk.clone())];
    for at in 0..200 {
        let (store, text) = (&mut stores[at % 2], "x".repeat(10 + at * 37 % 1500));
        let mut open = batch(&[&text]);
        store.journal(&mut open, bed.now);
        open.push_bytes(|bytes| bytes.extend_from_slice(text.as_bytes()));
        open.mark_last(Mark { operation: at as u64, is_failure: at % 9 == 0 });
        store.journal(&mut open, bed.now);
        if at % 3 == 0 {
            store.settle(&open);
        } else {
            let _ = store.put(&open, bed.now);
        }
    }
    let most = disk.faults.most();
    assert!((18_000..=20_000).contains(&most), "{most}");
}

#[test]
fn failures_are_refused_when_everything_is_a_failure() {
    let mut bed = Bed::new();
    bed.options.max_bytes = 1_000;
    let mut store = bed.open();
    let text = "x".repeat(100);
    let failure = || marked([(&*text, 1, true)]);
    let puts = (0..100).take_while(|_| store.put(&failure(), bed.now).is_ok()).count();
    assert!(puts < 100, "failures are not evicted");
    assert!(store.is_full());
    let count = store.items();
    assert_eq!(store.put(&failure(), bed.now), Err(PutError::Full));
    store.put(&batch(&[&text]), bed.now).unwrap();
    assert_eq!((store.items(), store.take_changes().evicted), (count, 1));
    let loaded = store.take(crate::store::Take::Smallest, bed.now).unwrap();
    store.settle(&loaded);
    assert!(!store.is_full());
    store.put(&failure(), bed.now).unwrap();
}

#[test]
fn files_that_were_copied_into_the_folder_count_from_the_start() {
    let mut bed = Bed::new();
    bed.options.max_bytes = 4_000;
    drop(bed.open());
    let folder = bed.options.path.join(format!("{}-1-0000000a", destination()));
    std::fs::create_dir(&folder).unwrap();
    let stamp = bed.wall.now() / 1000;
    for at in 0..20 {
        let file = format::encode_segment(destination(), stamp, false, &[(&[b'x'; 300], Mark::default())]);
        std::fs::write(folder.join(format!("{stamp:012}-{at:08}-0000000a-s-1.seg")), file).unwrap();
    }
    let mut store = bed.open();
    assert!(bed.size() <= bed.options.max_bytes);
    let changes = store.take_changes();
    assert_eq!((changes.recovered, store.items() + changes.evicted), (20, 20));
}

#[test]
fn lost_or_damaged_account_is_counted_again() {
    for account in [None, Some("damaged")] {
        let mut bed = Bed::new();
        bed.options.max_bytes = 2_000;
        let mut store = bed.open();
        for _ in 0..20 {
            match account {
                None => std::fs::remove_file(bed.options.path.join("usage")).unwrap(),
                Some(text) => std::fs::write(bed.options.path.join("usage"), text).unwrap(),
            }
            store.put(&batch(&["x".repeat(300).as_str()]), bed.now).unwrap();
            assert!(bed.size() <= bed.options.max_bytes);
        }
    }
}

#[test]
fn only_one_of_two_processes_adopts_a_folder() {
    for _ in 0..20 {
        let bed = Bed::new();
        let mut first = bed.open();
        for item in ["a", "b", "c"] {
            first.put(&batch(&[item]), bed.now).unwrap();
        }
        drop(first);
        let open = || {
            let mut store = bed.open();
            (store.items(), store.take_changes().recovered, store)
        };
        let (left, right) = std::thread::scope(|scope| {
            let other = scope.spawn(open);
            (open(), other.join().unwrap())
        });
        assert_eq!((left.0 + right.0, left.1 + right.1), (3, 3));
        assert!(left.0 == 0 || right.0 == 0);
    }
}

#[test]
fn segment_expires_after_the_retention() {
    let bed = Bed::new();
    let mut store = bed.open();
    store.put(&batch(&["a"]), bed.now).unwrap();
    let mut now = bed.now;
    for hour in 1..=49 {
        now += Duration::from_secs(60 * 60);
        bed.wall.offset.fetch_add(60 * 60 * 1000, Ordering::Relaxed);
        store.maintain(now);
        assert_eq!(store.items(), usize::from(hour <= 48), "hour {hour}");
    }
    assert_eq!(store.take_changes().expired, 1);
    assert_eq!(stored(&bed.options.path).len(), 0);
}

#[test]
fn jumps_of_the_clock_delete_nothing_and_keep_nothing_for_ever() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    for jump in [DAY, -DAY, 3_650 * DAY, -3_650 * DAY] {
        let bed = Bed::new();
        let mut store = bed.open();
        store.put(&batch(&["a"]), bed.now).unwrap();
        bed.wall.offset.fetch_add(jump, Ordering::Relaxed);
        let mut now = bed.now;
        for hour in 1..=50 {
            now += Duration::from_secs(60 * 60);
            bed.wall.offset.fetch_add(60 * 60 * 1000, Ordering::Relaxed);
            store.maintain(now);
            assert!(store.items() == 1 || hour >= 47, "{jump} {hour}");
        }
        assert_eq!(store.items(), 0, "{jump}");
    }
}

#[test]
fn restart_after_a_jump_ages_files_by_a_day_at_most() {
    let mut bed = Bed::new();
    let mut store = bed.open();
    store.put(&batch(&["a"]), bed.now).unwrap();
    drop(store);
    bed.wall.offset.fetch_add(3_650 * 24 * 60 * 60 * 1000, Ordering::Relaxed);
    bed.now += Duration::from_secs(1);
    assert_eq!(drain(&mut bed.open(), bed.now), ["a"]);
}

#[test]
fn thousands_of_segments_are_adopted() {
    let bed = Bed::new();
    drop(bed.open());
    let folder = bed.options.path.join(format!("{}-1-0000000a", destination()));
    std::fs::create_dir(&folder).unwrap();
    let stamp = bed.wall.now() / 1000;
    for at in 0..10_000 {
        let text = at.to_string();
        let item: format::Item<'_> = (text.as_bytes(), crate::exporter::Mark::default());
        let file = format::encode_segment(destination(), stamp, false, &[item]);
        std::fs::write(folder.join(format!("{stamp:012}-{at:08}-0000000a-s-1.seg")), file).unwrap();
    }
    let mut store = bed.open();
    assert_eq!(store.items(), 10_000);
    assert_eq!(texts(&store.take(ALL, bed.now).unwrap()).len(), 10_000);
}

#[test]
fn folder_of_a_living_process_is_left_alone() {
    let bed = Bed::new();
    let mut first = bed.open();
    first.put(&batch(&["a"]), bed.now).unwrap();
    let mut second = bed.open();
    second.maintain(bed.now + Duration::from_secs(61));
    drop(second);
    assert_eq!(drain(&mut first, bed.now), ["a"]);
    drop(first);
    assert_eq!(files(&bed.options.path).len(), 1);
}

#[test]
fn loaded_segment_that_another_process_evicts_is_not_lost() {
    let mut bed = Bed::new();
    bed.options.max_bytes = 4_000;
    let (mut first, mut second) = (bed.open(), bed.open());
    let text = "x".repeat(300);
    first.put(&batch(&["a", "b", "c"]), bed.now).unwrap();
    let divided = first.take(ALL, bed.now).unwrap();
    first.put(&batch(&["d", "e"]), bed.now).unwrap();
    let whole = first.take(ALL, bed.now).unwrap();
    first.put(&batch(&["f"]), bed.now).unwrap();
    let delivered = first.take(ALL, bed.now).unwrap();
    let before = stored(&bed.options.path);
    let mut put = 0;
    while before.iter().any(|path| path.exists()) {
        assert!(put < 100, "the oldest are evicted first");
        second.put(&batch(&[&text]), bed.now).unwrap();
        put += 1;
    }
    // The first process sends what it has in memory, or writes it again.
    first.divide(&divided, 2);
    first.settle(&divided.select(|at| at == 0));
    first.put(&divided.select(|at| at > 0), bed.now).unwrap();
    first.put(&whole, bed.now).unwrap();
    first.settle(&delivered);
    let now = bed.now + Duration::from_secs(61);
    first.maintain(now);
    second.maintain(now);
    let evicted = first.take_changes().evicted + second.take_changes().evicted;
    assert_eq!(first.items() + second.items() + evicted, put + 4);
    assert_eq!(drain(&mut first, now), ["b", "c", "d", "e"]);
    assert_eq!(first.take_trouble(), None);
}

/// The items that were dropped for lack of room, as the account in the folder has them.
fn evicted_by_account(bed: &Bed) -> u64 {
    let file = std::fs::read(bed.options.path.join("usage")).unwrap();
    crate::store::usage::Usage::decode(&file).unwrap().evicted
}

#[test]
fn what_another_process_evicts_is_counted_by_its_owner_at_the_end() {
    let mut bed = Bed::new();
    bed.options.max_bytes = 4_000;
    let (mut first, mut second) = (bed.open(), bed.open());
    let text = "x".repeat(500);
    for store in [&mut first, &mut second] {
        (0..6).for_each(|_| store.put(&batch(&[&text, "y"]), bed.now).unwrap());
    }
    let own = second.take_changes().evicted;
    assert_eq!(first.items(), 12, "the first has not looked");
    first.close();
    assert_eq!(first.items() + first.take_changes().evicted, 12);
    assert_eq!(first.items() + second.items() + evicted_by_account(&bed) as usize, 24);
    assert_eq!(second.items() + own, 12);
}

#[test]
fn count_of_what_is_evicted_outlives_the_process() {
    let mut bed = Bed::new();
    bed.options.max_bytes = 1_000;
    let text = "x".repeat(100);
    let mut store = bed.open();
    for _ in 0..20 {
        store.put(&batch(&[&text]), bed.now).unwrap();
    }
    // Too large for the whole folder.
    store.put(&batch(&["z".repeat(2_000).as_str()]), bed.now).unwrap();
    let left = store.items() as u64;
    assert_eq!(evicted_by_account(&bed), 21 - left);
    drop(store);
    drop(bed.open());
    assert_eq!(evicted_by_account(&bed), 21 - left);
}
