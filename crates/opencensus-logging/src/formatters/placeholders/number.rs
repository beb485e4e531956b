//! Numbers in placeholders.

/// The number at the beginning of a text, and the rest.
pub(super) fn number(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    // A number that is too large becomes the largest one.
    let digits = &text[..end];
    let number = (!digits.is_empty()).then(|| digits.parse().unwrap_or(usize::MAX));
    (number, &text[end..])
}
