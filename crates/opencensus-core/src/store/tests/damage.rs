//! Damaged, foreign and hostile files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::exporter::{Destination, Mark};
use crate::store::file_name::LOCK;
use crate::store::format::{self, FormatError};
use crate::store::tests::bed::{ALL, Bed, batch, destination, drain, marked, stored, texts};
use crate::store::{Changes, Store};

const NAME: &str = "001700000000-00000001-0000000a-f-2.seg";
const STAMP: u64 = 1_700_000_000;

fn segment() -> Vec<u8> {
    let mark = |operation| Mark { operation, is_failure: true };
    format::encode_segment(destination(), STAMP, true, &[(b"first", mark(7)), (b"", mark(0))])
}

/// The folder of an ended process.
fn dead_folder(bed: &Bed) -> PathBuf {
    drop(bed.open());
    let folder = bed.options.path.join(format!("{}-1-0000000a", destination()));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(LOCK), "").unwrap();
    folder
}

/// A bed on which nothing expires.
fn bed() -> Bed {
    let mut bed = Bed::new();
    bed.options.retention = std::time::Duration::from_secs(u64::MAX);
    bed
}

#[test]
fn segment_is_read_as_it_was_written() {
    let file = segment();
    let items = format::decode_segment(&file, destination()).unwrap();
    assert_eq!(
        items.iter().map(|(bytes, mark)| (*bytes, mark.operation)).collect::<Vec<_>>(),
        [(&b"first"[..], 7), (b"", 0)]
    );
    assert_eq!(format::decode_segment(&file, Destination::new(["other"])), Err(FormatError::Foreign));
}

#[test]
fn every_flipped_bit_and_every_prefix_of_a_segment_is_noticed() {
    let file = segment();
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut flipped = file.clone();
            flipped[at] ^= 1 << bit;
            assert!(format::decode_segment(&flipped, destination()).is_err(), "byte {at} bit {bit}");
        }
        assert_eq!(format::decode_segment(&file[..at], destination()), Err(FormatError::Torn), "{at}");
    }
    assert_eq!(format::decode_segment(&[&file[..], b"\0"].concat(), destination()), Err(FormatError::Corrupt));
}

#[test]
fn every_prefix_and_flipped_byte_of_a_journal_leaves_the_items_before_it() {
    let mut file = format::journal_header(destination(), STAMP);
    let mut ends = vec![file.len()];
    for item in [&b"one"[..], b"two", b"three"] {
        format::push_frame(&mut file, (item, Mark::default()));
        ends.push(file.len());
    }
    for at in 0..file.len() {
        let complete = ends.iter().filter(|end| **end <= at).count().saturating_sub(1);
        let mut flipped = file.clone();
        flipped[at] ^= 0x10;
        let (cut, damaged) =
            (format::decode_journal(&file[..at], destination()), format::decode_journal(&flipped, destination()));
        if at < ends[0] {
            assert!(cut.is_err() && damaged.is_err(), "{at}");
        } else {
            assert_eq!((cut.unwrap().len(), damaged.unwrap().len()), (complete, complete), "{at}");
        }
    }
}

#[test]
fn version_1_is_read_for_ever() {
    let golden = include_bytes!("segment_v1.seg");
    assert_eq!(golden[..], segment()[..]);
    assert_eq!(format::decode_segment(golden, destination()).unwrap().len(), 2);
}

#[test]
fn torn_segment_is_set_aside_and_the_others_are_loaded() {
    let file = segment();
    for len in 0..file.len() {
        let bed = bed();
        let folder = dead_folder(&bed);
        fs::write(folder.join(NAME), &file[..len]).unwrap();
        fs::write(folder.join(NAME.replace("0000000a", "0000000b")), &file).unwrap();
        let mut store = bed.open();
        let loaded = store.take(ALL, bed.now).unwrap();
        assert_eq!(texts(&loaded), ["first", ""]);
        let changes = store.take_changes();
        assert_eq!((changes.recovered, changes.corrupt, changes.set_aside), (4, 2, 1));
        assert!(folder.join(format!("{NAME}.bad")).exists());
    }
}

#[test]
fn segment_of_a_later_version_stays() {
    let bed = bed();
    let folder = dead_folder(&bed);
    let mut file = segment();
    file[8] = 2;
    fs::write(folder.join(NAME), &file).unwrap();
    let mut store = bed.open();
    assert!(store.take(ALL, bed.now).is_none());
    store.maintain(bed.now + std::time::Duration::from_secs(61));
    assert_eq!(fs::read(folder.join(NAME)).unwrap(), file);
    assert_eq!(store.take_changes(), Changes { recovered: 2, corrupt: 2, ..Changes::default() });
}

#[test]
fn files_set_aside_are_deleted_after_the_retention() {
    let bed = Bed::new();
    let folder = dead_folder(&bed);
    let bad = folder.join(format!("{NAME}.bad"));
    fs::write(&bad, "x").unwrap();
    let mut store = bed.open();
    store.maintain(bed.now + std::time::Duration::from_secs(61));
    assert!(!bad.exists());
}

