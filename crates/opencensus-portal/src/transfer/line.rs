//! Envelopes as lines.

/// Appends a JSON text as one line. JSON has line breaks between its tokens only, where they mean as much as blanks.
pub(super) fn push_line(lines: &mut String, json: &str) {
    lines.extend(json.chars().map(|character| if matches!(character, '\n' | '\r') { ' ' } else { character }));
    lines.push('\n');
}
