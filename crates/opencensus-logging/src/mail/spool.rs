//! Mails on disk that wait for the mail server.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::mail::Mail;
use crate::private_file;

/// A folder with the waiting mails of one handler, one per file. Several processes may share it: the process that holds
/// a file's lock sends the mail, and the next process finds the mails of one that died. Only the owner may read the
/// files (on Unix).
///
/// On Unix, mails are neither written to nor taken from a folder that other users can write to, or that belongs to
/// another user; only regular files of this user are taken.
#[derive(Clone, Debug)]
pub(super) struct Spool {
    /// The folder of all handlers.
    base: PathBuf,
    folder: PathBuf,
}

/// The file of a mail, locked as long as this lives.
#[derive(Debug)]
pub(super) struct Stored {
    path: PathBuf,
    _file: File,
}

/// The extension of a complete mail.
const COMPLETE: &str = "mail";
/// The extension of a mail that is being written.
const UNFINISHED: &str = "part";
/// The largest file, in bytes.
const LARGEST: u64 = 16 << 20;

/// Mails of earlier processes.
#[derive(Debug)]
pub(super) struct Leftovers {
    /// Mails that no process holds, the oldest first.
    pub(super) mails: Vec<(Mail, Stored)>,
    /// Files that no process holds, and that cannot be read.
    pub(super) unreadable: usize,
    /// Files that were skipped, because there is no room for more mails.
    pub(super) skipped: usize,
}

impl Spool {
    /// The folder of this handler, below the folder of all handlers.
    pub(super) fn new(folder: &Path, handler: &str) -> Self {
        let mut name = String::new();
        for byte in handler.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) {
                name.push(char::from(byte));
            } else {
                name.push_str(&format!("~{byte:02x}"));
            }
        }
        Self { base: folder.to_owned(), folder: folder.join(name) }
    }

    /// Makes the folder, and rejects one that is not private. The user of this process.
    fn prepare(&self) -> io::Result<u32> {
        private_file::make_folder(&self.folder)?;
        let own_uid = private_file::own_uid();
        private_file::check_folder(&self.base, own_uid, true)?;
        private_file::check_folder(&self.folder, own_uid, false)?;
        Ok(own_uid)
    }

    pub(super) fn store(&self, mail: &Mail) -> io::Result<Stored> {
        self.prepare()?;
        let json = to_json(mail).to_string().into_bytes();
        if json.len() as u64 > LARGEST {
            return Err(io::Error::other("it is too large for a file"));
        }
        // The name contains nothing of the mail's text.
        let name = mail.id.split('@').next().unwrap_or_default().replace('.', "-");
        let (part, complete) =
            (self.folder.join(format!("{name}.{UNFINISHED}")), self.folder.join(format!("{name}.{COMPLETE}")));
        let mut file = private_file::new_file().open(&part)?;
        let written = file
            .lock()
            .and_then(|()| file.write_all(&json))
            .and_then(|()| file.sync_data())
            .and_then(|()| fs::rename(&part, &complete));
        match written {
            Ok(()) => Ok(Stored { path: complete, _file: file }),
            Err(error) => {
                let _ = fs::remove_file(&part);
                Err(error)
            }
        }
    }

    /// Takes over up to `most` mails of earlier processes.
    pub(super) fn take_over(&self, most: usize) -> io::Result<Leftovers> {
        let own_uid = self.prepare()?;
        let mut left = Leftovers { mails: Vec::new(), unreadable: 0, skipped: 0 };
        // Names begin with the time.
        let mut paths = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        for path in &paths {
            if left.mails.len() >= most {
                left.skipped += 1;
                continue;
            }
            match adopt(path, own_uid) {
                Adopted::Mail(mail, stored) => left.mails.push((*mail, stored)),
                Adopted::Unreadable => left.unreadable += 1,
                Adopted::Nothing => {}
            }
        }
        let (parts, whole) = left.mails.into_iter().partition::<Vec<_>, _>(|(mail, _)| mail.is_part());
        // A process that died while it split a mail had not sent any part yet.
        let (orphans, others): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|(part, _)| whole.iter().any(|(whole, _)| part.is_part_of(whole)));
        orphans.into_iter().for_each(|(_, stored)| stored.remove());
        left.mails = whole.into_iter().chain(others).collect();
        left.mails.sort_by(|(one, _), (other, _)| (one.created, &one.id).cmp(&(other.created, &other.id)));
        Ok(left)
    }
}

