//! Files and folders of another user. Only the superuser can create them.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::tests::bed::{ALL, Bed, batch, destination, drain, stored, texts};
use crate::store::{Changes, Store};

const OTHER: u32 = 12_345;

/// Whether a test can run: it must be able to give files away.
fn is_superuser() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("skipped: only the superuser can give files to another user");
    }
    is_root
}

fn give_away(path: &Path) {
    chown(path, Some(OTHER), None).unwrap();
}

/// A store that has ended, with a segment for each item. Returns the segments.
fn ended(bed: &Bed, items: &[&str]) -> Vec<PathBuf> {
    let mut store = bed.open();
    items.iter().for_each(|item| store.put(&batch(&[item]), bed.now).unwrap());
    drop(store);
    stored(&bed.options.path)
}

/// The path under which a file was set aside, unchanged.
fn assert_set_aside(path: &Path, content: &[u8]) {
    let bad = PathBuf::from(format!("{}.bad", path.display()));
    assert!(!path.exists());
    assert_eq!(fs::read(&bad).unwrap(), content);
    assert_eq!(fs::metadata(&bad).unwrap().uid(), OTHER);
}

#[test]
fn file_of_another_user_is_set_aside_at_the_start() {
    if !is_superuser() {
        return;
    }
    let bed = Bed::new();
    let paths = ended(&bed, &["theirs", "ours"]);
    let content = fs::read(&paths[0]).unwrap();
    give_away(&paths[0]);
    let mut store = bed.open();
    assert_eq!(store.take_changes(), Changes { recovered: 1, set_aside: 1, ..Changes::default() });
    assert_eq!(drain(&mut store, bed.now), ["ours"]);
    assert_set_aside(&paths[0], &content);
}

#[test]
fn file_that_is_given_away_later_is_set_aside_when_it_is_loaded() {
    if !is_superuser() {
        return;
    }
    let bed = Bed::new();
    let mut store = bed.open();
    store.put(&batch(&["theirs"]), bed.now).unwrap();
    store.put(&batch(&["ours"]), bed.now).unwrap();
    let paths = stored(&bed.options.path);
    let content = fs::read(&paths[0]).unwrap();
    give_away(&paths[0]);
    assert_eq!(texts(&store.take(ALL, bed.now).unwrap()), ["ours"]);
    assert_eq!(store.take_changes(), Changes { corrupt: 1, set_aside: 1, ..Changes::default() });
    assert_set_aside(&paths[0], &content);
}

#[test]
fn journal_of_another_user_is_set_aside() {
    if !is_superuser() {
        return;
    }
    let bed = Bed::new();
    let mut store = bed.open();
    store.journal(&mut batch(&["theirs"]), bed.now);
    drop(store);
    let paths = stored(&bed.options.path);
    let content = fs::read(&paths[0]).unwrap();
    give_away(&paths[0]);
    let mut store = bed.open();
    assert_eq!(store.take_changes(), Changes { set_aside: 1, ..Changes::default() });
    assert_eq!(store.items(), 0);
    assert_set_aside(&paths[0], &content);
}

#[test]
fn folder_of_another_user_is_not_touched() {
    if !is_superuser() {
        return;
    }
    let bed = Bed::new();
    let paths = ended(&bed, &["theirs"]);
    let folder = paths[0].parent().unwrap();
    give_away(folder);
    let mut store = bed.open();
    store.maintain(bed.now + Duration::from_secs(61));
    assert_eq!((store.items(), store.take_changes()), (0, Changes::default()));
    assert_eq!(stored(&bed.options.path), paths);
    assert_eq!(fs::metadata(folder).unwrap().uid(), OTHER);
    // It is back, and complete.
    chown(folder, Some(0), None).unwrap();
    store.maintain(bed.now + Duration::from_secs(122));
    assert_eq!(drain(&mut store, bed.now), ["theirs"]);
}

#[test]
fn folder_whose_lock_belongs_to_another_user_is_not_adopted() {
    if !is_superuser() {
        return;
    }
    let bed = Bed::new();
    let paths = ended(&bed, &["theirs"]);
    give_away(&paths[0].with_file_name("lock"));
    let store = bed.open();
    assert_eq!(store.items(), 0);
    assert_eq!(stored(&bed.options.path), paths);
}

#[test]
fn store_in_a_folder_or_with_an_account_of_another_user_is_refused() {
    if !is_superuser() {
        return;
    }
    let bed = Bed::new();
    drop(bed.open());
    let open = || Store::open(&bed.options, destination(), bed.now).err().map(|error| error.0).unwrap();
    let usage = bed.options.path.join("usage");
    let content = fs::read(&usage).unwrap();
    give_away(&usage);
    assert!(open().contains("not a regular file of this user"), "{}", open());
    assert_eq!(fs::read(&usage).unwrap(), content);
    give_away(&bed.options.path);
    assert!(open().contains("belongs to another user"), "{}", open());
}
