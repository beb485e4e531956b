//! Whether a path still leads to a file that is open.

use std::fs::File;
use std::path::Path;

/// Whether the path leads to another file than this one, or to none.
#[cfg(unix)]
pub(super) fn is_moved(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(open) = file.metadata() else { return false };
    !std::fs::metadata(path).is_ok_and(|named| (named.dev(), named.ino()) == (open.dev(), open.ino()))
}

/// Whether the path leads to no file.
#[cfg(not(unix))]
pub(super) fn is_moved(_: &File, path: &Path) -> bool {
    !path.exists()
}

/// Whether an open file still has a name in some folder.
#[cfg(unix)]
pub(super) fn has_name(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|open| open.nlink() > 0)
}

#[cfg(not(unix))]
pub(super) fn has_name(_: &File) -> bool {
    true
}
