//! A backend that writes mails to files.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Zoned;

use crate::mail::mime::{SEPARATOR, compose};
use crate::mail::{Mail, MailBackend, MailError};
use crate::private_file;

/// Writes each mail to its own file, `YYYYmmdd-HHMMSS-<number>.log`, in a folder that is created if it does not exist.
/// Only the owner may read the files (on Unix). A file has this name once it is complete, and `.part` before.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{FileBackend, MailSettings};
///
/// let mail = MailSettings::default().with_backend(FileBackend::new("/var/spool/shop"));
/// ```
#[derive(Debug)]
pub struct FileBackend {
    folder: PathBuf,
    number: AtomicU64,
}

impl FileBackend {
    /// A backend that writes to this folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), number: AtomicU64::new(0) }
    }
}

impl MailBackend for FileBackend {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let text = compose(mail)?.formatted();
        private_file::make_folder(&self.folder)?;
        let now = Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
        let number = u64::from(std::process::id()) << 20 | (self.number.fetch_add(1, Ordering::Relaxed) & 0xf_ffff);
        let path = self.folder.join(format!("{now}-{number}.log"));
        // The name contains nothing of the mail. A reader of the folder finds complete mails only.
        let part = path.with_extension("part");
        let mut file = private_file::new_file().open(&part)?;
        let end = format!("\n{SEPARATOR}\n");
        let written = file.write_all(&text).and_then(|()| file.write_all(end.as_bytes()));
        if let Err(error) = written.and_then(|()| fs::rename(&part, &path)) {
            let _ = fs::remove_file(&part);
            return Err(error.into());
        }
        Ok(())
    }
}
