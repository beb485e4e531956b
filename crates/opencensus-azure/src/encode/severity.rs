//! The severity of an exception or a message.

use opencensus_core::Severity;

/// Writes the schema's number for the severity, if there is one.
pub(super) fn write_severity(out: &mut Vec<u8>, severity: Option<Severity>) {
    let Some(severity) = severity else { return };
    let number = match severity {
        Severity::Verbose => b'0',
        Severity::Information => b'1',
        Severity::Warning => b'2',
        Severity::Error => b'3',
        Severity::Critical => b'4',
    };
    out.extend_from_slice(br#","severityLevel":"#);
    out.push(number);
}
