//! A mail in the form in which it is sent.

use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};

use crate::mail::{Mail, MailError};

/// The longest word of a header, in characters: a line has at most 998 bytes (RFC 5322, section 2.1.1), and is folded
/// only at spaces.
const LONGEST_WORD: usize = 900;

/// The subject with spaces in words that are too long for a line.
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

/// The mail in the form in which it is sent.
pub(super) fn compose(mail: &Mail) -> Result<Message, MailError> {
    let mailbox = |address: &String| address.parse::<Mailbox>().map_err(|_| MailError::Address(address.clone()));
    let id = format!("<{}>", mail.id);
    let builder = Message::builder().from(mailbox(&mail.from)?).subject(foldable(&mail.subject));
    let mut builder = builder.message_id(Some(id)).date(mail.created);
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone());
    let message = match &mail.html {
        None => builder.singlepart(text),
        Some(html) => {
            let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(html.clone());
            builder.multipart(MultiPart::alternative().singlepart(text).singlepart(html))
        }
    };
    message.map_err(|error| MailError::Message(error.to_string()))
}

/// The line between two mails in a text.
pub(super) const SEPARATOR: &str = "-------------------------------------------------------------------------------";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_of_any_length_is_folded_into_valid_lines() {
        for subject in ["x".repeat(5_000), "words and words ".repeat(300), "é".repeat(5_000)] {
            let mail = Mail::new(subject.clone(), "root@localhost".to_owned(), vec!["ann@shop.example".to_owned()]);
            let text = compose(&mail).unwrap().formatted();
            let longest = text.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap();
            assert!(longest <= 998, "{longest}: {subject}");
        }
    }
}
