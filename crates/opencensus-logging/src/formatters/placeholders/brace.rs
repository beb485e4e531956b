//! Placeholders such as `{name:<8}`.

use crate::formatters::field_path::FieldPath;
use crate::formatters::format_error::FormatError;
use crate::formatters::placeholders::number::number;
use crate::formatters::spec::{Align, Spec};

/// A piece of a text with `{` in it.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Placeholder {
        name: &'a str,
        path: FieldPath,
        spec: Spec,
    },
    /// `{}` or `{0}`: a value by its position, which a record does not have.
    Position(usize),
}

/// Splits a text into its pieces.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, FormatError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        rest = match after.strip_prefix(brace) {
            Some(after) => {
                pieces.push(Piece::Text(brace));
                after
            }
            None if brace == "}" => return Err(malformed("single '}' encountered in format string")),
            None => {
                let (field, after) =
                    after.split_once('}').ok_or_else(|| malformed("expected '}' before end of string"))?;
                pieces.push(placeholder(field)?);
                after
            }
        };
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

fn placeholder(field: &str) -> Result<Piece<'_>, FormatError> {
    let (name, spec_text) = field.split_once(':').unwrap_or((field, ""));
    let (name, conversion) = match name.split_once('!') {
        Some((name, conversion)) => (name, Some(conversion)),
        None => (name, None),
    };
    if name.is_empty() {
        return Ok(Piece::Position(0));
    }
    let whole = name;
    let parsed = FieldPath::parse(name);
    let (name, path) = parsed.ok_or_else(|| malformed(&format!("invalid field name/expression: '{whole}'")))?;
    let mut spec = spec(spec_text).ok_or_else(|| malformed(&format!("bad specifier: '{spec_text}'")))?;
    match conversion {
        None => {}
        // The text is aligned as one.
        Some("s") => spec.align = spec.align.or(Some(Align::Left)),
        Some("r") => spec.form = Some('r'),
        Some("a") => spec.form = Some('a'),
        Some(other) => return Err(malformed(&format!("invalid conversion: '{other}'"))),
    }
    Ok(match name.parse() {
        Ok(position) => Piece::Position(position),
        Err(_) => Piece::Placeholder { name, path, spec },
    })
}

/// `[[fill]align][sign][#][0][width][grouping][.precision][form]`
fn spec(text: &str) -> Option<Spec> {
    let mut spec = Spec::default();
    let mut rest = text;
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    if let (Some(fill), Some(align)) = (first, second.and_then(align)) {
        (spec.fill, spec.align) = (Some(fill), Some(align));
        rest = chars.as_str();
    } else if let Some(align) = first.and_then(align) {
        spec.align = Some(align);
        rest = &text[1..];
    }
    if let Some(sign) = rest.chars().next().filter(|c| "+- ".contains(*c)) {
        spec.sign = Some(sign);
        rest = &rest[1..];
    }
    if let Some(after) = rest.strip_prefix('#') {
        (spec.alternate, rest) = (true, after);
    }
    if let Some(after) = rest.strip_prefix('0') {
        // For a text the zeros follow it.
        (spec.zeros, spec.fill, rest) = (true, spec.fill.or(Some('0')), after);
    }
    let (width, after) = number(rest);
    (spec.width, rest) = (width.unwrap_or(0), after);
    if let Some(grouping) = rest.chars().next().filter(|c| ",_".contains(*c)) {
        spec.grouping = Some(grouping);
        rest = &rest[1..];
    }
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = number(after);
        (spec.precision, rest) = (Some(precision?), after);
    }
    let mut form = rest.chars();
    spec.form = form.next();
    let is_known = spec.form.is_none_or(|form| "bcdeEfFgGnosxX%".contains(form));
    (is_known && form.next().is_none()).then_some(spec)
}

fn align(c: char) -> Option<Align> {
    match c {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::Digits),
        _ => None,
    }
}

fn malformed(what: &str) -> FormatError {
    FormatError::Malformed(format!("invalid format: {what}"))
}
