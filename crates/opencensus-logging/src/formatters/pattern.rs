//! Formats such as `%(levelname)s %(message)s`, parsed once and written for each record.

use crate::formatters::attribute::Attribute;
use crate::formatters::field_path::FieldPath;
use crate::formatters::field_value::FieldValue;
use crate::formatters::format_error::FormatError;
use crate::formatters::misfits;
use crate::formatters::placeholders::{brace, dollar, percent};
use crate::formatters::spec::Spec;
use crate::formatters::spec_rules;
use crate::formatters::style::Style;

/// A parsed format.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Field {
        attribute: Attribute,
        path: FieldPath,
        spec: Spec,
        placeholder: String,
    },
    /// A value by its position, which no record has.
    Position(usize),
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

    /// Parses a format, which must name at least one field, and no value by its position.
    pub(crate) fn compile(format: &str, style: Style) -> Result<Self, FormatError> {
        let pattern = Self::unchecked(format, style)?;
        if pattern.pieces.iter().any(|piece| matches!(piece, Piece::Position(_))) {
            return Err(FormatError::Malformed("invalid format: a positional field; fields have names".to_owned()));
        }
        if pattern.pieces.iter().any(|piece| matches!(piece, Piece::Field { .. })) {
            Ok(pattern)
        } else if style == Style::Percent {
            Err(invalid_format(format))
        } else {
            Err(FormatError::Malformed("invalid format: no fields".to_owned()))
        }
    }

    /// Parses a format as Python does, which accepts more: a format that has one valid placeholder in the style `%`, and
    /// values by their position in the style `{`. Records are lost when they are written.
    pub(crate) fn compile_as_python(format: &str, style: Style) -> Result<Option<Self>, FormatError> {
        let pattern = Self::unchecked(format, style);
        match (style, pattern) {
            (Style::Percent, Err(_)) if percent::has_valid_name(format) => Ok(None),
            (Style::Brace, Ok(pattern)) => {
                let is_field = |piece: &Piece| !matches!(piece, Piece::Text(_));
                let no_fields = || FormatError::Malformed("invalid format: no fields".to_owned());
                pattern.pieces.iter().any(is_field).then_some(Some(pattern)).ok_or_else(no_fields)
            }
            _ => Self::compile(format, style).map(Some),
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
        value: impl Fn(&Attribute, &FieldPath) -> Result<FieldValue<'a>, FormatError>,
        push: impl Fn(&mut String, &str),
    ) -> Result<(), FormatError> {
        let mut written = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Position(position) if is_strict => return Err(out_of_range(*position)),
                Piece::Position(position) => {
                    misfits::count();
                    out.push_str(&format!("{{{position}}}"));
                }
                Piece::Field { attribute, path, spec, placeholder } => {
                    let value = value(attribute, path).and_then(|value| {
                        if is_strict && placeholder.starts_with('{') {
                            spec_rules::check(spec, &value)?;
                        }
                        match value {
                            // Most values are texts without a width.
                            FieldValue::Text(text) if spec.is_plain() => Ok(Some(text)),
                            value => {
                                written.clear();
                                spec.write(&mut written, &value).map(|()| None)
                            }
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
    let piece = |piece| match piece {
        Ok(percent::Piece::Text(text)) => Ok(Piece::Text(text.to_owned())),
        Ok(percent::Piece::Placeholder(percent::Placeholder {
            name: Some(name),
            spec,
            stars: [false, false],
            unsupported: None,
        })) => Ok(of_name(name, spec, Style::Percent)),
        Ok(percent::Piece::Placeholder(_)) | Err(_) => Err(invalid_format(format)),
    };
    percent::pieces(format).map(piece).collect()
}

fn out_of_range(position: usize) -> FormatError {
    let what = format!("Replacement index {position} out of range for positional args tuple");
    FormatError::Malformed(what)
}

fn of_name(name: &str, spec: Spec, style: Style) -> Piece {
    let placeholder = match style {
        Style::Percent => format!("%({name})s"),
        Style::Brace => format!("{{{name}}}"),
        Style::Dollar => format!("${name}"),
    };
    Piece::Field { attribute: Attribute::named(name), path: FieldPath::default(), spec, placeholder }
}

fn invalid_format(format: &str) -> FormatError {
    FormatError::Malformed(format!("Invalid format '{format}' for '%' style"))
}

fn of_brace(piece: brace::Piece<'_>) -> Piece {
    match piece {
        brace::Piece::Text(text) => Piece::Text(text.to_owned()),
        brace::Piece::Position(position) => Piece::Position(position),
        brace::Piece::Placeholder { name, path, spec } => match of_name(name, spec, Style::Brace) {
            Piece::Field { attribute, spec, placeholder, .. } => Piece::Field { attribute, path, spec, placeholder },
            other => other,
        },
    }
}

fn of_dollar(piece: dollar::Piece<'_>) -> Piece {
    match piece {
        dollar::Piece::Text(text) => Piece::Text(text.to_owned()),
        dollar::Piece::Placeholder(name) => of_name(name, Spec::default(), Style::Dollar),
    }
}
