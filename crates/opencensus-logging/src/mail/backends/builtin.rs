//! What sends mails.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Zoned;
use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};

use crate::handlers::Stream;
use crate::lock::lock;
use crate::mail::Mail;
use crate::private_file as private;

/// Sends mails. Several threads may call it at once. A function is one: what an
/// overridden `AdminEmailHandler.send_mail` is in Django.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use opencensus_logging::mail::{Mail, MailError};
///
/// let to_chat = |mail: &Mail| -> Result<(), MailError> {
///     println!("{}: {}", mail.subject, mail.text);
///     Ok(())
/// };
/// let logging = Logging::builder().with_mail_backend("chat", to_chat).build();
/// logging.configure_toml(r#"
///     version = 1
///     handlers.chat = { class = "mail_admins", email_backend = "chat" }
///     root.handlers = ["chat"]
/// "#)?;
/// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
/// ```
pub trait MailBackend: Send + Sync {
    /// Sends a mail, and waits until that is done.
    ///
    /// # Errors
    ///
    /// It could not be sent.
    fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

impl<F: Fn(&Mail) -> Result<(), MailError> + Send + Sync> MailBackend for F {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self(mail)
    }
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// An address makes no sense.
    #[error("`{0}` is no address")]
    Address(String),
    /// The mail could not be put together.
    #[error("the mail could not be put together: {0}")]
    Message(#[from] lettre::error::Error),
    /// The server did not take it.
    #[error("the mail server: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// It could not be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Nothing sends mails.
    #[error("no mail backend is known")]
    NoBackend,
    /// Somebody does not want it, now or later: of a backend of one's own.
    #[error("refused: {0}")]
    Refused(Box<dyn Error + Send + Sync>),
    /// Something else, of a backend of one's own. The mail is tried again.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

/// What servers answer to a login that they do not want: somebody may mend that.
const LOGIN: [u16; 4] = [530, 534, 535, 538];

/// What a server answers that goes away: nobody will be better off.
const GOES_AWAY: u16 = 421;

impl MailError {
    /// Whether another recipient of the mail may have it.
    pub(crate) fn is_about_recipients(&self) -> bool {
        match self {
            Self::Address(_) => true,
            Self::Smtp(error) => match error.status() {
                Some(code) => !LOGIN.contains(&code.into()) && u16::from(code) != GOES_AWAY,
                // Such as an address that the server cannot have.
                None => error.is_client(),
            },
            _ => false,
        }
    }

    /// Whether another mail may be sent.
    pub(crate) fn is_about_one_mail(&self) -> bool {
        self.is_permanent() || self.is_about_recipients() || matches!(self, Self::Other(_))
    }

    /// Whether it makes no sense to try again.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Address(_) | Self::Message(_) | Self::NoBackend | Self::Refused(_) => true,
            Self::Smtp(error) => {
                error.is_permanent() && !error.status().is_some_and(|code| LOGIN.contains(&code.into()))
            }
            Self::Io(_) | Self::Other(_) => false,
        }
    }
}

/// Longest word of a header, in characters: longer lines than 998 bytes are none (RFC 5322, section 2.1.1), and a line
/// can be folded at blanks alone.
const LONGEST_WORD: usize = 900;

/// The subject with blanks in words that no line could hold.
fn foldable(subject: &str) -> String {
    let (mut out, mut word) = (String::with_capacity(subject.len()), 0);
    for c in subject.chars() {
        word = if c == ' ' { 0 } else { word + 1 };
        if word > LONGEST_WORD {
            out.push(' ');
            word = 1;
        }
        out.push(c);
    }
    out
}

/// The mail as it travels.
pub(crate) fn message(mail: &Mail) -> Result<Message, MailError> {
    let mailbox = |address: &String| address.parse::<Mailbox>().map_err(|_| MailError::Address(address.clone()));
    let id = format!("<{}>", mail.id);
    let builder = Message::builder().from(mailbox(&mail.from)?).subject(foldable(&mail.subject));
    let mut builder = builder.message_id(Some(id)).date(mail.created);
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone());
    Ok(match &mail.html {
        None => builder.singlepart(text)?,
        Some(html) => {
            let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(html.clone());
            builder.multipart(MultiPart::alternative().singlepart(text).singlepart(html))?
        }
    })
}

/// Between mails in a file.
const DASHES: &str = "-------------------------------------------------------------------------------";

/// Keeps mails.
#[derive(Clone, Debug, Default)]
pub struct MemoryBackend {
    mails: Arc<Mutex<Vec<Mail>>>,
}

impl MemoryBackend {
    /// The mails so far.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.mails).clone()
    }
}

impl MailBackend for MemoryBackend {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        lock(&self.mails).push(mail.clone());
        Ok(())
    }
}

/// Forgets mails.
#[derive(Clone, Copy, Debug, Default)]
pub struct DummyBackend;

impl MailBackend for DummyBackend {
    fn send(&self, _: &Mail) -> Result<(), MailError> {
        Ok(())
    }
}

/// Writes mails to a stream, by default standard output.
#[derive(Clone, Debug)]
pub struct ConsoleBackend {
    stream: Stream,
}

impl ConsoleBackend {
    /// Writes to this stream.
    #[must_use]
    pub fn new(stream: Stream) -> Self {
        Self { stream }
    }
}

impl Default for ConsoleBackend {
    fn default() -> Self {
        Self::new(Stream::new(std::io::stdout()))
    }
}

impl MailBackend for ConsoleBackend {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let text = String::from_utf8_lossy(&message(mail)?.formatted()).replace("\r\n", "\n");
        Ok(self.stream.write(&format!("{}\n{DASHES}\n", text.trim_end_matches('\n')))?)
    }
}

/// Writes each mail to a file of its own, `YYYYmmdd-HHMMSS-<number>.log`, in a folder that is made if it is not there. Nobody but the owner may read them (on Unix).
#[derive(Debug)]
pub struct FileBackend {
    folder: PathBuf,
    number: AtomicU64,
}

impl FileBackend {
    /// In this folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), number: AtomicU64::new(0) }
    }
}

impl MailBackend for FileBackend {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let text = message(mail)?.formatted();
        private::make_folder(&self.folder)?;
        let now = Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
        let number = u64::from(std::process::id()) << 20 | (self.number.fetch_add(1, Ordering::Relaxed) & 0xf_ffff);
        let path = self.folder.join(format!("{now}-{number}.log"));
        // The name is this crate's own: nothing of the mail is in it.
        let mut file = private::new_file().open(path)?;
        file.write_all(&text)?;
        file.write_all(format!("\n{DASHES}\n").as_bytes())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_of_any_length_travels_in_lines_that_servers_take() {
        for subject in ["x".repeat(5_000), "words and words ".repeat(300), "é".repeat(5_000)] {
            let mail = Mail::new(subject.clone(), "root@localhost".to_owned(), vec!["ann@shop.example".to_owned()]);
            let text = message(&mail).unwrap().formatted();
            let longest = text.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap();
            assert!(longest <= 998, "{longest}: {subject}");
        }
    }
}