#[test]
fn unknown_names_are_not_touched() {
    let bed = bed();
    let folder = dead_folder(&bed);
    let paths = [folder.join("notes"), folder.join(format!("{NAME}\n")), bed.options.path.join("notes")];
    for path in &paths {
        fs::write(path, "x").unwrap();
    }
    let mut store = bed.open();
    store.maintain(bed.now + std::time::Duration::from_secs(61));
    assert_eq!(store.take_changes(), Changes::default());
    assert!(paths.iter().all(|path| path.exists()));
}

#[cfg(unix)]
#[test]
fn hostile_files_with_the_name_of_a_segment_are_set_aside_unopened() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), segment()).unwrap();
    let link = |path: &Path| std::os::unix::fs::symlink(secret.path(), path).unwrap();
    let hard = |path: &Path| fs::hard_link(secret.path(), path).unwrap();
    let pipe = |path: &Path| {
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    };
    let huge = |path: &Path| fs::File::create(path).unwrap().set_len(65 * 1024 * 1024).unwrap();
    let socket = |path: &Path| drop(std::os::unix::net::UnixListener::bind(path).unwrap());
    let folder = |path: &Path| fs::create_dir(path).unwrap();
    let hostile: [&dyn Fn(&Path); 6] = [&link, &hard, &pipe, &huge, &socket, &folder];
    for (at, create) in hostile.iter().enumerate() {
        for name in [NAME, "001700000000-00000001-0000000a.journal"] {
            let mut bed = bed();
            bed.options.max_bytes = 1024 * 1024 * 1024;
            let path = dead_folder(&bed).join(name);
            create(&path);
            let mut store = bed.open();
            assert!(store.take(ALL, bed.now).is_none());
            assert_eq!(store.take_changes(), Changes { set_aside: 1, ..Changes::default() }, "{at} {name}");
            assert!(path.with_file_name(format!("{name}.bad")).symlink_metadata().is_ok());
            assert_eq!(fs::read(secret.path()).unwrap(), segment());
        }
    }
}

#[cfg(unix)]
#[test]
fn untrusted_folder_is_refused_with_a_remedy() {
    use std::os::unix::fs::PermissionsExt as _;

    let bed = Bed::new();
    let open = |path: &Path| {
        let options = crate::store::StoreOptions::new(path);
        Store::open(&options, destination(), bed.now).err().map(|error| error.0)
    };
    let path = bed.folder.path().join("shared");
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(open(&path).unwrap().contains("can be written by other users; remove their access"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let link = bed.folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(open(&link).unwrap().contains("links are not followed"));
    let file = bed.folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(open(&file).unwrap().contains("choose another folder"));
    let deep = path.join("a/b");
    assert_eq!(open(&deep), None);
    assert_eq!(fs::metadata(&deep).unwrap().permissions().mode() & 0o777, 0o700);
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_for_this_user_alone_and_hold_no_key() {
    use std::os::unix::fs::PermissionsExt as _;

    let bed = Bed::new();
    let mut store = bed.open();
    store.put(&marked([("a", 1, true), ("b", 2, false)]), bed.now).unwrap();
    let mut open = batch(&["c"]);
    store.journal(&mut open, bed.now);
    for path in stored(&bed.options.path) {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned() + path.to_str().unwrap();
        assert!(!text.contains("shop.example"));
    }
}

#[test]
fn segments_of_another_destination_are_not_loaded() {
    let bed = Bed::new();
    let mut other = Store::open(&bed.options, Destination::new(["other"]), bed.now).unwrap();
    other.put(&batch(&["a"]), bed.now).unwrap();
    drop(other);
    let before = stored(&bed.options.path);
    let mut store = bed.open();
    assert_eq!(drain(&mut store, bed.now), [""; 0]);
    store.maintain(bed.now + std::time::Duration::from_secs(61));
    assert_eq!((stored(&bed.options.path), store.take_changes()), (before, Changes::default()));
    let mut other = Store::open(&bed.options, Destination::new(["other"]), bed.now).unwrap();
    assert_eq!(drain(&mut other, bed.now), ["a"]);
}

#[cfg(unix)]
#[test]
fn links_in_place_of_the_account_and_of_locks_are_not_followed() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), "secret").unwrap();
    let bed = bed();
    let folder = dead_folder(&bed);
    fs::write(folder.join(NAME), segment()).unwrap();
    fs::remove_file(folder.join(LOCK)).unwrap();
    std::os::unix::fs::symlink(secret.path(), folder.join(LOCK)).unwrap();
    assert_eq!(bed.open().items(), 0);
    let usage = bed.options.path.join("usage");
    fs::remove_file(&usage).unwrap();
    std::os::unix::fs::symlink(secret.path(), &usage).unwrap();
    assert!(Store::open(&bed.options, destination(), bed.now).is_err());
    assert_eq!(fs::read(secret.path()).unwrap(), b"secret");
    assert!(folder.join(NAME).exists());
}
