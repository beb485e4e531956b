//! Puts the values of a record into its message.

use std::borrow::Cow;

use crate::formatters::attribute;
use crate::formatters::context::FormatContext;
use crate::formatters::format_error::FormatError;
use crate::formatters::misfits;
use crate::formatters::placeholders::percent;
use crate::formatters::spec::Align;
use crate::record::{Args, Record};

/// The message of a record with its values in place of the placeholders, as Python's `%` operator does it. A message
/// without values is not changed.
///
/// # Errors
///
/// Placeholders and values do not match.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::message;
/// use opencensus_logging::{Args, Level, Record};
///
/// let mut record = Record::new("shop".into(), Level::INFO, "%s has %05.1f kg");
/// record.args = Some(Args::Positional(vec!["chair".into(), 7.25.into()]));
/// assert_eq!(message(&record)?, "chair has 007.2 kg");
/// # Ok::<(), opencensus_logging::formatters::FormatError>(())
/// ```
pub fn message(record: &Record) -> Result<Cow<'_, str>, FormatError> {
    match &record.args {
        None => Ok(Cow::Borrowed(&record.message)),
        Some(Args::Positional(values)) if values.is_empty() => Ok(Cow::Borrowed(&record.message)),
        Some(args) => filled(&record.message, args).map(Cow::Owned),
    }
}

/// The message of a record with its values in place of the placeholders. If they do not match, the message as it is,
/// with the values behind it, so that no word is lost; the handler counts the record as
/// [`unfilled`](crate::handlers::HandlerStats::unfilled).
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::message_or_unfilled;
/// use opencensus_logging::{Args, Level, Record};
///
/// let mut record = Record::new("shop".into(), Level::ERROR, "payment %s of %s failed");
/// record.args = Some(Args::Positional(vec!["4711".into()]));
/// assert_eq!(message_or_unfilled(&record), "payment %s of %s failed ('4711',)");
/// ```
#[must_use]
pub fn message_or_unfilled(record: &Record) -> Cow<'_, str> {
    message(record).unwrap_or_else(|_| {
        misfits::count();
        format!("{} {}", record.message, attribute::args(record)).into()
    })
}

/// The message with its values. If they do not match, it is written with the values behind it, unless the context makes
/// that an error.
pub(crate) fn message_in<'a>(context: &FormatContext, record: &'a Record) -> Result<Cow<'a, str>, FormatError> {
    if context.is_strict { message(record) } else { Ok(message_or_unfilled(record)) }
}

fn filled(template: &str, args: &Args) -> Result<String, FormatError> {
    // A single mapping holds the values by name, unless it is empty.
    if let Args::Positional(values) = args
        && let [serde_json::Value::Object(values)] = &**values
        && !values.is_empty()
    {
        return filled(template, &Args::Named(values.clone()));
    }
    let mut out = String::with_capacity(template.len() + 32);
    let mut used = 0;
    for piece in percent::pieces(template) {
        let mut placeholder = match piece? {
            percent::Piece::Text(text) => {
                out.push_str(text);
                continue;
            }
            percent::Piece::Placeholder(placeholder) => placeholder,
        };
        if placeholder.name.is_some() && matches!(args, Args::Positional(_)) {
            return Err(FormatError::NoMapping);
        }
        fill_stars(&mut placeholder, args, &mut used)?;
        let value = match (placeholder.name, args) {
            (Some(name), Args::Named(values)) => {
                used += 1;
                values.get(name).ok_or_else(|| FormatError::MissingField(name.to_owned()))?.clone()
            }
            // A mapping without names in the message is one value.
            (None, Args::Named(values)) if used == 0 => {
                used += 1;
                serde_json::Value::Object(values.clone())
            }
            (None, Args::Named(_)) => return Err(FormatError::TooFewArguments),
            (_, Args::Positional(values)) => {
                used += 1;
                values.get(used - 1).ok_or(FormatError::TooFewArguments)?.clone()
            }
        };
        if let Some(error) = placeholder.unsupported {
            return Err(error);
        }
        placeholder.spec.write(&mut out, &attribute::value(&value))?;
    }
    match args {
        Args::Positional(values) if used < values.len() => Err(FormatError::TooManyArguments),
        _ => Ok(out),
    }
}

