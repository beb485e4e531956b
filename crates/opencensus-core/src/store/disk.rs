//! Calls to the disk. No call follows a link at the end of a path, and none waits for the other end of a pipe.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

#[cfg(test)]
use crate::store::faults::Faults;

/// The disk. Tests make its calls fail.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    #[cfg(test)]
    pub(super) faults: Faults,
}

/// What is known of a file without opening it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct FileFacts {
    /// A regular file of this user with a single name.
    pub(super) is_plain: bool,
    /// A folder of this user.
    pub(super) is_folder: bool,
    /// Bytes; 0 for everything but a regular file.
    pub(super) size: u64,
}

impl Disk {
    fn step(&self) -> io::Result<()> {
        #[cfg(test)]
        self.faults.step()?;
        Ok(())
    }

    /// Creates a folder with access for this user alone.
    pub(super) fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        #[cfg_attr(not(unix), allow(unused_mut, reason = "folders have a mode on Unix only"))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }

    /// Removes an empty folder.
    pub(super) fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::remove_dir(path)
    }

    /// The names in a folder. Names that are not UTF-8 are none of the store's.
    pub(super) fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.step()?;
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    pub(super) fn inspect(&self, path: &Path) -> io::Result<FileFacts> {
        self.step()?;
        fs::symlink_metadata(path).map(|metadata| facts(&metadata))
    }

    /// Opens a file that serves as a lock, and creates it if it does not exist.
    pub(super) fn open_lock(&self, path: &Path) -> io::Result<File> {
        self.step()?;
        let file = options().read(true).write(true).create(true).truncate(false).open(path)?;
        require_plain(&file)?;
        Ok(file)
    }

    /// Whether the path still leads to the open file.
    pub(super) fn is_same(&self, file: &File, path: &Path) -> io::Result<bool> {
        self.step()?;
        let (open, named) = (file.metadata()?, fs::symlink_metadata(path)?);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Ok(open.dev() == named.dev() && open.ino() == named.ino())
        }
        #[cfg(not(unix))]
        Ok(open.len() == named.len())
    }

    /// Reads a whole plain file of at most `limit` bytes.
    pub(super) fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        if !self.inspect(path)?.is_plain {
            return Err(not_plain());
        }
        self.step()?;
        let file = options().read(true).open(path)?;
        let size = require_plain(&file)?;
        if size > limit {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is too large"));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Creates a file that is complete as soon as it has its name.
    pub(super) fn write_new(&self, temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        let mut file = options().write(true).create_new(true).open(temporary)?;
        self.write(&mut file, bytes)?;
        drop(file);
        self.rename(temporary, path)
    }

    /// Creates a file, writes to its start and extends it to `size` bytes.
    pub(super) fn create_with_room(&self, path: &Path, bytes: &[u8], size: u64) -> io::Result<()> {
        self.step()?;
        let mut file = options().write(true).create_new(true).open(path)?;
        self.write(&mut file, bytes)?;
        self.step()?;
        file.set_len(size)
    }

    /// Extends a file.
    pub(super) fn extend(&self, path: &Path, size: u64) -> io::Result<()> {
        self.step()?;
        options().write(true).open(path)?.set_len(size)
    }

    /// Writes into an existing file.
    pub(super) fn write_at(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        let mut file = options().write(true).open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        self.write(&mut file, bytes)
    }

    /// Reads at most `limit` bytes from the start of an open file.
    pub(super) fn read_start(&self, mut file: &File, limit: u64) -> io::Result<Vec<u8>> {
        self.step()?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Overwrites the start of an open file.
    pub(super) fn write_start(&self, mut file: &File, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(bytes)
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        fs::rename(from, to)
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::remove_file(path)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        #[cfg(test)]
        if let Err(error) = self.step() {
            // As on a disk that fills up, or when the process ends: a part is written.
            file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        file.write_all(bytes)
    }
}

/// Options that follow no link, do not block and give access to this user alone.
fn options() -> OpenOptions {
    #[cfg_attr(not(unix), allow(unused_mut, reason = "files have a mode on Unix only"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    options
}

/// The size of an open file, if it is plain.
fn require_plain(file: &File) -> io::Result<u64> {
    let facts = facts(&file.metadata()?);
    if facts.is_plain { Ok(facts.size) } else { Err(not_plain()) }
}

fn not_plain() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a regular file of this user with a single name")
}

fn facts(metadata: &Metadata) -> FileFacts {
    #[cfg(unix)]
    let (is_own, is_single) = {
        use std::os::unix::fs::MetadataExt as _;
        (metadata.uid() == rustix::process::geteuid().as_raw(), metadata.nlink() == 1)
    };
    #[cfg(not(unix))]
    let (is_own, is_single) = (true, true);
    FileFacts {
        is_plain: metadata.is_file() && is_own && is_single,
        is_folder: metadata.is_dir() && is_own,
        size: if metadata.is_file() { metadata.len() } else { 0 },
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    /// Opens a path for reading. `None` if that waits.
    fn open(path: &Path) -> Option<io::Result<File>> {
        let (sender, opened) = channel();
        let path = path.to_owned();
        std::thread::spawn(move || sender.send(options().read(true).open(path)));
        opened.recv_timeout(Duration::from_secs(5)).ok()
    }

    #[test]
    fn file_that_is_replaced_before_it_is_opened_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
        let mode = rustix::fs::Mode::RUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let file = open(&pipe).expect("an open that does not wait for a writer").unwrap();
        assert!(require_plain(&file).is_err());
        std::os::unix::fs::symlink("pipe", &link).unwrap();
        assert!(open(&link).expect("an open that does not wait").is_err());
    }
}
