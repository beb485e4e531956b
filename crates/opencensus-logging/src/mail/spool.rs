//! Mails on disk, until somebody has taken them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::mail::Mail;
use crate::private_file as private;

/// A folder of one handler's mails, one a file, for one process or several: whoever has a file's lock sends it, so what
/// a process that died leaves behind is found by the next one. Nobody but the owner may read them (on Unix).
#[derive(Clone, Debug)]
pub(super) struct Spool {
    folder: PathBuf,
}

/// A mail's file. Locked as long as this lives.
#[derive(Debug)]
pub(super) struct Stored {
    path: PathBuf,
    _file: File,
}

/// Ends the name of a mail that is whole.
const WHOLE: &str = "mail";
/// And of one that is being written.
const UNFINISHED: &str = "part";
/// Larger files are none of ours, in bytes.
const LARGEST: u64 = 16 << 20;

/// What an earlier process left behind.
#[derive(Debug)]
pub(super) struct Left {
    /// Mails that no process has, the oldest first.
    pub(super) mails: Vec<(Mail, Stored)>,
    /// Files that no process has and nobody can read.
    pub(super) unreadable: usize,
    /// Files that were not looked at: there is no room for them.
    pub(super) untouched: usize,
}

impl Spool {
    /// The mails of this handler in a folder of several.
    pub(super) fn new(folder: &Path, handler: &str) -> Self {
        let mut name = String::new();
        for byte in handler.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) {
                name.push(char::from(byte));
            } else {
                name.push_str(&format!("~{byte:02x}"));
            }
        }
        Self { folder: folder.join(name) }
    }

    pub(super) fn store(&self, mail: &Mail) -> io::Result<Stored> {
        private::make_folder(&self.folder)?;
        let json = to_json(mail).to_string().into_bytes();
        if json.len() as u64 > LARGEST {
            return Err(io::Error::other("it is too long for a file"));
        }
        // The name is this crate's own: nothing of the mail's words is in it.
        let name = mail.id.split('@').next().unwrap_or_default().replace('.', "-");
        let (part, whole) =
            (self.folder.join(format!("{name}.{UNFINISHED}")), self.folder.join(format!("{name}.{WHOLE}")));
        let mut file = private::new_file().open(&part)?;
        let written = file
            .lock()
            .and_then(|()| file.write_all(&json))
            .and_then(|()| file.sync_data())
            .and_then(|()| fs::rename(&part, &whole));
        match written {
            Ok(()) => Ok(Stored { path: whole, _file: file }),
            Err(error) => {
                let _ = fs::remove_file(&part);
                Err(error)
            }
        }
    }

    /// At most so many mails.
    pub(super) fn left_behind(&self, most: usize) -> io::Result<Left> {
        private::make_folder(&self.folder)?;
        let mut left = Left { mails: Vec::new(), unreadable: 0, untouched: 0 };
        // The names begin with the time.
        let mut paths = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        for path in &paths {
            if left.mails.len() >= most {
                left.untouched += 1;
                continue;
            }
            match adopt(path) {
                Adopted::Mail(mail, stored) => left.mails.push((*mail, stored)),
                Adopted::Unreadable => left.unreadable += 1,
                Adopted::Nothing => {}
            }
        }
        let (parts, whole) = left.mails.into_iter().partition::<Vec<_>, _>(|(mail, _)| mail.is_part());
        // A process that died while it divided a mail had sent no part yet.
        let (orphans, others): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|(part, _)| whole.iter().any(|(whole, _)| part.is_part_of(whole)));
        orphans.into_iter().for_each(|(_, stored)| stored.remove());
        left.mails = whole.into_iter().chain(others).collect();
        left.mails.sort_by(|(one, _), (other, _)| (one.created, &one.id).cmp(&(other.created, &other.id)));
        Ok(left)
    }
}

