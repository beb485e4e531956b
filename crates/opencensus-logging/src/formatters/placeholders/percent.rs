//! Placeholders such as `%(name)s`.

use crate::formatters::format_error::FormatError;
use crate::formatters::placeholders::number::number;
use crate::formatters::spec::{Align, Spec};

/// A piece of a text with `%` in it.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Placeholder(Placeholder<'a>),
}

/// A placeholder for a value.
#[derive(Debug)]
pub(crate) struct Placeholder<'a> {
    /// `None`: the next value.
    pub(crate) name: Option<&'a str>,
    pub(crate) spec: Spec,
    /// Whether width and precision are `*`: values of their own, before the value.
    pub(crate) stars: [bool; 2],
    /// The error of its last letter, once it has a value.
    pub(crate) unsupported: Option<FormatError>,
}

/// Splits a text into its pieces, up to the first one that is malformed.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, FormatError>> {
    let mut rest = text;
    std::iter::from_fn(move || match rest.find('%') {
        None if rest.is_empty() => None,
        None => Some(Ok(Piece::Text(std::mem::take(&mut rest)))),
        Some(0) => {
            let (piece, after) = match rest[1..].strip_prefix('%') {
                Some(after) => (Ok(Piece::Text("%")), after),
                None => match placeholder(text, &rest[1..]) {
                    // `%5%`
                    Ok((Placeholder { spec: Spec { form: Some('%'), .. }, .. }, after)) => {
                        (Ok(Piece::Text("%")), after)
                    }
                    Ok((placeholder, after)) => (Ok(Piece::Placeholder(placeholder)), after),
                    Err(error) => (Err(error), ""),
                },
            };
            rest = after;
            Some(piece)
        }
        Some(at) => {
            let (before, after) = rest.split_at(at);
            rest = after;
            Some(Ok(Piece::Text(before)))
        }
    })
}

/// Whether a part of the format is a valid placeholder with a name: all that Python looks for.
pub(crate) fn has_valid_name(format: &str) -> bool {
    let mut starts = format.match_indices("%(").map(|(at, _)| &format[at + 1..]);
    let is_word = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let is_valid = |found: Placeholder<'_>| found.name.is_some_and(is_word) && found.unsupported.is_none();
    starts.any(|start| placeholder(format, start).is_ok_and(|(found, _)| is_valid(found)))
}

/// The placeholder at the beginning of a part of the whole text, and the rest.
fn placeholder<'a>(whole: &str, text: &'a str) -> Result<(Placeholder<'a>, &'a str), FormatError> {
    let (name, text) = match text.strip_prefix('(') {
        Some(text) => {
            let (name, rest) = text.split_once(')').ok_or_else(|| malformed("incomplete format key"))?;
            (Some(name), rest)
        }
        None => (None, text),
    };
    let mut spec = Spec::default();
    let after_flags = text.trim_start_matches(['#', '0', '+', ' ', '-']);
    for flag in text[..text.len() - after_flags.len()].chars() {
        match flag {
            '#' => spec.alternate = true,
            '0' => spec.zeros = true,
            '-' => spec.align = Some(Align::Left),
            '+' => spec.sign = Some('+'),
            _ => spec.sign = spec.sign.or(Some(' ')),
        }
    }
    // Zeros do not go with alignment to the left.
    spec.zeros = spec.zeros && spec.align.is_none();
    let ((width, width_star), after_width) = size(after_flags);
    spec.width = width.unwrap_or(0);
    let (precision_star, after_precision) = match after_width.strip_prefix('.') {
        Some(after) => {
            let ((precision, star), after) = size(after);
            spec.precision = Some(precision.unwrap_or(0));
            (star, after)
        }
        None => (false, after_width),
    };
    // C's length modifiers have no meaning here.
    let from_form = after_precision.trim_start_matches(['l', 'h', 'L']);
    let form = from_form.chars().next().ok_or_else(|| malformed("incomplete format"))?;
    let unsupported = (!"diouxXeEfFgGcrsa%".contains(form)).then(|| {
        let index = whole[..whole.len() - from_form.len()].chars().count();
        malformed(&format!("unsupported format character '{form}' ({:#x}) at index {index}", u32::from(form)))
    });
    // `%8s` aligns a text to the right.
    if matches!(form, 's' | 'r' | 'a' | 'c') && spec.align.is_none() {
        spec.align = Some(Align::Right);
    }
    spec.form = Some(form);
    let stars = [width_star, precision_star];
    Ok((Placeholder { name, spec, stars, unsupported }, &from_form[form.len_utf8()..]))
}

/// A number or a star, and the rest.
fn size(text: &str) -> ((Option<usize>, bool), &str) {
    match text.strip_prefix('*') {
        Some(after) => ((None, true), after),
        None => {
            let (number, after) = number(text);
            ((number, false), after)
        }
    }
}

fn malformed(what: &str) -> FormatError {
    FormatError::Malformed(what.to_owned())
}
