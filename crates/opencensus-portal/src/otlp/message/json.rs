//! The values of OTLP/JSON: ids as hexadecimal digits, 64-bit numbers as text or number, enumerations as number or name.
//! `null` is the default.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A value, or the default for `null`.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// The bytes of an id.
pub(crate) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text: String = or_default(from)?;
    // An id has 16 bytes at most.
    let digits = text.as_bytes();
    if digits.len() > 32 || !digits.len().is_multiple_of(2) {
        return Err(D::Error::custom("an id has 16 or 32 hexadecimal digits"));
    }
    let byte = |pair: &[u8]| {
        let digit = |digit: u8| char::from(digit).to_digit(16).map(|digit| digit as u8);
        Some(digit(pair[0])? << 4 | digit(pair[1])?)
    };
    let bytes: Option<Vec<u8>> = digits.chunks_exact(2).map(byte).collect();
    bytes.ok_or_else(|| D::Error::custom("an id consists of hexadecimal digits"))
}

pub(crate) fn u64<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    match from.deserialize_any(Number)? {
        Parsed::None => Ok(0),
        Parsed::Integer(number) => number.try_into().map_err(|_| out_of_range()),
        Parsed::Double(_) => Err(out_of_range()),
        Parsed::Name(_) => Err(not_a_number()),
    }
}

pub(crate) fn u32<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    u64(from)?.try_into().map_err(|_| out_of_range())
}

pub(crate) fn optional_i64<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match from.deserialize_any(Number)? {
        Parsed::None => Ok(None),
        Parsed::Integer(number) => number.try_into().map(Some).map_err(|_| out_of_range()),
        Parsed::Double(_) => Err(out_of_range()),
        Parsed::Name(_) => Err(not_a_number()),
    }
}

pub(crate) fn f64<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(optional_f64(from)?.unwrap_or_default())
}

pub(crate) fn optional_f64<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    match from.deserialize_any(Number)? {
        Parsed::None => Ok(None),
        Parsed::Integer(number) => Ok(Some(number as f64)),
        Parsed::Double(number) => Ok(Some(number)),
        Parsed::Name(_) => Err(not_a_number()),
    }
}

pub(crate) fn span_kind<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
    const NAMES: [&str; 6] = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
    enumeration(from, "SPAN_KIND_", |name| NAMES.iter().position(|other| *other == name))
}

pub(crate) fn status_code<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
    const NAMES: [&str; 3] = ["UNSET", "OK", "ERROR"];
    enumeration(from, "STATUS_CODE_", |name| NAMES.iter().position(|other| *other == name))
}

pub(crate) fn severity_number<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
    const NAMES: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    enumeration(from, "SEVERITY_NUMBER_", |name| {
        let level = name.trim_end_matches(['2', '3', '4']);
        let step = name[level.len()..].parse().unwrap_or(1);
        NAMES.iter().position(|other| *other == level).map(|at| at * 4 + step)
    })
}

/// An enumeration's value by number, or by name with a prefix. An unknown name is 0.
fn enumeration<'de, D: Deserializer<'de>>(
    from: D,
    prefix: &str,
    position: impl Fn(&str) -> Option<usize>,
) -> Result<i32, D::Error> {
    match from.deserialize_any(Number)? {
        Parsed::None => Ok(0),
        Parsed::Integer(number) => number.try_into().map_err(|_| out_of_range()),
        Parsed::Double(_) => Err(out_of_range()),
        Parsed::Name(name) => {
            let position = name.strip_prefix(prefix).and_then(position);
            Ok(position.and_then(|position| position.try_into().ok()).unwrap_or_default())
        }
    }
}

fn out_of_range<E: Error>() -> E {
    E::custom("a number is out of range")
}

fn not_a_number<E: Error>() -> E {
    E::custom("a number is expected")
}

enum Parsed {
    None,
    Integer(i128),
    Double(f64),
    /// A text that is no number.
    Name(String),
}

struct Number;