impl Stored {
    /// Somebody has it now.
    pub(super) fn remove(self) {
        // The lock goes after the name: who waits for it finds no file. One that cannot be removed is sent twice, by its
        // one id.
        let _ = fs::remove_file(&self.path);
    }
}

/// What a file is.
enum Adopted {
    Mail(Box<Mail>, Stored),
    Unreadable,
    /// Somebody has it, or it is no mail.
    Nothing,
}

fn adopt(path: &Path) -> Adopted {
    let is_whole = match path.extension().and_then(|extension| extension.to_str()) {
        Some(WHOLE) => true,
        Some(UNFINISHED) => false,
        _ => return Adopted::Nothing,
    };
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Adopted::Nothing,
        Err(_) => return Adopted::Unreadable,
    };
    // Meanwhile somebody may have sent it.
    if file.try_lock().is_err() || !path.exists() {
        return Adopted::Nothing;
    }
    if !is_whole {
        let _ = fs::remove_file(path);
        return Adopted::Nothing;
    }
    match read(&mut file) {
        Some(mail) => Adopted::Mail(Box::new(mail), Stored { path: path.to_owned(), _file: file }),
        None => Adopted::Unreadable,
    }
}

fn read(file: &mut File) -> Option<Mail> {
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
    fn mails_of_a_process_that_died_are_found_once_and_in_their_order() {
        let folder = std::env::temp_dir().join(format!("opencensus-spool-{}", std::process::id()));
        let spool = Spool::new(&folder, "de/ep");
        let others = Spool::new(&folder, "other");
        let (second, first) = (mail("second", 2), mail("first", 1));
        let stored = [spool.store(&second).unwrap(), spool.store(&first).unwrap()];
        assert!(spool.left_behind(100).unwrap().mails.is_empty(), "they are this process's");
        drop(stored);
        assert!(others.left_behind(100).unwrap().mails.is_empty(), "they are another handler's");
        fs::write(folder.join("de~2fep/torn.mail"), "{\"id\":").unwrap();
        fs::write(folder.join("de~2fep/begun.part"), "{").unwrap();
        let Left { mails: left, unreadable, .. } = spool.left_behind(100).unwrap();
        assert_eq!(unreadable, 1);
        assert_eq!(left.iter().map(|(mail, _)| mail).collect::<Vec<_>>(), [&first, &second]);
        assert!(spool.left_behind(100).unwrap().mails.is_empty(), "they are found already");
        left.into_iter().for_each(|(_, stored)| stored.remove());
        assert!(spool.left_behind(100).unwrap().mails.is_empty());
        let names: Vec<_> =
            fs::read_dir(folder.join("de~2fep")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["torn.mail"], "what cannot be read stays for a person to look at");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn mail_that_was_being_divided_is_whole_again_and_no_more_than_wanted_are_taken() {
        let folder = std::env::temp_dir().join(format!("opencensus-spool-parts-{}", std::process::id()));
        let spool = Spool::new(&folder, "mail_admins");
        let (mut whole, single) = (mail("whole", 1), mail("single", 2));
        whole.to.push("bob@shop".to_owned());
        let parts = whole.one_by_one().unwrap();
        assert_eq!(parts.iter().map(|part| part.to.len()).collect::<Vec<_>>(), [1, 1]);
        let lonely = mail("lonely", 3);
        let mut of_lonely = lonely.clone();
        of_lonely.to.push("eve@shop".to_owned());
        let orphan = of_lonely.one_by_one().unwrap().remove(1);
        for mail in [&whole, &parts[0], &parts[1], &single, &orphan] {
            drop(spool.store(mail).unwrap());
        }
        let left = spool.left_behind(100).unwrap();
        assert_eq!(left.mails.iter().map(|(mail, _)| mail).collect::<Vec<_>>(), [&whole, &single, &orphan]);
        drop(left);
        let left = spool.left_behind(2).unwrap();
        assert_eq!((left.mails.len(), left.untouched), (2, 1));
        fs::remove_dir_all(folder).unwrap();
    }
}
