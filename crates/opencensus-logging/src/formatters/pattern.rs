//! Formats such as `%(levelname)s %(message)s`, taken apart once and written for every record.

use crate::formatters::attribute::Attribute;
use crate::formatters::placeholders::{brace, dollar, percent};
use crate::formatters::spec::{FieldValue, FormatError, Spec};

/// How a format names its fields.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Style {
    /// `%(levelname)s`
    #[default]
    Percent,
    /// `{levelname}`
    Brace,
    /// `$levelname` or `${levelname}`
    Dollar,
}

impl Style {
    /// The style of this sign: `%`, `{` or `$`.
    #[must_use]
    pub fn from_sign(sign: &str) -> Option<Self> {
        match sign {
            "%" => Some(Self::Percent),
            "{" => Some(Self::Brace),
            "$" => Some(Self::Dollar),
            _ => None,
        }
    }
}

/// A format, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Field(Attribute, Spec),
}

impl Pattern {
    /// Takes a format apart.
    pub(crate) fn unchecked(format: &str, style: Style) -> Result<Self, FormatError> {
        let pieces = match style {
            Style::Percent => of_percent(format)?,
            Style::Brace => brace::pieces(format)?.into_iter().map(of_brace).collect(),
            Style::Dollar => dollar::pieces(format)?.into_iter().map(of_dollar).collect(),
        };
        Ok(Self { pieces })
    }

    /// The same; a format without any field is none.
    pub(crate) fn compile(format: &str, style: Style) -> Result<Self, FormatError> {
        let pattern = Self::unchecked(format, style)?;
        if pattern.pieces.iter().any(|piece| matches!(piece, Piece::Field(..))) {
            Ok(pattern)
        } else if style == Style::Percent {
            Err(no_format(format))
        } else {
            Err(FormatError::Malformed("invalid format: no fields".to_owned()))
        }
    }

    /// The message alone.
    pub(crate) fn message() -> Self {
        Self { pieces: vec![Piece::Field(Attribute::Message, Spec::default())] }
    }

    /// Whether the format names this.
    pub(crate) fn names(&self, attribute: &Attribute) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Field(known, _) if known == attribute))
    }

    /// Appends the format with `values` put in, each by `push`.
    pub(crate) fn write<'a>(
        &self,
        out: &mut String,
        value: impl Fn(&Attribute) -> Result<FieldValue<'a>, FormatError>,
        push: impl Fn(&mut String, &str),
    ) -> Result<(), FormatError> {
        let mut written = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Field(attribute, spec) => match value(attribute)? {
                    // What most formats consist of.
                    FieldValue::Text(text) if spec.is_plain() => push(out, &text),
                    value => {
                        written.clear();
                        spec.write(&mut written, &value)?;
                        push(out, &written);
                    }
                },
            }
        }
        Ok(())
    }
}

impl Spec {
    /// Whether a text is written as it is.
    fn is_plain(&self) -> bool {
        self.width == 0 && self.precision.is_none() && matches!(self.form, None | Some('s'))
    }
}

fn of_percent(format: &str) -> Result<Vec<Piece>, FormatError> {
    let pieces = percent::pieces(format).map_err(|_| no_format(format))?;
    let piece = |piece| match piece {
        percent::Piece::Text(text) => Ok(Piece::Text(text.to_owned())),
        percent::Piece::Place(percent::Place { name: Some(name), spec, stars: [false, false] }) => {
            Ok(Piece::Field(Attribute::named(name), spec))
        }
        percent::Piece::Place(_) => Err(no_format(format)),
    };
    pieces.into_iter().map(piece).collect()
}

fn no_format(format: &str) -> FormatError {
    FormatError::Malformed(format!("Invalid format '{format}' for '%' style"))
}

fn of_brace(piece: brace::Piece<'_>) -> Piece {
    match piece {
        brace::Piece::Text(text) => Piece::Text(text.to_owned()),
        brace::Piece::Place { name, spec } => Piece::Field(Attribute::named(name), spec),
    }
}

fn of_dollar(piece: dollar::Piece<'_>) -> Piece {
    match piece {
        dollar::Piece::Text(text) => Piece::Text(text.to_owned()),
        dollar::Piece::Place(name) => Piece::Field(Attribute::named(name), Spec::default()),
    }
}

/// The number that a text begins with, and the rest.
pub(super) fn number(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    // A number beyond all bounds is the largest one.
    let digits = &text[..end];
    let number = (!digits.is_empty()).then(|| digits.parse().unwrap_or(usize::MAX));
    (number, &text[end..])
}
