//! A conversion specifier: width, alignment, precision and form of a value.

use crate::formatters::field_value::FieldValue;
use crate::formatters::format_error::FormatError;
use crate::formatters::python_text;

/// A conversion specifier: how a value is written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Spec {
    pub(crate) fill: Option<char>,
    pub(crate) align: Option<Align>,
    pub(crate) sign: Option<char>,
    pub(crate) alternate: bool,
    pub(crate) zeros: bool,
    pub(crate) grouping: Option<char>,
    pub(crate) width: usize,
    pub(crate) precision: Option<usize>,
    /// A letter such as `d`. `None`: the form that suits the value's type.
    pub(crate) form: Option<char>,
}

/// The alignment of a value in its field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Align {
    Left,
    Right,
    Center,
    /// Between the sign and the digits.
    Digits,
}

/// The widest field and the longest fraction: a typo in a format must not fill the memory.
const WIDEST: usize = 10_000;

impl Spec {
    /// Whether a text is written as it is.
    pub(crate) fn is_plain(&self) -> bool {
        self.width == 0 && self.precision.is_none() && matches!(self.form, None | Some('s'))
    }

    /// Appends the value.
    pub(crate) fn write(&self, out: &mut String, value: &FieldValue<'_>) -> Result<(), FormatError> {
        let (sign, digits, is_number) = self.parts(value)?;
        let width = sign.chars().count() + digits.chars().count();
        let missing = self.width.min(WIDEST).saturating_sub(width);
        let align = self.align.unwrap_or(if self.zeros && is_number {
            Align::Digits
        } else if is_number {
            Align::Right
        } else {
            Align::Left
        });
        let fill = self.fill.unwrap_or(if self.zeros && is_number { '0' } else { ' ' });
        let (before, between, after) = match align {
            Align::Left => (0, 0, missing),
            Align::Right => (missing, 0, 0),
            Align::Center => (missing / 2, 0, missing - missing / 2),
            Align::Digits => (0, missing, 0),
        };
        let pad = |out: &mut String, count| out.extend(std::iter::repeat_n(fill, count));
        pad(out, before);
        out.push_str(&sign);
        pad(out, between);
        out.push_str(&digits);
        pad(out, after);
        Ok(())
    }

    /// The sign with the prefix of the base, the digits or the text, and whether the value is a number.
    fn parts(&self, value: &FieldValue<'_>) -> Result<(String, String, bool), FormatError> {
        let form = self.form.unwrap_or(match value {
            FieldValue::Integer(_) => 'd',
            FieldValue::Float(_) if self.precision.is_some() => 'g',
            _ => 's',
        });
        match form {
            's' | 'r' | 'a' => Ok((String::new(), self.text(value, form), self.form.is_none() && value.is_number())),
            'c' => Ok((String::new(), character(value)?, false)),
            'd' | 'i' | 'u' | 'n' => self.integer(value, form, 10),
            'x' | 'X' => self.integer(value, form, 16),
            'o' => self.integer(value, form, 8),
            'b' => self.integer(value, form, 2),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => self.float(value, form),
            _ => Err(FormatError::Malformed(format!("unsupported format character '{form}'"))),
        }
    }

    fn text(&self, value: &FieldValue<'_>, form: char) -> String {
        let text = match value {
            FieldValue::Repr(text) if form == 'a' => python_text::ascii_only(text),
            FieldValue::Repr(text) => text.clone(),
            FieldValue::Text(text) if form == 's' => text.to_string(),
            FieldValue::Text(text) if form == 'a' => python_text::ascii(text),
            FieldValue::Text(text) => python_text::repr(&serde_json::Value::from(&**text)),
            FieldValue::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
            FieldValue::Integer(number) => number.to_string(),
            FieldValue::Float(number) if self.grouping.is_some() => {
                let (sign, size) = (if number.is_sign_negative() { "-" } else { "" }, python_text::float(number.abs()));
                let (whole, fraction) = size.split_once('.').unwrap_or((&size, "0"));
                format!("{sign}{}.{fraction}", grouped(whole, self.grouping))
            }
            FieldValue::Float(number) => python_text::float(*number),
            FieldValue::Nothing => "None".to_owned(),
        };
        match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        }
    }

    fn integer(&self, value: &FieldValue<'_>, form: char, base: u32) -> Result<(String, String, bool), FormatError> {
        let number = match value {
            FieldValue::Integer(number) => *number,
            FieldValue::Bool(flag) => i128::from(*flag),
            #[expect(clippy::cast_possible_truncation, reason = "as int() does it")]
            FieldValue::Float(number) if base == 10 => number.trunc() as i128,
            other if base == 10 => return Err(FormatError::NotANumber(form, other.type_name())),
            other => return Err(FormatError::NotAnInteger(form, other.type_name())),
        };
        let size = number.unsigned_abs();
        let (mark, digits) = match base {
            16 if form == 'X' => ("0X", format!("{size:X}")),
            16 => ("0x", format!("{size:x}")),
            8 => ("0o", format!("{size:o}")),
            2 => ("0b", format!("{size:b}")),
            _ => ("", grouped(&size.to_string(), self.grouping)),
        };
        let mark = if self.alternate { mark } else { "" };
        let digits = format!("{digits:0>width$}", width = self.precision.unwrap_or(0).min(WIDEST));
        Ok((format!("{}{mark}", self.sign_of(number < 0)), digits, true))
    }

    fn float(&self, value: &FieldValue<'_>, form: char) -> Result<(String, String, bool), FormatError> {
        let number = match value {
            #[expect(clippy::cast_precision_loss, reason = "as float() does it")]
            FieldValue::Integer(number) => *number as f64,
            FieldValue::Float(number) => *number,
            FieldValue::Bool(flag) => f64::from(u8::from(*flag)),
            other => return Err(FormatError::Malformed(format!("must be real number, not {}", other.type_name()))),
        };
        let (size, precision) = (number.abs(), self.precision.unwrap_or(6).min(WIDEST));
        let digits = match form {
            _ if !number.is_finite() => python_text::float(size),
            'e' | 'E' => exponential(size, precision),
            'f' | 'F' => format!("{size:.precision$}"),
            '%' => format!("{:.precision$}%", size * 100.0),
            _ => general(size, precision.max(1), self.alternate),
        };
        let digits = match digits.split_once('.') {
            Some((whole, fraction)) => format!("{}.{fraction}", grouped(whole, self.grouping)),
            None => grouped(&digits, self.grouping),
        };
        let digits = if form.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
        Ok((self.sign_of(number.is_sign_negative()), digits, true))
    }

    fn sign_of(&self, is_negative: bool) -> String {
        match self.sign {
            _ if is_negative => "-".to_owned(),
            Some('-') | None => String::new(),
            Some(sign) => sign.to_string(),
        }
    }
}

