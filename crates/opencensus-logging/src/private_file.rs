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
/// is something else, belongs to another user, or has a second name, by which another user may have placed it here.
#[cfg(unix)]
pub(crate) fn open_own(path: &Path, own_uid: u32) -> io::Result<Option<fs::File>> {
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
    // Opening a device could have an effect.
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    // The file may be replaced by a link or a pipe before it is opened.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
    let opened = file.metadata()?;
    let is_ours = opened.is_file() && opened.uid() == own_uid && opened.nlink() == 1;
    Ok(Some(file).filter(|_| is_ours))
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

/// The user that owns the files that this process makes.
pub(crate) fn own_uid() -> u32 {
    #[cfg(unix)]
    return rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    0
}

/// Options that create a new file; opening fails if the file exists, also if it is a link.
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
    fn only_a_regular_file_of_this_user_with_one_name_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, second, pipe] = ["file", "link", "second", "pipe"].map(|name| folder.path().join(name));
        new_file().open(&file).unwrap();
        assert!(new_file().open(&file).is_err());
        let is_opened = |path: &Path| open_own(path, own_uid()).unwrap().is_some();
        assert!(is_opened(&file) && open_own(&file, own_uid() + 1).unwrap().is_none());
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(!is_opened(&link) && !is_opened(&pipe) && !is_opened(folder.path()));
        fs::hard_link(&file, &second).unwrap();
        assert!(!is_opened(&file) && !is_opened(&second));
    }

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
