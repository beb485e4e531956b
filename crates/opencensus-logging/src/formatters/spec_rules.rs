//! Rules of Python for conversion specifiers in braces.

use crate::formatters::field_value::FieldValue;
use crate::formatters::format_error::FormatError;
use crate::formatters::spec::{Align, Spec};

/// Checks that Python would write the value by this specifier in braces.
pub(crate) fn check(spec: &Spec, value: &FieldValue<'_>) -> Result<(), FormatError> {
    let is_converted = matches!(spec.form, Some('r' | 'a'));
    match value {
        FieldValue::Nothing | FieldValue::Repr(_) if !is_converted && *spec != Spec::default() => {
            Err(malformed(format!("unsupported format string passed to {}.__format__", value.type_name())))
        }
        FieldValue::Float(_) if spec.form.is_some_and(|form| "bcdosxX".contains(form)) => {
            Err(unknown_code(spec, "float"))
        }
        FieldValue::Integer(_) | FieldValue::Bool(_) if spec.form == Some('s') => Err(unknown_code(spec, "int")),
        FieldValue::Integer(_) if spec.precision.is_some() && spec.form.is_none_or(|form| "bcdoxX".contains(form)) => {
            Err(malformed("Precision not allowed in integer format specifier".to_owned()))
        }
        FieldValue::Text(_) => check_text(spec),
        _ => Ok(()),
    }
}

fn check_text(spec: &Spec) -> Result<(), FormatError> {
    match spec {
        _ if !matches!(spec.form, None | Some('s' | 'r' | 'a')) => Err(unknown_code(spec, "str")),
        Spec { sign: Some(_), .. } => Err(malformed("Sign not allowed in string format specifier".to_owned())),
        Spec { alternate: true, .. } => {
            Err(malformed("Alternate form (#) not allowed in string format specifier".to_owned()))
        }
        Spec { align: Some(Align::Digits), .. } => {
            Err(malformed("'=' alignment not allowed in string format specifier".to_owned()))
        }
        Spec { grouping: Some(separator), .. } => Err(malformed(format!("Cannot specify '{separator}' with 's'."))),
        _ => Ok(()),
    }
}

fn unknown_code(spec: &Spec, type_name: &str) -> FormatError {
    let form = spec.form.unwrap_or('s');
    malformed(format!("Unknown format code '{form}' for object of type '{type_name}'"))
}

fn malformed(what: String) -> FormatError {
    FormatError::Malformed(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_that_python_refuses_for_a_type_are_errors() {
        let form = |form| Spec { form: Some(form), ..Spec::default() };
        let wide = Spec { width: 8, ..Spec::default() };
        let grouped = Spec { grouping: Some(','), ..Spec::default() };
        let text = || FieldValue::Text("x".into());
        for (spec, value, expected) in [
            (form('d'), text(), "Unknown format code 'd' for object of type 'str'"),
            (form('d'), FieldValue::Float(1.5), "Unknown format code 'd' for object of type 'float'"),
            (form('s'), FieldValue::Integer(1), "Unknown format code 's' for object of type 'int'"),
            (wide.clone(), FieldValue::Nothing, "unsupported format string passed to NoneType.__format__"),
            (grouped.clone(), text(), "Cannot specify ',' with 's'."),
        ] {
            assert_eq!(check(&spec, &value).unwrap_err().to_string(), expected);
        }
        for (spec, value) in [
            (wide, text()),
            (Spec::default(), FieldValue::Nothing),
            (form('r'), FieldValue::Nothing),
            (grouped, FieldValue::Float(1500.5)),
            (form('x'), FieldValue::Bool(true)),
        ] {
            assert_eq!(check(&spec, &value), Ok(()));
        }
    }
}