impl Visitor<'_> for Number {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or its text")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Parsed, E> {
        Ok(Parsed::Integer(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Parsed, E> {
        Ok(Parsed::Integer(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Parsed, E> {
        // `1e9` is an integer, too. Integers of more than 64 bits have no exact value.
        let is_integer = number.fract() == 0.0 && number.abs() < 2_f64.powi(63);
        Ok(if is_integer { Parsed::Integer(number as i128) } else { Parsed::Double(number) })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Parsed, E> {
        if let Ok(number) = text.parse() {
            return Ok(Parsed::Integer(number));
        }
        // `NaN`, `Infinity` and `-Infinity` are parsed, too.
        let begins_as_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-') || text == "NaN";
        match text.parse() {
            Ok(number) if begins_as_number || text == "Infinity" => self.visit_f64(number),
            _ => Ok(Parsed::Name(text.to_owned())),
        }
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::None)
    }
}

#[cfg(test)]
mod tests {
    use crate::otlp::message::common::Kind;
    use crate::otlp::message::{AnyValue, LogRecord, NumberPoint, Span};

    fn span(json: &str) -> Result<Span, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn ids_are_hexadecimal_digits_in_any_letter_case() {
        let span = span(r#"{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174"}"#).unwrap();
        assert_eq!((span.trace_id[0], span.trace_id.len(), span.span_id[7]), (0x5B, 16, 0x74));
        for id in ["\"5B8\"", "\"5B8EFFF798038103D269B633813FC60C00\"", "\"+1+1+1+1+1+1+1+1\"", "7", "\"ä\""] {
            super::tests::span(&format!("{{\"spanId\":{id}}}")).unwrap_err();
        }
    }

    #[test]
    fn numbers_of_64_bits_are_texts_or_numbers() {
        for number in ["1544712660300000000", "\"1544712660300000000\"", "1.5447126603e18"] {
            let span = span(&format!("{{\"startTimeUnixNano\":{number}}}")).unwrap();
            assert_eq!(span.start_time_unix_nano, 1_544_712_660_300_000_000, "{number}");
        }
        for number in ["-1", "\"-1\"", "\"18446744073709551616\"", "1.5", "\"x\"", "{}", "[1]", "true"] {
            span(&format!("{{\"startTimeUnixNano\":{number}}}")).unwrap_err();
        }
        let point = |json: &str| serde_json::from_str::<NumberPoint>(json).unwrap();
        assert_eq!(point(r#"{"asInt":"-7"}"#).as_int, Some(-7));
        assert_eq!(point(r#"{"asDouble":"-Infinity"}"#).as_double, Some(f64::NEG_INFINITY));
        assert!(point(r#"{"asDouble":"NaN"}"#).as_double.unwrap().is_nan());
        assert_eq!(point(r#"{"asDouble":3}"#).as_double, Some(3.0));
    }

    #[test]
    fn enumerations_are_numbers_or_names() {
        for kind in ["3", "\"3\"", "\"SPAN_KIND_CLIENT\""] {
            assert_eq!(span(&format!("{{\"kind\":{kind}}}")).unwrap().kind, Span::CLIENT, "{kind}");
        }
        assert_eq!(span(r#"{"kind":"SPAN_KIND_NEW"}"#).unwrap().kind, 0);
        assert_eq!(span(r#"{"status":{"code":"STATUS_CODE_ERROR"}}"#).unwrap().status.unwrap().code, 2);
        for (name, number) in [("TRACE", 1), ("INFO", 9), ("WARN3", 15), ("FATAL4", 24), ("4", 0), ("UNSPECIFIED", 0)] {
            let json = format!("{{\"severityNumber\":\"SEVERITY_NUMBER_{name}\"}}");
            assert_eq!(serde_json::from_str::<LogRecord>(&json).unwrap().severity_number, number, "{name}");
        }
    }

    #[test]
    fn null_is_the_default_and_unknown_fields_are_ignored() {
        let json = r#"{"traceId":null,"name":null,"kind":null,"attributes":null,"status":null,"events":null,
            "startTimeUnixNano":null,"new":[{"a":{}}]}"#;
        assert_eq!(span(json).unwrap(), Span::default());
    }

    #[test]
    fn values_of_every_kind_are_read() {
        let kind = |json: &str| serde_json::from_str::<AnyValue>(json).unwrap().kind;
        assert_eq!(kind(r#"{"stringValue":"a"}"#), Some(Kind::Text("a".into())));
        assert_eq!(kind(r#"{"boolValue":false}"#), Some(Kind::Flag(false)));
        assert_eq!(kind(r#"{"intValue":"7"}"#), Some(Kind::Integer(7)));
        assert_eq!(kind(r#"{"doubleValue":1.5}"#), Some(Kind::Double(1.5)));
        assert_eq!(kind(r#"{"bytesValue":"AQI="}"#), Some(Kind::Text("AQI=".into())));
        assert_eq!(kind(r#"{"new":1}"#), None);
        assert_eq!(kind("{}"), None);
        let Some(Kind::List(list)) = kind(r#"{"arrayValue":{"values":[{"intValue":1},{}]}}"#) else { panic!() };
        assert_eq!(list.values.len(), 2);
        let Some(Kind::Map(map)) = kind(r#"{"kvlistValue":{"values":[{"key":"a","value":{"boolValue":true}}]}}"#)
        else {
            panic!()
        };
        assert_eq!(map.values[0].key, "a");
    }
}
