//! The folder of the store.

use std::fs;
use std::io;
use std::path::Path;

use crate::store::store_error::StoreError;

/// Creates the folder with its parents if it does not exist, and checks that no other user can write to it.
pub(super) fn open(path: &Path) -> Result<(), StoreError> {
    match create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(refuse(
                path,
                &format!("cannot be created: {error}"),
                "choose a folder in which this user can write",
            ));
        }
    }
    check(path)
}

fn create(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent()
        && !parent.as_os_str().is_empty()
        && !parent.exists()
    {
        builder().recursive(true).create(parent)?;
    }
    builder().create(path)
}

fn builder() -> fs::DirBuilder {
    #[cfg_attr(not(unix), allow(unused_mut, reason = "folders have a mode on Unix only"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
fn check(path: &Path) -> Result<(), StoreError> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};

    let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let metadata =
        fs::OpenOptions::new().read(true).custom_flags(flags).open(path).and_then(|folder| folder.metadata()).map_err(
            |error| {
                refuse(
                    path,
                    &format!("cannot be opened as a folder, and links are not followed: {error}"),
                    "choose another folder",
                )
            },
        )?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(refuse(path, "belongs to another user", "choose a folder of the user that runs this process"));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(refuse(path, "can be written by other users", "remove their access, for example with `chmod 700`"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check(path: &Path) -> Result<(), StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(refuse(path, "is not a folder", "choose another folder")),
        Err(error) => Err(refuse(path, &format!("cannot be opened: {error}"), "choose another folder")),
    }
}

fn refuse(path: &Path, found: &str, remedy: &str) -> StoreError {
    StoreError(format!("the store's folder `{}` {found}; {remedy}", path.display()))
}
