//! Attributes, resources and scopes.

use serde::Deserialize;

use crate::otlp::message::json;

/// What produces telemetry.
#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Resource {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) attributes: Vec<KeyValue>,
}

/// The library that produces telemetry: the name of a logger, of a tracer or of a meter.
#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct InstrumentationScope {
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) name: String,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct KeyValue {
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) key: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) value: Option<AnyValue>,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(from = "JsonValue")]
pub(crate) struct AnyValue {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub(crate) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Kind {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Flag(bool),
    #[prost(int64, tag = "3")]
    Integer(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    List(ArrayValue),
    #[prost(message, tag = "6")]
    Map(KeyValueList),
    #[prost(bytes = "vec", tag = "7")]
    Bytes(Vec<u8>),
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default)]
pub(crate) struct ArrayValue {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) values: Vec<AnyValue>,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default)]
pub(crate) struct KeyValueList {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) values: Vec<KeyValue>,
}

/// An [`AnyValue`] in JSON. Bytes stay base64, which is their text in a property, too.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct JsonValue {
    string_value: Option<String>,
    bool_value: Option<bool>,
    #[serde(deserialize_with = "json::optional_i64")]
    int_value: Option<i64>,
    #[serde(deserialize_with = "json::optional_f64")]
    double_value: Option<f64>,
    array_value: Option<ArrayValue>,
    kvlist_value: Option<KeyValueList>,
    bytes_value: Option<String>,
}

impl From<JsonValue> for AnyValue {
    fn from(value: JsonValue) -> Self {
        let text = value.string_value.or(value.bytes_value).map(Kind::Text);
        let scalar = text.or(value.bool_value.map(Kind::Flag)).or(value.int_value.map(Kind::Integer));
        let number = scalar.or(value.double_value.map(Kind::Double));
        Self { kind: number.or(value.array_value.map(Kind::List)).or(value.kvlist_value.map(Kind::Map)) }
    }
}
