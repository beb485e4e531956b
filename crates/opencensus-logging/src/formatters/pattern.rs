//! Formats such as `%(levelname)s %(message)s`, parsed once and written for each record.

use crate::formatters::attribute::Attribute;
use crate::formatters::field_value::FieldValue;
use crate::formatters::format_error::FormatError;
use crate::formatters::misfits;
use crate::formatters::placeholders::{brace, dollar, percent};
use crate::formatters::spec::Spec;
use crate::formatters::style::Style;

/// A parsed format.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Field { attribute: Attribute, spec: Spec, placeholder: String },
}

impl Pattern {
    /// Parses a format.
    pub(crate) fn unchecked(format: &str, style: Style) -> Result<Self, FormatError> {
        let pieces = match style {
            Style::Percent => of_percent(format)?,
            Style::Brace => brace::pieces(format)?.into_iter().map(of_brace).collect(),
            Style::Dollar => dollar::pieces(format)?.into_iter().map(of_dollar).collect(),
        };
        Ok(Self { pieces })
    }

    /// Parses a format, which must name at least one field.
    pub(crate) fn compile(format: &str, style: Style) -> Result<Self, FormatError> {
        let pattern = Self::unchecked(format, style)?;
        if pattern.pieces.iter().any(|piece| matches!(piece, Piece::Field { .. })) {
            Ok(pattern)
        } else if style == Style::Percent {
            Err(invalid_format(format))
        } else {
            Err(FormatError::Malformed("invalid format: no fields".to_owned()))
        }
    }

    /// The message and nothing else.
    pub(crate) fn message() -> Self {
        Self { pieces: vec![of_name("message", Spec::default(), Style::Percent)] }
    }

    /// Whether the format names this attribute.
    pub(crate) fn names(&self, attribute: &Attribute) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Field { attribute: known, .. } if known == attribute))
    }

    /// Appends the format with the value of each attribute, which `push` appends. Unless `is_strict`, the placeholder
    /// of a value that is missing or does not fit is appended as it is.
    pub(crate) fn write<'a>(
        &self,
        out: &mut String,
        is_strict: bool,
        value: impl Fn(&Attribute) -> Result<FieldValue<'a>, FormatError>,
        push: impl Fn(&mut String, &str),
    ) -> Result<(), FormatError> {
        let mut written = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Field { attribute, spec, placeholder } => {
                    let value = value(attribute).and_then(|value| match value {
                        // Most values are texts without a width.
                        FieldValue::Text(text) if spec.is_plain() => Ok(Some(text)),
                        value => {
                            written.clear();
                            spec.write(&mut written, &value).map(|()| None)
                        }
                    });
                    match value {
                        Ok(Some(text)) => push(out, &text),
                        Ok(None) => push(out, &written),
                        Err(error) if is_strict => return Err(error),
                        Err(_) => {
                            misfits::count();
                            out.push_str(placeholder);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

fn of_percent(format: &str) -> Result<Vec<Piece>, FormatError> {
    let pieces = percent::pieces(format).map_err(|_| invalid_format(format))?;
    let piece = |piece| match piece {
        percent::Piece::Text(text) => Ok(Piece::Text(text.to_owned())),
        percent::Piece::Placeholder(percent::Placeholder { name: Some(name), spec, stars: [false, false] }) => {
            Ok(of_name(name, spec, Style::Percent))
        }
        percent::Piece::Placeholder(_) => Err(invalid_format(format)),
    };
    pieces.into_iter().map(piece).collect()
}

fn of_name(name: &str, spec: Spec, style: Style) -> Piece {
    let placeholder = match style {
        Style::Percent => format!("%({name})s"),
        Style::Brace => format!("{{{name}}}"),
        Style::Dollar => format!("${name}"),
    };
    Piece::Field { attribute: Attribute::named(name), spec, placeholder }
}

fn invalid_format(format: &str) -> FormatError {
    FormatError::Malformed(format!("Invalid format '{format}' for '%' style"))
}

fn of_brace(piece: brace::Piece<'_>) -> Piece {
    match piece {
        brace::Piece::Text(text) => Piece::Text(text.to_owned()),
        brace::Piece::Placeholder { name, spec } => of_name(name, spec, Style::Brace),
    }
}

fn of_dollar(piece: dollar::Piece<'_>) -> Piece {
    match piece {
        dollar::Piece::Text(text) => Piece::Text(text.to_owned()),
        dollar::Piece::Placeholder(name) => of_name(name, Spec::default(), Style::Dollar),
    }
}
