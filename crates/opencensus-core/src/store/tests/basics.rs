//! Storing, loading, settling.

use crate::store::tests::bed::{ALL, Bed, batch, drain, files, marked, stored, texts};
use crate::store::{Changes, Take};

#[test]
fn what_is_put_is_loaded_oldest_first_and_deleted_when_it_is_settled() {
    let bed = Bed::new();
    let mut store = bed.open();
    store.put(&batch(&["a", "b"]), bed.now).unwrap();
    store.put(&batch(&["c"]), bed.now).unwrap();
    assert_eq!(store.items(), 3);
    let loaded = store.take(ALL, bed.now).unwrap();
    assert_eq!(texts(&loaded), ["a", "b", "c"]);
    assert_eq!((store.items(), stored(&bed.options.path).len()), (0, 2));
    store.settle(&loaded);
    assert_eq!(stored(&bed.options.path).len(), 0);
    drop(store);
    assert_eq!(files(&bed.options.path), [bed.options.path.join("usage")]);
}

#[test]
fn batch_is_divided_by_class() {
    let bed = Bed::new();
    let mut store = bed.open();
    store.put(&marked([("a", 1, false), ("b", 2, false), ("c", 1, true)]), bed.now).unwrap();
    let names: Vec<_> = stored(&bed.options.path)
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap()[30..].to_owned())
        .collect();
    assert_eq!(names, ["-f-2.seg", "-s-1.seg"]);
    let smallest = store.take(Take::Smallest, bed.now).unwrap();
    assert_eq!(texts(&smallest), ["b"]);
    let failures = store.take(ALL, bed.now).unwrap();
    assert!(failures.marked().all(|(_, mark)| mark.is_failure && mark.operation == 1));
}

#[test]
fn load_stays_within_items_and_bytes() {
    let bed = Bed::new();
    let mut store = bed.open();
    for item in ["aaaa", "bbbb", "cccc"] {
        store.put(&batch(&[item]), bed.now).unwrap();
    }
    assert_eq!(store.take(Take::Oldest { items: 2, bytes: 100 }, bed.now).unwrap().len(), 2);
    store.put(&batch(&["dddd"]), bed.now).unwrap();
    assert_eq!(store.take(Take::Oldest { items: 9, bytes: 7 }, bed.now).unwrap().len(), 1);
    assert_eq!(store.take(Take::Oldest { items: 0, bytes: 0 }, bed.now).unwrap().len(), 1);
    assert!(store.take(ALL, bed.now).is_none());
}

#[test]
fn whole_batch_is_given_back_without_a_write_and_a_part_is_written() {
    let bed = Bed::new();
    let mut store = bed.open();
    store.put(&batch(&["a", "b", "c"]), bed.now).unwrap();
    let before = stored(&bed.options.path);
    let loaded = store.take(ALL, bed.now).unwrap();
    store.put(&loaded, bed.now).unwrap();
    assert_eq!((stored(&bed.options.path), store.items()), (before.clone(), 3));

    let loaded = store.take(ALL, bed.now).unwrap();
    store.divide(&loaded, 2);
    store.settle(&loaded.select(|at| at == 0));
    assert_eq!(stored(&bed.options.path), before);
    store.put(&loaded.select(|at| at > 0), bed.now).unwrap();
    assert_ne!(stored(&bed.options.path), before);
    assert_eq!(drain(&mut store, bed.now), ["b", "c"]);
}

#[test]
fn part_with_all_items_is_given_back_when_the_other_parts_are_settled() {
    let bed = Bed::new();
    let mut store = bed.open();
    store.put(&batch(&["a", "b"]), bed.now).unwrap();
    let before = stored(&bed.options.path);
    let loaded = store.take(ALL, bed.now).unwrap();
    store.divide(&loaded, 2);
    store.settle(&loaded.select(|_| false));
    store.put(&loaded.select(|_| true), bed.now).unwrap();
    assert_eq!((stored(&bed.options.path), store.items()), (before, 2));

    // With the other part still open, it is written: the file ends with that part.
    let loaded = store.take(ALL, bed.now).unwrap();
    store.divide(&loaded, 2);
    store.put(&loaded.select(|_| true), bed.now).unwrap();
    assert_eq!(stored(&bed.options.path).len(), 2);
    store.settle(&loaded.select(|_| false));
    assert_eq!((stored(&bed.options.path).len(), store.items()), (1, 2));
    assert_eq!(drain(&mut store, bed.now), ["a", "b"]);
}

#[test]
fn journal_is_recovered_by_the_next_process() {
    let bed = Bed::new();
    let mut store = bed.open();
    let mut open = marked([("a", 1, false)]);
    store.journal(&mut open, bed.now);
    open.push_bytes(|bytes| bytes.push(b'b'));
    open.mark_last(crate::exporter::Mark { operation: 1, is_failure: true });
    store.journal(&mut open, bed.now);
    store.journal(&mut open, bed.now);
    assert_eq!((open.journaled, open.files.len()), (2, 1));
    // A process that ends leaves its files and releases its locks.
    drop(store);
    let mut next = bed.open();
    assert_eq!(next.take_changes(), Changes { recovered: 2, ..Changes::default() });
    let loaded = next.take(ALL, bed.now).unwrap();
    assert_eq!(texts(&loaded), ["a", "b"]);
    assert!(loaded.marked().all(|(_, mark)| mark.is_failure));
    next.settle(&loaded);
    assert_eq!(stored(&bed.options.path).len(), 0);
}

#[test]
fn journal_ends_with_its_batch() {
    let bed = Bed::new();
    let mut store = bed.open();
    let mut first = batch(&["a"]);
    store.journal(&mut first, bed.now);
    store.settle(&first);
    assert_eq!(stored(&bed.options.path).len(), 0);
    let mut second = batch(&["b"]);
    store.journal(&mut second, bed.now);
    store.put(&second, bed.now).unwrap();
    assert_eq!(stored(&bed.options.path).len(), 1);
    assert_eq!(drain(&mut store, bed.now), ["b"]);
}

#[test]
fn process_adopts_what_an_ended_one_has_left() {
    let bed = Bed::new();
    let mut first = bed.open();
    first.put(&batch(&["a", "b"]), bed.now).unwrap();
    let mut second = bed.open();
    assert_eq!(second.items(), 0);
    drop(first);
    second.maintain(bed.now);
    assert_eq!(second.items(), 0);
    second.maintain(bed.now + std::time::Duration::from_secs(60));
    assert_eq!((second.items(), second.take_changes().recovered), (2, 2));
    assert_eq!(drain(&mut second, bed.now), ["a", "b"]);
    drop(second);
    assert_eq!(files(&bed.options.path), [bed.options.path.join("usage")]);
}

#[test]
fn failures_outlive_successes() {
    let mut bed = Bed::new();
    bed.options.journal = false;
    bed.options.max_bytes = 20_000;
    let mut store = bed.open();
    let text = "x".repeat(150);
    for at in 0..1000_u64 {
        store.put(&marked([(&*format!("{at:05} {text}"), at + 1, at % 100 == 7)]), bed.now).unwrap();
        assert!(bed.size() <= bed.options.max_bytes);
    }
    let changes = store.take_changes();
    assert_eq!(changes.evicted + store.items(), 1000);
    let left = drain(&mut store, bed.now);
    assert_eq!(left.iter().filter(|item| item[..5].parse::<u64>().unwrap() % 100 == 7).count(), 10);
    assert!(left.last().unwrap().starts_with("00999"));
}
