//! All files of the store, of every process and destination.

use std::io;
use std::path::{Path, PathBuf};

use crate::store::disk::Disk;
use crate::store::file_name::{FileName, folder_destination};

/// A file that counts towards the bound.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Found {
    /// The name of the sub-folder.
    pub(super) folder: String,
    pub(super) name: FileName,
    pub(super) path: PathBuf,
    pub(super) size: u64,
}

/// The files that count towards the bound. Only exact while the root folder is locked.
pub(super) fn scan(disk: &Disk, root: &Path) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    for folder in disk.list(root)? {
        let path = root.join(&folder);
        if folder_destination(&folder).is_none() || !disk.inspect(&path)?.is_folder {
            continue;
        }
        for file in disk.list(&path)? {
            let name = FileName::parse(&file);
            if name.counts() {
                let path = path.join(&file);
                let size = disk.inspect(&path)?.size;
                files.push(Found { folder: folder.clone(), name, path, size });
            }
        }
    }
    Ok(files)
}