fn character(value: &FieldValue<'_>) -> Result<String, FormatError> {
    match value {
        FieldValue::Text(text) if text.chars().count() == 1 => Ok(text.to_string()),
        FieldValue::Integer(code) => u32::try_from(*code)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .ok_or_else(|| FormatError::Malformed("%c arg not in range(0x110000)".to_owned())),
        _ => Err(FormatError::Malformed("%c requires int or char".to_owned())),
    }
}

fn grouped(digits: &str, separator: Option<char>) -> String {
    let Some(separator) = separator else { return digits.to_owned() };
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

fn exponential(size: f64, precision: usize) -> String {
    let text = format!("{size:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{digits}e{sign}{exponent:0>2}")
}

/// C's `%g`: an exponent where it is shorter, and no trailing zeros.
fn general(size: f64, precision: usize, keep_zeros: bool) -> String {
    let scientific = exponential(size, precision - 1);
    let exponent: i32 = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let trim = |text: &str| {
        let text = if keep_zeros || !text.contains('.') { text } else { text.trim_end_matches('0') };
        text.trim_end_matches('.').to_owned()
    };
    let precision = i32::try_from(precision).unwrap_or(i32::MAX);
    if (-4..precision).contains(&exponent) {
        let decimals = usize::try_from(precision - 1 - exponent).unwrap_or(0);
        return trim(&format!("{size:.decimals$}"));
    }
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "+00"));
    format!("{}e{exponent}", trim(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(spec: &Spec, value: FieldValue<'_>) -> String {
        let mut out = String::new();
        spec.write(&mut out, &value).unwrap();
        out
    }

    #[test]
    fn numbers_are_written_as_in_c() {
        let form = |form, precision, width| Spec { form: Some(form), precision, width, ..Spec::default() };
        for (spec, value, expected) in [
            (form('f', Some(2), 0), FieldValue::Float(1.5), "1.50"),
            (form('g', None, 0), FieldValue::Float(0.00001), "1e-05"),
            (form('g', None, 0), FieldValue::Float(1234567.0), "1.23457e+06"),
            (form('g', None, 0), FieldValue::Float(100.0), "100"),
            (form('e', Some(1), 0), FieldValue::Integer(1500), "1.5e+03"),
            (form('x', None, 6), FieldValue::Integer(-255), "   -ff"),
            (form('d', None, 0), FieldValue::Float(-1.9), "-1"),
            (Spec { zeros: true, ..form('d', None, 5) }, FieldValue::Integer(-42), "-0042"),
            (Spec { grouping: Some(','), ..form('d', None, 0) }, FieldValue::Integer(1234567), "1,234,567"),
            (Spec { sign: Some('+'), alternate: true, ..form('o', None, 0) }, FieldValue::Integer(8), "+0o10"),
            (
                Spec { width: 7, align: Some(Align::Center), fill: Some('*'), ..Spec::default() },
                FieldValue::Text("ab".into()),
                "**ab***",
            ),
        ] {
            assert_eq!(written(&spec, value.clone()), expected, "{spec:?} {value:?}");
        }
        let error = form('d', None, 0).write(&mut String::new(), &FieldValue::Text("x".into())).unwrap_err();
        assert_eq!(error.to_string(), "%d format: a real number is required, not str");
    }

    #[test]
    fn width_and_precision_are_bounded() {
        let spec = Spec { width: usize::MAX, form: Some('f'), precision: Some(usize::MAX), ..Spec::default() };
        assert!(written(&spec, FieldValue::Float(1.0)).len() <= 2 * WIDEST);
    }
}
