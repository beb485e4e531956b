//! `%(name)s`

use crate::formatters::spec::{Align, FormatError, Spec};

/// A piece of a text with `%` in it.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Place(Place<'a>),
}

/// A place for a value.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// `None`: the next one.
    pub(crate) name: Option<&'a str>,
    pub(crate) spec: Spec,
    /// Width, and precision, are values of their own, in front of the value.
    pub(crate) stars: [bool; 2],
}

/// The text taken apart.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, FormatError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        rest = match after.strip_prefix('%') {
            Some(after) => {
                pieces.push(Piece::Text("%"));
                after
            }
            None => {
                let (place, after) = place(after)?;
                pieces.push(Piece::Place(place));
                after
            }
        };
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

fn place(text: &str) -> Result<(Place<'_>, &str), FormatError> {
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
    // To the left there is no room for zeros.
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
    // C's marks of size mean nothing.
    let form_on = after_precision.trim_start_matches(['l', 'h', 'L']);
    let form = form_on.chars().next().ok_or_else(|| malformed("incomplete format"))?;
    if !"diouxXeEfFgGcrsa".contains(form) {
        return Err(malformed(&format!("unsupported format character '{form}'")));
    }
    // A text to the right is what `%8s` means.
    if matches!(form, 's' | 'r' | 'a' | 'c') && spec.align.is_none() {
        spec.align = Some(Align::Right);
    }
    spec.form = Some(form);
    let stars = [width_star, precision_star];
    Ok((Place { name, spec, stars }, &form_on[form.len_utf8()..]))
}

/// A number or a star, and what follows.
fn size(text: &str) -> ((Option<usize>, bool), &str) {
    match text.strip_prefix('*') {
        Some(after) => ((None, true), after),
        None => {
            let (number, after) = crate::formatters::pattern::number(text);
            ((number, false), after)
        }
    }
}

fn malformed(what: &str) -> FormatError {
    FormatError::Malformed(what.to_owned())
}
