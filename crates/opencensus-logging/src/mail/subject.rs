//! The subject of a mail.

use serde_json::Value;

use crate::mail::report::request_of;
use crate::record::Record;

/// The subject: `prefix LEVEL: message`, or `LEVEL (internal IP): message` for a record of a request whose client's
/// address is known. Line breaks become `\n` and `\r`.
pub(super) fn subject(prefix: &str, record: &Record, message: &str, internal_ips: &[String]) -> String {
    let client = request_of(record).and_then(|request| {
        let address = request.get("remote_addr").and_then(Value::as_str);
        let is_known = address.is_some() || record.request.is_none();
        let is_internal = internal_ips.iter().any(|ip| Some(&**ip) == address);
        is_known.then_some(if is_internal { " (internal IP)" } else { " (EXTERNAL IP)" })
    });
    let subject = format!("{prefix}{}{}: {message}", record.level_name, client.unwrap_or_default());
    subject.replace('\n', "\\n").replace('\r', "\\r")
}

/// The longest subject, in characters; the mail's text has the whole message.
const LONGEST: usize = 250;

/// Shortens a subject that is too long for a list of mails.
pub(super) fn shortened(subject: String) -> String {
    match subject.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &subject[..at]),
        None => subject,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;

    #[test]
    fn subject_is_one_line_and_shows_whether_the_client_is_internal() {
        let mut record = Record::new("shop".into(), Level::ERROR, "");
        assert_eq!(subject("[Shop] ", &record, "a\r\nBcc: x", &[]), "[Shop] ERROR: a\\r\\nBcc: x");
        record.set_field("request", serde_json::json!({ "remote_addr": "::1" }));
        assert_eq!(subject("", &record, "m", &["::1".to_owned()]), "ERROR (internal IP): m");
        assert_eq!(subject("", &record, "m", &[]), "ERROR (EXTERNAL IP): m");
        record.request = Some(std::sync::Arc::new(crate::request_report::RequestReport::new("GET", "/").into()));
        assert_eq!(subject("", &record, "m", &[]), "ERROR: m", "the client's address is unknown");
    }

    #[test]
    fn long_subject_is_cut() {
        assert_eq!(shortened("é".repeat(250)), "é".repeat(250));
        assert_eq!(shortened("é".repeat(251)), "é".repeat(250) + "…");
    }
}
