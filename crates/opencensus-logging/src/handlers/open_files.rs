//! Files that handlers of this process write to.

use std::io;
use std::path::{Path, PathBuf, absolute};
use std::sync::{Arc, Mutex, Weak};

use crate::handlers::Encoding;
use crate::handlers::line_file::{LineFile, Look};
use crate::lock::lock;

/// A file that handlers share.
pub(crate) type SharedFile = Arc<Mutex<LineFile>>;

/// Files of one path, one encoding and one way to look are one.
type Key = (PathBuf, Encoding, Look);

static OPEN: Mutex<Vec<(Key, Weak<Mutex<LineFile>>)>> = Mutex::new(Vec::new());

/// The file of this path that a handler uses already, or a new one. Handlers of one path share a file: one that
/// rotates it would take it away from another. Only a new one is truncated: with a handler that is configured again,
/// the lines of this run stay.
pub(crate) fn shared(
    path: PathBuf,
    encoding: Encoding,
    look: Look,
    truncate: bool,
    delay: bool,
) -> io::Result<SharedFile> {
    let key = (same_path(&path), encoding, look);
    let mut files = lock(&OPEN);
    files.retain(|(_, file)| file.strong_count() > 0);
    let known = files.iter().find(|(known, _)| *known == key).and_then(|(_, file)| file.upgrade());
    if let Some(file) = known {
        let mut line_file = lock(&file);
        line_file.follow_path();
        if !delay {
            // Fails as a new one would.
            line_file.len()?;
        }
        drop(line_file);
        return Ok(file);
    }
    let file = own(path, encoding, look, truncate, delay)?;
    files.push((key, Arc::downgrade(&file)));
    Ok(file)
}

/// Whether a handler of this process uses the file of this path.
pub(crate) fn is_open(path: &Path) -> bool {
    let path = same_path(path);
    lock(&OPEN).iter().any(|((known, ..), file)| *known == path && file.strong_count() > 0)
}

/// A file that no other handler uses, as in Python.
pub(crate) fn own(
    path: PathBuf,
    encoding: Encoding,
    look: Look,
    truncate: bool,
    delay: bool,
) -> io::Result<SharedFile> {
    let mut file = LineFile::new(path, encoding, look, delay)?;
    if truncate {
        file.truncate_once();
    }
    Ok(Arc::new(Mutex::new(file)))
}

/// The path without links in the names of its folders.
fn same_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().or_else(|_| absolute(folder));
    folder.map_or_else(|_| path.to_owned(), |folder| folder.join(name))
}
