//! A file that is written line by line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::handler_error::HandlerError;
use crate::handlers::Encoding;
use crate::handlers::file_identity::{has_name, is_moved};

/// A file that is written line by line.
#[derive(Debug)]
pub(crate) struct LineFile {
    path: PathBuf,
    encoding: Encoding,
    look: Look,
    truncate: bool,
    file: Option<File>,
    // `None`: since the file was opened, nothing has looked where the path leads.
    looked: Option<Instant>,
    // The last line was not written completely.
    torn: bool,
    upkeep: Upkeep,
}

/// Whether a file that was moved, removed or replaced is noticed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Look {
    /// Lines go on to the open file, as with Python's `FileHandler`.
    Never,
    /// Before a line, after this time at the earliest.
    Every(Duration),
}

impl Look {
    /// The look of handlers that do not follow Python in this.
    pub(crate) const DEFAULT: Self = Self::Every(Duration::from_secs(1));
    /// Before each line, as Python's `WatchedFileHandler`.
    pub(crate) const ALWAYS: Self = Self::Every(Duration::ZERO);
}

/// The state of the work on a file that is not about a line: opening the path again, and rotation. Its failures lose no
/// record.
#[derive(Debug, Default)]
struct Upkeep {
    // Not yet reported.
    complaint: Option<String>,
    is_failing: bool,
    is_cleanup_failing: bool,
    retry: Option<Instant>,
}

/// The time between a failure and the next attempt.
const RETRY: Duration = Duration::from_secs(10);

/// The mode of new files: other users cannot read them, and their group, such as that of a log shipper, can.
#[cfg(unix)]
const MODE: u32 = 0o640;

impl LineFile {
    /// The file; it is opened now, unless `delay` is set.
    pub(crate) fn new(path: PathBuf, encoding: Encoding, look: Look, delay: bool) -> io::Result<Self> {
        let (truncate, torn, upkeep) = (false, false, Upkeep::default());
        let mut file = Self { path, encoding, look, truncate, file: None, looked: None, torn, upkeep };
        if !delay {
            file.open()?;
        }
        Ok(file)
    }

    /// Truncates the file when the configuration that made the handler is applied.
    pub(crate) fn truncate_once(&mut self) {
        self.truncate = true;
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The length in bytes of the file itself: other handlers and processes may write to it. Opens the file if it is not
    /// open yet.
    pub(crate) fn len(&mut self) -> io::Result<u64> {
        Ok(self.open()?.metadata()?.len())
    }

    fn open(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            self.file = Some(open(&self.path)?);
            self.looked = None;
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("the file is not open"))
    }