/// `%*d` and `%.*f`: takes width and precision from the values. A negative width aligns to the left.
fn fill_stars(placeholder: &mut percent::Placeholder<'_>, args: &Args, used: &mut usize) -> Result<(), FormatError> {
    let mut next = || {
        let Args::Positional(values) = args else { return Err(FormatError::TooFewArguments) };
        *used += 1;
        let value = values.get(*used - 1).ok_or(FormatError::TooFewArguments)?;
        value.as_i64().ok_or_else(|| FormatError::Malformed("* wants int".to_owned()))
    };
    let size = |number: i64| usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    if placeholder.stars[0] {
        let width = next()?;
        placeholder.spec.width = size(width);
        if width < 0 {
            (placeholder.spec.align, placeholder.spec.zeros) = (Some(Align::Left), false);
        }
    }
    if placeholder.stars[1] {
        placeholder.spec.precision = Some(size(next()?.max(0)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn formatted(template: &str, args: serde_json::Value) -> Result<String, FormatError> {
        let args = match args {
            serde_json::Value::Object(values) => Args::Named(values),
            serde_json::Value::Array(values) => Args::Positional(values),
            other => Args::Positional(vec![other]),
        };
        filled(template, &args)
    }

    #[test]
    fn errors_are_those_of_python_in_its_order() {
        let error = |template: &str, args| formatted(template, args).unwrap_err().to_string();
        for (template, args, expected) in [
            ("%d %y", json!(["x", 1]), "%d format: a real number is required, not str"),
            ("é%y", json!([1]), "unsupported format character 'y' (0x79) at index 2"),
            ("%y", json!([]), "not enough arguments for format string"),
            ("%.2f", json!(["x"]), "must be real number, not str"),
            ("%g", json!([{ "k": 1 }, 2]), "must be real number, not dict"),
            ("%c", json!(["ab"]), "%c requires int or char"),
            ("%(k)s", json!(["x"]), "format requires a mapping"),
            ("%(k)s %s", json!({ "k": 1 }), "not enough arguments for format string"),
        ] {
            assert_eq!(error(template, args), expected, "{template}");
        }
        assert_eq!(formatted("%5% %s", json!(["x"])).unwrap(), "% x");
    }

    #[test]
    fn values_replace_placeholders_as_in_python() {
        for (template, args, expected) in [
            ("%s %d %r %.2f [%5s] 100%% %x", json!(["a", 3, "q", 1.5, "z", 255]), "a 3 'q' 1.50 [    z] 100% ff"),
            ("%(who)s: %(what)05d", json!({"who": "ann", "what": 7}), "ann: 00007"),
            ("got %s", json!({}), "got {}"),
            ("%(who)s", json!([{"who": "ann"}]), "ann"),
            ("%r %s|%-05d|", json!([["x", 1], ["y"], 42]), "['x', 1] ['y']|42   |"),
            ("%d %s %a", json!([true, false, "é"]), "1 False '\\xe9'"),
            ("%-4s|", json!(["é"]), "é   |"),
            ("%*d|%0*d|%-*d|%.*f|%*.*f|", json!([5, 7, 4, 7, 3, 7, 1, 2.55, 6, 2, 1.0]), "    7|0007|7  |2.5|  1.00|"),
            ("%*s|%0*d|%.*s", json!([-3, "a", -4, 7, -1, "abc"]), "a  |7   |"),
        ] {
            assert_eq!(formatted(template, args).unwrap(), expected);
        }
    }

    #[test]
    fn placeholders_and_values_must_match() {
        assert_eq!(formatted("%s %s", json!(["x"])), Err(FormatError::TooFewArguments));
        assert_eq!(formatted("%s", json!(["x", "y"])), Err(FormatError::TooManyArguments));
        assert_eq!(formatted("%(a)s", json!(["x"])), Err(FormatError::NoMapping));
        assert_eq!(formatted("%x", json!([1.5])), Err(FormatError::NotAnInteger('x', "float")));
        assert_eq!(formatted("%(a)s", json!({"b": 1})), Err(FormatError::MissingField("a".to_owned())));
        assert_eq!(formatted("%*d", json!([3])), Err(FormatError::TooFewArguments));
        assert_eq!(formatted("%*d", json!(["3", 7])), Err(FormatError::Malformed("* wants int".to_owned())));
        assert_eq!(formatted("%(a)*d", json!({"a": 1})), Err(FormatError::TooFewArguments));
        for template in ["%", "%q", "%(a", "50% of"] {
            assert!(formatted(template, json!(["x"])).is_err(), "{template}");
        }
    }
}
