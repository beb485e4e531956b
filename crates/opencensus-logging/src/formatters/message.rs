//! A message with its values put in.

use std::borrow::Cow;

use crate::formatters::attribute;
use crate::formatters::placeholders::percent;
use crate::formatters::spec::{Align, FormatError};
use crate::record::{Args, Record};

/// The words that a record says: its message with its values put in, as Python's `%` does it. Without values the
/// message stands as it is.
///
/// # Errors
///
/// Places and values do not fit each other.
pub fn message(record: &Record) -> Result<Cow<'_, str>, FormatError> {
    match &record.args {
        None => Ok(Cow::Borrowed(&record.message)),
        Some(Args::Positional(values)) if values.is_empty() => Ok(Cow::Borrowed(&record.message)),
        Some(args) => filled(&record.message, args).map(Cow::Owned),
    }
}

fn filled(template: &str, args: &Args) -> Result<String, FormatError> {
    // A mapping that is alone names values, unless there is nothing in it.
    if let Args::Positional(values) = args
        && let [serde_json::Value::Object(values)] = &**values
        && !values.is_empty()
    {
        return filled(template, &Args::Named(values.clone()));
    }
    let pieces = percent::pieces(template)?;
    let mut out = String::with_capacity(template.len() + 32);
    let mut used = 0;
    for piece in pieces {
        let mut place = match piece {
            percent::Piece::Text(text) => {
                out.push_str(text);
                continue;
            }
            percent::Piece::Place(place) => place,
        };
        fill_stars(&mut place, args, &mut used)?;
        let value = match (place.name, args) {
            (Some(name), Args::Named(values)) => {
                values.get(name).ok_or_else(|| FormatError::MissingField(name.to_owned()))?.clone()
            }
            (Some(_), Args::Positional(_)) => return Err(FormatError::NoMapping),
            // An empty mapping, or a whole one, is one value.
            (None, Args::Named(values)) if used == 0 => {
                used += 1;
                serde_json::Value::Object(values.clone())
            }
            (None, Args::Named(_)) => return Err(FormatError::TooFewArguments),
            (None, Args::Positional(values)) => {
                used += 1;
                values.get(used - 1).ok_or(FormatError::TooFewArguments)?.clone()
            }
        };
        place.spec.write(&mut out, &attribute::value(&value))?;
    }
    match args {
        Args::Positional(values) if used < values.len() => Err(FormatError::TooManyArguments),
        _ => Ok(out),
    }
}

/// `%*d` and `%.*f`: width and precision out of the values. A negative width means to the left.
fn fill_stars(place: &mut percent::Place<'_>, args: &Args, used: &mut usize) -> Result<(), FormatError> {
    let mut next = || {
        let Args::Positional(values) = args else { return Err(FormatError::TooFewArguments) };
        *used += 1;
        let value = values.get(*used - 1).ok_or(FormatError::TooFewArguments)?;
        value.as_i64().ok_or_else(|| FormatError::Malformed("* wants int".to_owned()))
    };
    let size = |number: i64| usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    if place.stars[0] {
        let width = next()?;
        place.spec.width = size(width);
        if width < 0 {
            (place.spec.align, place.spec.zeros) = (Some(Align::Left), false);
        }
    }
    if place.stars[1] {
        place.spec.precision = Some(size(next()?.max(0)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(template: &str, args: serde_json::Value) -> Result<String, FormatError> {
        let args = match args {
            serde_json::Value::Object(values) => Args::Named(values),
            serde_json::Value::Array(values) => Args::Positional(values),
            other => Args::Positional(vec![other]),
        };
        filled(template, &args)
    }

    #[test]
    fn values_are_put_in_as_python_does_it() {
        for (template, args, wanted) in [
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
            assert_eq!(said(template, args).unwrap(), wanted);
        }
    }

    #[test]
    fn places_and_values_must_fit() {
        assert_eq!(said("%s %s", json!(["x"])), Err(FormatError::TooFewArguments));
        assert_eq!(said("%s", json!(["x", "y"])), Err(FormatError::TooManyArguments));
        assert_eq!(said("%(a)s", json!(["x"])), Err(FormatError::NoMapping));
        assert_eq!(said("%x", json!([1.5])), Err(FormatError::NoInteger('x', "float")));
        assert_eq!(said("%(a)s", json!({"b": 1})), Err(FormatError::MissingField("a".to_owned())));
        assert_eq!(said("%*d", json!([3])), Err(FormatError::TooFewArguments));
        assert_eq!(said("%*d", json!(["3", 7])), Err(FormatError::Malformed("* wants int".to_owned())));
        assert_eq!(said("%(a)*d", json!({"a": 1})), Err(FormatError::TooFewArguments));
        for template in ["%", "%q", "%(a", "50% of"] {
            assert!(said(template, json!(["x"])).is_err(), "{template}");
        }
    }
}
