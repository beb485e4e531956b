//! Walks through the records of a body: spans, log records or metrics, each with its resource and its scope.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::otlp::encoding::Encoding;
use crate::otlp::message::{InstrumentationScope, Resource};
use crate::otlp::wire::{self, Malformed};

/// The names of the lists in JSON, such as `resourceSpans`, `scopeSpans` and `spans`. In protobuf, the lists of all signals
/// have the same numbers.
pub(super) type ListNames = [&'static str; 3];

/// The most bytes of an encoded resource or scope.
const MAX_ORIGIN: usize = 256 * 1024;

/// Receives the records of a body. Errors end the walk.
pub(super) trait Visit {
    /// The following records are of this resource.
    fn resource(&mut self, resource: Resource) -> Result<(), String>;
    /// The following records are of this scope.
    fn scope(&mut self, scope: InstrumentationScope) -> Result<(), String>;
    /// An encoded record.
    fn record(&mut self, record: &[u8]) -> Result<(), String>;
}

/// Passes the records of a body to a visitor, in their order.
///
/// # Errors
///
/// Why the body is malformed. The visitor may have received some of its records.
pub(super) fn walk(body: &[u8], encoding: Encoding, names: ListNames, visit: &mut impl Visit) -> Result<(), String> {
    match encoding {
        Encoding::Protobuf => walk_protobuf(body, visit),
        Encoding::Json => walk_json(body, names, visit),
    }
}

fn walk_protobuf(body: &[u8], visit: &mut impl Visit) -> Result<(), String> {
    each_field(body, 1, |group| {
        visit.resource(origin(Encoding::Protobuf, first(group))?)?;
        each_field(group, 2, |scope| {
            visit.scope(origin(Encoding::Protobuf, first(scope))?)?;
            each_field(scope, 2, |record| visit.record(record))
        })
    })
}

/// Calls a function with the content of each field of this number.
fn each_field<'a>(
    message: &'a [u8],
    number: u64,
    mut call: impl FnMut(&'a [u8]) -> Result<(), String>,
) -> Result<(), String> {
    for field in wire::fields(message) {
        match field {
            Ok((found, content)) if found == number => call(content)?,
            Ok(_) => {}
            Err(Malformed) => return Err("the body is not a protobuf message".to_owned()),
        }
    }
    Ok(())
}

/// The first field of a message, which is the resource or the scope. Encoders may write it last.
fn first(message: &[u8]) -> Option<&[u8]> {
    wire::fields(message).find_map(|field| field.ok().filter(|(number, _)| *number == 1)).map(|(_, content)| content)
}

fn walk_json(body: &[u8], [groups, scopes, records]: ListNames, visit: &mut impl Visit) -> Result<(), String> {
    let [_, list] = members(body, ["", groups])?;
    each(list, |group| {
        let [resource, list] = members(group, ["resource", scopes])?;
        visit.resource(origin(Encoding::Json, resource)?)?;
        each(list, |scope| {
            let [scope, list] = members(scope, ["scope", records])?;
            visit.scope(origin(Encoding::Json, scope)?)?;
            each(list, |record| visit.record(record))
        })
    })
}

/// Decodes a resource or a scope. One that is too large counts as empty.
fn origin<T>(encoding: Encoding, message: Option<&[u8]>) -> Result<T, String>
where
    T: prost::Message + Default + serde::de::DeserializeOwned,
{
    match message {
        Some(message) if message.len() <= MAX_ORIGIN && message != b"null" => encoding.decode(message),
        _ => Ok(T::default()),
    }
}

/// The texts of two members of a JSON object.
fn members<'a>(object: &'a [u8], names: [&str; 2]) -> Result<[Option<&'a [u8]>; 2], String> {
    let mut json = serde_json::Deserializer::from_slice(object);
    let members = json.deserialize_map(Members(names)).map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    Ok(members)
}