    /// Called when the configuration that made the handler is applied: truncates the file, if that is configured.
    pub(crate) fn activate(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.truncate) {
            self.open()?.set_len(0)?;
        }
        Ok(())
    }

    pub(crate) fn close(&mut self) {
        self.file = None;
    }

    /// A failure that is not reported yet. It lost no record.
    pub(crate) fn take_complaint(&mut self) -> Option<String> {
        self.upkeep.complaint.take()
    }

    /// Continues with the file to which the path leads, if that is due.
    pub(crate) fn look(&mut self) {
        let Look::Every(pause) = self.look else { return };
        let now = Instant::now();
        if self.looked.is_none_or(|looked| now.saturating_duration_since(looked) >= pause) {
            self.looked = Some(now);
            self.follow_path();
        }
    }

    /// Continues with the file to which the path leads. Whether it is another one than before.
    pub(crate) fn follow_path(&mut self) -> bool {
        let Some(open_file) = self.file.as_ref().filter(|file| is_moved(file, &self.path)) else { return false };
        match open(&self.path) {
            Ok(file) => {
                (self.file, self.torn) = (Some(file), false);
                self.upkeep.succeeded();
            }
            // Such as a folder that only root can write to, for a process that was root.
            Err(error) if has_name(open_file) => {
                let path = self.path.display();
                self.upkeep
                    .failed(&format!("`{path}` was moved and cannot be opened ({error}); the moved file is used"));
                return false;
            }
            // The file is removed: the next line fails with the reason why there is no other.
            Err(_) => self.file = None,
        }
        true
    }

    /// Whether a rotation may be tried: not soon after one that failed.
    pub(crate) fn may_rotate(&self) -> bool {
        self.upkeep.retry.is_none_or(|retry| retry <= Instant::now())
    }

    /// Gives the file another name, by `rename`, and opens the path anew. If another process does so at the same time,
    /// one of them renames, and both continue with the new file. `false`: it failed, and the file is used on.
    pub(crate) fn rotate(&mut self, rename: impl FnOnce(&Path) -> io::Result<()>) -> bool {
        // Opening it may fail: the line fails, then, too.
        if self.open().is_err() || self.follow_path() {
            return true;
        }
        let Some(_lock) = self.lock_rotation() else { return true };
        if self.follow_path() {
            return true;
        }
        let renamed = rename(&self.path).and_then(|()| open(&self.path));
        match renamed {
            Ok(file) => {
                (self.file, self.looked, self.torn) = (Some(file), None, false);
                self.upkeep.succeeded();
                true
            }
            Err(error) => {
                let text =
                    format!("`{}` cannot be rotated ({error}); it is used on, and tried again", self.path.display());
                self.upkeep.failed(&text);
                false
            }
        }
    }

    /// A lock among the processes that rotate the file. `None`: another one holds it.
    #[cfg(unix)]
    fn lock_rotation(&self) -> Option<RotationLock> {
        // Another open file of the same inode: it can be unlocked after the file is renamed.
        let file = File::open(&self.path).or_else(|_| OpenOptions::new().append(true).open(&self.path)).ok()?;
        file.try_lock().is_ok().then_some(RotationLock(Some(file)))
    }

    /// Locks of Windows would also keep other processes from writing.
    #[cfg(not(unix))]
    fn lock_rotation(&self) -> Option<RotationLock> {
        Some(RotationLock(None))
    }

    /// Notes the result of the removal of older files, which does not affect the rotation.
    pub(crate) fn cleaned_up(&mut self, result: io::Result<()>) {
        let was_failing = std::mem::replace(&mut self.upkeep.is_cleanup_failing, result.is_err());
        if let Some(error) = result.err().filter(|_| !was_failing) {
            let text = format!("older files of `{}` cannot be removed ({error})", self.path.display());
            self.upkeep.complaint = Some(text);
        }
    }

    /// Writes a record's line. An incomplete line before it is ended first.
    pub(crate) fn write(&mut self, text: &str) -> Result<(), HandlerError> {
        let bytes = self.encoding.encode(text)?;
        Ok(self.write_bytes(&bytes)?)
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.activate()?;
        self.look();
        let (was_torn, mark) = (std::mem::take(&mut self.torn), self.encoding.charset.mark());
        let file = self.open()?;
        let is_at_start = !mark.is_empty() && file.metadata()?.len() == 0;
        let mark = if is_at_start { mark } else { b"" };
        let newline: &[u8] = if was_torn { b"\n" } else { b"" };
        let (mut written, mut result) = (0, Ok(()));
        for part in [newline, mark, bytes] {
            let mut rest = part;
            while !rest.is_empty() && result.is_ok() {
                match file.write(rest) {
                    Ok(0) => result = Err(io::ErrorKind::WriteZero.into()),
                    Ok(count) => {
                        written += count;
                        rest = &rest[count..];
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => result = Err(error),
                }
            }
        }
        self.torn = result.is_err() && (written > 0 || was_torn);
        result
    }
}

