//! The file with the token of a running portal, which only the user of the portal can read.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The most bytes of a token.
const MAX_BYTES: u64 = 1024;

/// The file of a portal of this process. Dropping it deletes the file.
#[derive(Debug)]
pub(super) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// Writes the token of the portal on this port to the state folder, which exists.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(super) fn write(folder: &Path, port: u16, token: &str) -> io::Result<Self> {
        let path = path(folder, port);
        // One that a killed portal has left behind.
        let _ = fs::remove_file(&path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(token.as_bytes())?;
        Ok(Self { path })
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The token of the portal on this port, if the state folder has it.
pub(super) fn read(folder: &Path, port: u16) -> Option<String> {
    let mut token = String::new();
    let file = fs::File::open(path(folder, port)).ok()?;
    file.take(MAX_BYTES).read_to_string(&mut token).ok()?;
    Some(token.trim().to_owned())
}

fn path(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!("token-{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_private_and_ends_with_the_portal() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(path(folder.path(), 7), "old").unwrap();
        let file = TokenFile::write(folder.path(), 7, "secret").unwrap();
        assert_eq!((read(folder.path(), 7).as_deref(), read(folder.path(), 8)), (Some("secret"), None));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&file.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(file);
        assert_eq!(read(folder.path(), 7), None);
    }
}