struct Members<'n>([&'n str; 2]);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = [Option<&'de [u8]>; 2];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None, None];
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let value: &'de RawValue = map.next_value()?;
            if let Some(at) = self.0.iter().position(|other| *other == name) {
                found[at] = Some(value.get().as_bytes());
            }
        }
        Ok(found)
    }
}

/// Calls a function with the text of each element of a JSON array. A missing array is empty.
fn each<'a>(list: Option<&'a [u8]>, call: impl FnMut(&'a [u8]) -> Result<(), String>) -> Result<(), String> {
    let Some(list) = list else { return Ok(()) };
    let mut json = serde_json::Deserializer::from_slice(list);
    Each(call).deserialize(&mut json).map_err(|error| error.to_string())
}

struct Each<F>(F);

impl<'de, F: FnMut(&'de [u8]) -> Result<(), String>> DeserializeSeed<'de> for Each<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&'de [u8]) -> Result<(), String>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<&'de RawValue>()? {
            (self.0)(element.get().as_bytes()).map_err(A::Error::custom)?;
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    #[derive(Default)]
    struct Visited(Vec<String>);

    impl Visit for Visited {
        fn resource(&mut self, resource: Resource) -> Result<(), String> {
            self.0.push(format!("resource {}", resource.attributes.len()));
            Ok(())
        }

        fn scope(&mut self, scope: InstrumentationScope) -> Result<(), String> {
            self.0.push(format!("scope {}", scope.name));
            Ok(())
        }

        fn record(&mut self, record: &[u8]) -> Result<(), String> {
            self.0.push(String::from_utf8_lossy(record).into_owned());
            Ok(())
        }
    }

    fn visited(body: &[u8], encoding: Encoding) -> Result<Vec<String>, String> {
        let mut visited = Visited::default();
        walk(body, encoding, ["resourceSpans", "scopeSpans", "spans"], &mut visited).map(|()| visited.0)
    }

    /// A field of a message, with less than 128 bytes.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8], content].concat()
    }

    #[test]
    fn records_are_passed_with_their_resource_and_scope_in_both_encodings() {
        let json = br#"{"new":[{}],"resourceSpans":[
            {"resource":{"attributes":[{"key":"a"}]},"scopeSpans":[{"spans":["x","y"],"scope":{"name":"s"}},{}]},
            {"resource":null,"scopeSpans":null}, {"scopeSpans":[{"spans":["z"]}]}]}"#;
        let expected = |quote: &str| {
            ["resource 1", "scope s", "x", "y", "scope ", "resource 0", "resource 0", "scope ", "z"]
                .map(|line| if line.len() == 1 { format!("{quote}{line}{quote}") } else { line.to_owned() })
        };
        assert_eq!(visited(json, Encoding::Json).unwrap(), expected("\""));
        let resource = field(1, &field(1, &field(1, b"a")));
        let scope = InstrumentationScope { name: "s".to_owned() }.encode_to_vec();
        // The scope comes after its spans.
        let spans = [field(2, b"x"), field(2, b"y"), field(1, &scope)].concat();
        let protobuf = [
            field(1, &[resource, field(2, &spans), field(2, b"")].concat()),
            field(7, b"new"),
            field(1, b""),
            field(1, &field(2, &field(2, b"z"))),
        ];
        assert_eq!(visited(&protobuf.concat(), Encoding::Protobuf).unwrap(), expected(""));
    }

    #[test]
    fn empty_requests_have_no_records_and_malformed_ones_are_errors() {
        assert_eq!(visited(b"", Encoding::Protobuf).unwrap(), [""; 0]);
        assert_eq!(visited(b"{}", Encoding::Json).unwrap(), [""; 0]);
        for body in
            ["", "[]", "{", "{\"resourceSpans\":{}}", "{\"resourceSpans\":[1]}", "{} {}", "{\"resourceSpans\":[{}"]
        {
            visited(body.as_bytes(), Encoding::Json).unwrap_err();
        }
        for body in [[0x0A, 0x05, 0x01].as_slice(), &field(1, &[0x12, 0x05]), b"{}"] {
            visited(body, Encoding::Protobuf).unwrap_err();
        }
    }
}