impl Stored {
    /// Removes the file: the mail is delivered or given up.
    pub(super) fn remove(self) {
        // The lock is released after the file is removed: a process that waits for it finds no file. A mail whose file
        // cannot be removed is sent twice, under the same id.
        let _ = fs::remove_file(&self.path);
    }
}

/// The result of taking over a file.
enum Adopted {
    Mail(Box<Mail>, Stored),
    Unreadable,
    /// Another process holds it, or it is not a mail.
    Nothing,
}

fn adopt(path: &Path, own_uid: u32) -> Adopted {
    let is_complete = match path.extension().and_then(|extension| extension.to_str()) {
        Some(COMPLETE) => true,
        Some(UNFINISHED) => false,
        _ => return Adopted::Nothing,
    };
    let mut file = match private_file::open_own(path, own_uid) {
        Ok(Some(file)) => file,
        Ok(None) => return Adopted::Unreadable,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Adopted::Nothing,
        Err(_) => return Adopted::Unreadable,
    };
    // Another process may have sent it meanwhile.
    if file.try_lock().is_err() || !path.exists() {
        return Adopted::Nothing;
    }
    if !is_complete {
        let _ = fs::remove_file(path);
        return Adopted::Nothing;
    }
    match read(&mut file) {
        Some(mail) => Adopted::Mail(Box::new(mail), Stored { path: path.to_owned(), _file: file }),
        None => Adopted::Unreadable,
    }
}

fn read(file: &mut File) -> Option<Mail> {
    // Not one byte of a file that cannot be a mail is read.
    if file.metadata().ok()?.len() > LARGEST {
        return None;
    }
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    of_json(&serde_json::from_str(&text).ok()?)
}

fn to_json(mail: &Mail) -> Value {
    let created = mail.created.duration_since(UNIX_EPOCH).unwrap_or_default();
    json!({
        "id": mail.id,
        "created": created.as_secs_f64(),
        "subject": mail.subject,
        "from": mail.from,
        "to": mail.to,
        "text": mail.text,
        "html": mail.html,
    })
}

