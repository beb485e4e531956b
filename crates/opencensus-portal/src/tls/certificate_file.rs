//! Keeps the certificate in a folder.
//!
//! `server.pem` has certificate and key, and only its owner can read it. `certificate.pem` is what clients trust.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::tls::certificate::Certificate;
use crate::tls::error::CertificateError;

const SERVER: &str = "server.pem";
const AUTHORITY: &str = "certificate.pem";
const LOCK: &str = "lock";
/// The most bytes of a file that can be one of these.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads the certificate of a folder, or makes it if there is none, or one that is malformed, expires, or can be read by
/// other users. Returns it with the path of the file that clients trust.
pub(crate) fn open_in_folder(folder: &Path, now: i64) -> Result<(Certificate, PathBuf), CertificateError> {
    create_folder(folder)?;
    let _lock = lock(folder)?;
    let server = folder.join(SERVER);
    let certificate = match read(&server, now) {
        Some(certificate) => certificate,
        None => {
            let certificate = Certificate::make(now)?;
            replace(&server, certificate.text(), 0o600)?;
            certificate
        }
    };
    let authority = folder.join(AUTHORITY);
    if fs::read(&authority).ok().as_deref() != Some(certificate.authority().as_bytes()) {
        replace(&authority, certificate.authority(), 0o644)?;
    }
    Ok((certificate, authority))
}

/// Waits until no other process makes a certificate here. The lock ends with the file.
fn lock(folder: &Path) -> Result<File, CertificateError> {
    let path = folder.join(LOCK);
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    set_mode(&mut options, 0o600);
    let locked = options.open(&path).and_then(|file| match file.lock() {
        Err(error) if error.kind() != ErrorKind::Unsupported => Err(error),
        _ => Ok(file),
    });
    locked.map_err(CertificateError::of_file(path))
}

fn read(path: &Path, now: i64) -> Option<Certificate> {
    let file = File::open(path).ok().filter(is_private)?;
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Certificate::parse(text, now)
}

/// Replaces the file in one step: readers see the old text or the new one.
fn replace(path: &Path, text: &str, mode: u32) -> Result<(), CertificateError> {
    let temporary = path.with_extension("new");
    let _ = fs::remove_file(&temporary);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    set_mode(&mut options, mode);
    let written = options.open(&temporary).and_then(|mut file| file.write_all(text.as_bytes()));
    written.and_then(|()| fs::rename(&temporary, path)).map_err(CertificateError::of_file(path))
}

/// Creates a folder that only its owner can use. A folder that other users can write to is refused.
fn create_folder(folder: &Path) -> Result<(), CertificateError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(CertificateError::of_file(folder))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(folder).map_err(CertificateError::of_file(folder))?;
        if metadata.mode() & 0o022 != 0 {
            return Err(CertificateError::FolderOfOthers(folder.into()));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(options: &mut OpenOptions, mode: u32) {
    std::os::unix::fs::OpenOptionsExt::mode(options, mode);
}

/// Folders of users are private on other systems.
#[cfg(not(unix))]
fn set_mode(_: &mut OpenOptions, _: u32) {}

/// Whether the file is this user's and no other user can read it.
#[cfg(unix)]
fn is_private(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    file.metadata().is_ok_and(|metadata| metadata.mode() & 0o077 == 0 && metadata.uid() == own)
}

#[cfg(not(unix))]
fn is_private(_: &File) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    const NOW: i64 = 1_709_618_828_000_000;
    const YEAR: i64 = 366 * 24 * 60 * 60 * 1_000_000;

    fn open(folder: &Path, now: i64) -> (String, String) {
        let (certificate, path) = open_in_folder(folder, now).unwrap();
        assert_eq!(path, folder.join(AUTHORITY));
        (certificate.text().to_owned(), fs::read_to_string(path).unwrap())
    }

    #[test]
    fn certificate_is_kept_until_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("a/b");
        let first = open(&folder, NOW);
        assert_eq!(open(&folder, NOW + 1), first);
        let second = open(&folder, NOW + YEAR + YEAR / 12);
        assert!(second.0 != first.0 && second.1 != first.1);
        let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [AUTHORITY, LOCK, SERVER]);
    }

    #[test]
    fn malformed_certificate_is_made_again_and_a_missing_authority_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("state");
        let first = open(&folder, NOW);
        fs::remove_file(folder.join(AUTHORITY)).unwrap();
        assert_eq!(open(&folder, NOW), first);
        fs::write(folder.join(AUTHORITY), "of another certificate").unwrap();
        assert_eq!(open(&folder, NOW), first);
        fs::write(folder.join(SERVER), &first.0[..first.0.len() - 40]).unwrap();
        let second = open(&folder, NOW);
        assert!(second.0 != first.0 && second.1 != first.1);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_folder_and_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("state");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let first = open(&folder, NOW);
        let server = folder.join(SERVER);
        assert_eq!((mode(&folder), mode(&server), mode(&folder.join(AUTHORITY))), (0o700, 0o600, 0o644));
        fs::set_permissions(&server, fs::Permissions::from_mode(0o640)).unwrap();
        let second = open(&folder, NOW);
        assert!(second.0 != first.0 && mode(&server) == 0o600);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o770)).unwrap();
        let refused = open_in_folder(&folder, NOW).err().unwrap();
        assert!(matches!(refused, CertificateError::FolderOfOthers(_)), "{refused}");
    }

    #[test]
    fn portals_that_start_at_once_have_one_certificate() {
        for round in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path().join("state");
            let start = Barrier::new(8);
            let open = || {
                start.wait();
                open(&folder, NOW)
            };
            let opened = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            assert!(opened.iter().all(|one| *one == opened[0]), "{round}");
        }
    }
}
