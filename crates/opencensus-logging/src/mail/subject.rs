//! The line that a mail begins with.

use serde_json::Value;

use crate::mail::report::request_of;
use crate::record::Record;

/// `prefix LEVEL: message`, and for a record of a request where its client is: `LEVEL (internal IP): message`. A request
/// that was kept in full without its client's address does not tell it. Line breaks become two characters.
pub(super) fn subject(prefix: &str, record: &Record, message: &str, internal_ips: &[String]) -> String {
    let place = request_of(record).and_then(|request| {
        let address = request.get("remote_addr").and_then(Value::as_str);
        let is_known = address.is_some() || record.request.is_none();
        let is_internal = internal_ips.iter().any(|ip| Some(&**ip) == address);
        is_known.then_some(if is_internal { " (internal IP)" } else { " (EXTERNAL IP)" })
    });
    let subject = format!("{prefix}{}{}: {message}", record.level_name, place.unwrap_or_default());
    subject.replace('\n', "\\n").replace('\r', "\\r")
}

/// Characters of a subject that somebody still reads; the mail has the whole message.
const LONGEST: usize = 250;

/// A subject that fits into a list of mails: its beginning.
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
    fn subject_is_one_line_and_tells_where_the_client_is() {
        let mut record = Record::new("shop".into(), Level::ERROR, "");
        assert_eq!(subject("[Shop] ", &record, "a\r\nBcc: x", &[]), "[Shop] ERROR: a\\r\\nBcc: x");
        record.set_field("request", serde_json::json!({ "remote_addr": "::1" }));
        assert_eq!(subject("", &record, "m", &["::1".to_owned()]), "ERROR (internal IP): m");
        assert_eq!(subject("", &record, "m", &[]), "ERROR (EXTERNAL IP): m");
        record.request = Some(std::sync::Arc::new(crate::mail::RequestReport::new("GET", "/").into()));
        assert_eq!(subject("", &record, "m", &[]), "ERROR: m", "nobody knows where the client is");
    }

    #[test]
    fn long_subjects_are_their_beginning() {
        assert_eq!(shortened("é".repeat(250)), "é".repeat(250));
        assert_eq!(shortened("é".repeat(251)), "é".repeat(250) + "…");
    }
}