fn of_json(value: &Value) -> Option<Mail> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let to = value["to"].as_array()?.iter().map(|to| to.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    let created = Duration::try_from_secs_f64(value["created"].as_f64()?).ok()?;
    Some(Mail {
        id: text("id")?,
        created: UNIX_EPOCH + created,
        subject: text("subject")?,
        from: text("from")?,
        to,
        text: text("text")?,
        html: text("html"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, created: u64) -> Mail {
        let mut mail = Mail::new(subject.to_owned(), "root@localhost".to_owned(), vec!["ann@shop".to_owned()]);
        (mail.created, mail.text) = (UNIX_EPOCH + Duration::from_secs(created), "words".to_owned());
        mail
    }

    #[test]
    fn mails_of_a_process_that_died_are_found_once_and_in_order() {
        let folder = std::env::temp_dir().join(format!("opencensus-spool-{}", std::process::id()));
        let spool = Spool::new(&folder, "de/ep");
        let others = Spool::new(&folder, "other");
        let (second, first) = (mail("second", 2), mail("first", 1));
        let stored = [spool.store(&second).unwrap(), spool.store(&first).unwrap()];
        assert!(spool.take_over(100).unwrap().mails.is_empty(), "this process holds them");
        drop(stored);
        assert!(others.take_over(100).unwrap().mails.is_empty(), "they belong to another handler");
        fs::write(folder.join("de~2fep/torn.mail"), "{\"id\":").unwrap();
        fs::write(folder.join("de~2fep/begun.part"), "{").unwrap();
        let Leftovers { mails: left, unreadable, .. } = spool.take_over(100).unwrap();
        assert_eq!(unreadable, 1);
        assert_eq!(left.iter().map(|(mail, _)| mail).collect::<Vec<_>>(), [&first, &second]);
        assert!(spool.take_over(100).unwrap().mails.is_empty(), "they are taken over already");
        left.into_iter().for_each(|(_, stored)| stored.remove());
        assert!(spool.take_over(100).unwrap().mails.is_empty());
        let names: Vec<_> =
            fs::read_dir(folder.join("de~2fep")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["torn.mail"], "an unreadable file stays for the operator");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn mail_that_was_being_split_is_whole_again_and_the_number_of_mails_is_bounded() {
        let folder = std::env::temp_dir().join(format!("opencensus-spool-parts-{}", std::process::id()));
        let spool = Spool::new(&folder, "mail_admins");
        let (mut whole, single) = (mail("whole", 1), mail("single", 2));
        whole.to.push("bob@shop".to_owned());
        let parts = whole.for_each_recipient().unwrap();
        assert_eq!(parts.iter().map(|part| part.to.len()).collect::<Vec<_>>(), [1, 1]);
        let lonely = mail("lonely", 3);
        let mut of_lonely = lonely.clone();
        of_lonely.to.push("eve@shop".to_owned());
        let orphan = of_lonely.for_each_recipient().unwrap().remove(1);
        for mail in [&whole, &parts[0], &parts[1], &single, &orphan] {
            drop(spool.store(mail).unwrap());
        }
        let left = spool.take_over(100).unwrap();
        assert_eq!(left.mails.iter().map(|(mail, _)| mail).collect::<Vec<_>>(), [&whole, &single, &orphan]);
        drop(left);
        let left = spool.take_over(2).unwrap();
        assert_eq!((left.mails.len(), left.skipped), (2, 1));
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn folder_that_others_can_write_to_is_refused_with_the_remedy() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::new(folder.path(), "mail_admins");
        drop(spool.store(&mail("kept", 1)).unwrap());
        for path in [folder.path().to_owned(), folder.path().join("mail_admins")] {
            for mode in [0o777, 0o770] {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                let error = spool.take_over(100).unwrap_err().to_string();
                assert!(error.contains("can be written to by other users; run `chmod go-w` on it"), "{error}");
                assert!(spool.store(&mail("refused", 2)).is_err());
            }
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        }
        assert_eq!(spool.take_over(100).unwrap().mails.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_folders_of_other_users_are_refused() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("mail_admins")).unwrap();
        let error = Spool::new(folder.path(), "mail_admins").take_over(100).unwrap_err().to_string();
        assert!(error.contains("is a link or no folder"), "{error}");
        let own_uid = private_file::own_uid();
        let error = private_file::check_folder(folder.path(), own_uid + 1, false).unwrap_err().to_string();
        assert!(error.contains("belongs to another user"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn pipes_links_huge_files_and_files_of_other_users_are_no_mails_and_block_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::new(folder.path(), "mail_admins");
        drop(spool.store(&mail("ours", 1)).unwrap());
        let own = folder.path().join("mail_admins");
        let planted = folder.path().join("planted");
        fs::write(&planted, to_json(&mail("planted", 2)).to_string()).unwrap();
        std::os::unix::fs::symlink(&planted, own.join("link.mail")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(own.join("pipe.mail")).status().unwrap();
        assert!(made.success());
        fs::hard_link(&planted, own.join("second_name.mail")).unwrap();
        File::create(own.join("huge.mail")).unwrap().set_len(5 << 30).unwrap();
        let left = spool.take_over(100).unwrap();
        assert_eq!((left.mails.len(), left.unreadable), (1, 4));
        assert_eq!(left.mails[0].0.subject, "ours");
    }
}