/// Held while a file is rotated.
struct RotationLock(#[expect(dead_code, reason = "closing the file unlocks it")] Option<File>);

impl Upkeep {
    fn failed(&mut self, text: &str) {
        // The same failure is not reported again, until something succeeds.
        if !std::mem::replace(&mut self.is_failing, true) {
            self.complaint = Some(text.to_owned());
        }
        self.retry = Some(Instant::now() + RETRY);
    }

    fn succeeded(&mut self) {
        (self.is_failing, self.retry) = (false, None);
    }
}

/// Opens a file for lines at its end, even if other processes write to it.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, MODE);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(folder: &Path, look: Look) -> LineFile {
        LineFile::new(folder.join("app.log"), Encoding::default(), look, false).unwrap()
    }

    fn read(folder: &Path, name: &str) -> String {
        std::fs::read_to_string(folder.join(name)).unwrap()
    }

    #[test]
    fn incomplete_line_is_ended_before_the_next_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = opened(folder.path(), Look::DEFAULT);
        file.write("cut o").unwrap();
        file.torn = true;
        file.write("whole\n").unwrap();
        file.write("next\n").unwrap();
        assert_eq!((read(folder.path(), "app.log").as_str(), file.len().unwrap()), ("cut o\nwhole\nnext\n", 17));
    }

    #[cfg(unix)]
    #[test]
    fn file_that_was_moved_or_removed_is_noticed_within_a_second() {
        for change in ["moved", "removed", "replaced"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("app.log");
            let mut file = opened(folder.path(), Look::DEFAULT);
            file.write("before\n").unwrap();
            match change {
                "removed" => std::fs::remove_file(&path).unwrap(),
                _ => std::fs::rename(&path, folder.path().join("old")).unwrap(),
            }
            if change == "replaced" {
                std::fs::write(&path, "").unwrap();
            }
            file.write("within the second\n").unwrap();
            file.looked = file.looked.and_then(|looked| looked.checked_sub(Duration::from_secs(1)));
            file.write("after\n").unwrap();
            assert_eq!(read(folder.path(), "app.log"), "after\n", "{change}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn moved_file_is_used_on_if_the_path_cannot_be_opened_and_that_is_reported_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = opened(folder.path(), Look::ALWAYS);
        std::fs::rename(folder.path().join("app.log"), folder.path().join("old")).unwrap();
        std::fs::create_dir(folder.path().join("app.log")).unwrap();
        for _ in 0..3 {
            file.write("kept\n").unwrap();
        }
        assert_eq!(read(folder.path(), "old"), "kept\nkept\nkept\n");
        let complaint = file.take_complaint().unwrap();
        assert!(complaint.contains("was moved and cannot be opened"), "{complaint}");
        file.write("kept\n").unwrap();
        assert!(file.take_complaint().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn rotation_that_another_process_has_done_is_not_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let (mut ours, mut theirs) = (opened(folder.path(), Look::DEFAULT), opened(folder.path(), Look::DEFAULT));
        let rename = |path: &Path| std::fs::rename(path, path.with_file_name("old"));
        ours.write("first\n").unwrap();
        assert!(theirs.rotate(rename));
        theirs.write("second\n").unwrap();
        assert!(ours.rotate(|_| panic!("the file is rotated already")));
        ours.write("third\n").unwrap();
        assert_eq!(
            (read(folder.path(), "old").as_str(), read(folder.path(), "app.log").as_str()),
            ("first\n", "second\nthird\n")
        );
    }

    #[test]
    fn rotation_that_fails_is_reported_once_and_tried_again_later() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = opened(folder.path(), Look::DEFAULT);
        let fails = |_: &Path| Err(io::Error::other("device or resource busy"));
        assert!(!file.rotate(fails));
        file.write("kept\n").unwrap();
        assert!(!file.may_rotate(), "not at once");
        assert!(file.take_complaint().unwrap().contains("device or resource busy"));
        file.upkeep.retry = file.upkeep.retry.and_then(|retry| retry.checked_sub(RETRY));
        assert!(file.may_rotate() && !file.rotate(fails));
        assert!(file.take_complaint().is_none(), "one complaint");
        assert!(file.rotate(|path| std::fs::rename(path, path.with_file_name("old"))));
        assert_eq!(read(folder.path(), "old"), "kept\n");
    }

    #[cfg(unix)]
    #[test]
    fn other_users_cannot_read_new_files() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = opened(folder.path(), Look::DEFAULT);
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777 & !0o640, 0, "{mode:o}");
    }
}
