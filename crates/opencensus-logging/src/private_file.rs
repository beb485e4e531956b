//! Files and folders that only their owner may read (on Unix).

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a folder, and the folders above it, if they do not exist.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Rejects a folder that other users can write to, or that belongs to another one: its files may be planted. `own_uid` is
/// the user of this process. A link is followed if `is_link_allowed`.
#[cfg(unix)]
pub(crate) fn check_folder(path: &Path, own_uid: u32, is_link_allowed: bool) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    const OTHERS_CAN_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let found = if is_link_allowed { fs::metadata(path)? } else { fs::symlink_metadata(path)? };
    let refused =
        |what: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("`{}` {what}", path.display())));
    // Root can plant files anyway.
    let is_ours = found.uid() == own_uid || (is_link_allowed && found.uid() == 0);
    // In a folder such as `/tmp`, only the owner of a subfolder can replace it.
    let is_shared_safely = is_link_allowed && found.mode() & STICKY != 0;
    if !found.is_dir() {
        refused("is a link or no folder; remove it")
    } else if !is_ours {
        refused("belongs to another user; name a folder of the program's user")
    } else if found.mode() & OTHERS_CAN_WRITE != 0 && !is_shared_safely {
        refused("can be written to by other users; run `chmod go-w` on it")
    } else {
        Ok(())
    }
}

/// Opens a regular file of this user for reading and writing, without following a link and without blocking. `None`: it
/// is something else, or belongs to another user.
#[cfg(unix)]
pub(crate) fn open_own(path: &Path, own_uid: u32) -> io::Result<Option<fs::File>> {
    use std::os::unix::fs::MetadataExt as _;
    let named = fs::symlink_metadata(path)?;
    // Opening a pipe could block.
    if !named.is_file() || named.uid() != own_uid {
        return Ok(None);
    }
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let opened = file.metadata()?;
    let is_same = (opened.dev(), opened.ino()) == (named.dev(), named.ino());
    Ok(Some(file).filter(|_| is_same && opened.is_file()))
}

/// Files have no such owners and modes.
#[cfg(not(unix))]
pub(crate) fn open_own(path: &Path, _: u32) -> io::Result<Option<fs::File>> {
    OpenOptions::new().read(true).write(true).open(path).map(Some)
}

#[cfg(not(unix))]
pub(crate) fn check_folder(_: &Path, _: u32, _: bool) -> io::Result<()> {
    Ok(())
}

/// The user of this process: the owner of a file that it makes in this folder.
pub(crate) fn own_uid(folder: &Path) -> io::Result<u32> {
    let path = folder.join(format!(".owner-{}-{:?}", std::process::id(), std::thread::current().id()));
    let _ = fs::remove_file(&path);
    let file = new_file().open(&path)?;
    let _ = fs::remove_file(&path);
    #[cfg(unix)]
    return Ok(std::os::unix::fs::MetadataExt::uid(&file.metadata()?));
    #[cfg(not(unix))]
    Ok(file.metadata().map(|_| 0)?)
}

/// Options that create a new file; opening fails if the file exists.
pub(crate) fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_the_owner_may_read_files_and_folders() {
        let folder = std::env::temp_dir().join(format!("opencensus-private-{}", std::process::id()));
        make_folder(&folder.join("deep")).unwrap();
        let path = folder.join("deep/file");
        new_file().open(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder.join("deep")), mode(&path)), (0o700, 0o600));
        fs::remove_dir_all(folder).unwrap();
    }
}
