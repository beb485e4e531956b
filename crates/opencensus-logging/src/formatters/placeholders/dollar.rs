//! Placeholders such as `$name` and `${name}`.

use crate::formatters::format_error::FormatError;

/// A piece of a text with `$` in it.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

/// Splits a text into its pieces.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, FormatError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        rest = if let Some(after) = after.strip_prefix('$') {
            pieces.push(Piece::Text("$"));
            after
        } else if let Some(after) = after.strip_prefix('{') {
            let (name, after) = after.split_once('}').filter(|(name, _)| is_name(name)).ok_or_else(bare)?;
            pieces.push(Piece::Placeholder(name));
            after
        } else {
            let end = after.find(|c: char| !is_part(c)).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            if !is_name(name) {
                return Err(bare());
            }
            pieces.push(Piece::Placeholder(name));
            after
        };
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn bare() -> FormatError {
    FormatError::Malformed("invalid format: bare '$' not allowed".to_owned())
}
