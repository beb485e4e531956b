//! Mails on disk, until somebody has taken them.

use std::fs::{self, DirEntry, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::mail::Mail;

/// A folder of mails, one a file, for one process or several: whoever has a file's lock sends it, so what a process
/// that died leaves behind is found by the next one. Nobody but the owner may read them (on Unix).
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

impl Spool {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn store(&self, mail: &Mail) -> io::Result<Stored> {
        self.make_folder()?;
        // The name is this crate's own: nothing of the mail's words is in it.
        let name = mail.id.split('@').next().unwrap_or_default().replace('.', "-");
        let (part, whole) =
            (self.folder.join(format!("{name}.{UNFINISHED}")), self.folder.join(format!("{name}.{WHOLE}")));
        let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&part)?;
        let written = file
            .lock()
            .and_then(|()| file.write_all(&to_json(mail).to_string().into_bytes()))
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

    /// Mails that no process has, the oldest first.
    pub(super) fn left_behind(&self) -> io::Result<Vec<(Mail, Stored)>> {
        self.make_folder()?;
        let mut left: Vec<_> = fs::read_dir(&self.folder)?.filter_map(|entry| adopt(&entry.ok()?)).collect();
        left.sort_by(|(one, _), (other, _)| (one.created, &one.id).cmp(&(other.created, &other.id)));
        Ok(left)
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)
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

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// The mail of a file, if it is whole and nobody has it.
fn adopt(entry: &DirEntry) -> Option<(Mail, Stored)> {
    let path = entry.path();
    let is_whole = match path.extension()?.to_str()? {
        WHOLE => true,
        UNFINISHED => false,
        _ => return None,
    };
    let mut file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
    file.try_lock().ok()?;
    // Meanwhile somebody may have sent it.
    if !path.exists() {
        return None;
    }
    if !is_whole {
        let _ = fs::remove_file(&path);
        return None;
    }
    let mut text = String::new();
    (&mut file).take(LARGEST).read_to_string(&mut text).ok()?;
    let mail = of_json(&serde_json::from_str(&text).ok()?)?;
    Some((mail, Stored { path, _file: file }))
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
        let spool = Spool::new(folder.join("deep"));
        let (second, first) = (mail("second", 2), mail("first", 1));
        let stored = [spool.store(&second).unwrap(), spool.store(&first).unwrap()];
        assert!(spool.left_behind().unwrap().is_empty(), "they are this process's");
        drop(stored);
        fs::write(folder.join("deep/torn.mail"), "{\"id\":").unwrap();
        fs::write(folder.join("deep/begun.part"), "{").unwrap();
        let left = spool.left_behind().unwrap();
        assert_eq!(left.iter().map(|(mail, _)| mail).collect::<Vec<_>>(), [&first, &second]);
        assert!(spool.left_behind().unwrap().is_empty(), "they are found already");
        left.into_iter().for_each(|(_, stored)| stored.remove());
        assert!(spool.left_behind().unwrap().is_empty());
        let names: Vec<_> =
            fs::read_dir(folder.join("deep")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["torn.mail"], "what cannot be read stays for a person to look at");
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(format!("opencensus-private-spool-{}", std::process::id()));
        let stored = Spool::new(folder.clone()).store(&mail("secret", 1)).unwrap();
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&stored.path)), (0o700, 0o600));
        fs::remove_dir_all(folder).unwrap();
    }
}
