//! Metrics and their data points.

use serde::Deserialize;

use crate::otlp::message::common::KeyValue;
use crate::otlp::message::json;

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Metric {
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "5")]
    pub(crate) gauge: Option<Numbers>,
    #[prost(message, optional, tag = "7")]
    pub(crate) sum: Option<Numbers>,
    #[prost(message, optional, tag = "9")]
    pub(crate) histogram: Option<Histogram>,
    #[prost(message, optional, tag = "10")]
    pub(crate) exponential_histogram: Option<ExponentialHistogram>,
    #[prost(message, optional, tag = "11")]
    pub(crate) summary: Option<Summary>,
}

/// The points of a gauge or of a sum.
#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Numbers {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) data_points: Vec<NumberPoint>,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Histogram {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) data_points: Vec<HistogramPoint>,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ExponentialHistogram {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) data_points: Vec<ExponentialHistogramPoint>,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Summary {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) data_points: Vec<SummaryPoint>,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct NumberPoint {
    #[prost(message, repeated, tag = "7")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(fixed64, tag = "3")]
    #[serde(deserialize_with = "json::u64")]
    pub(crate) time_unix_nano: u64,
    #[prost(double, optional, tag = "4")]
    #[serde(deserialize_with = "json::optional_f64")]
    pub(crate) as_double: Option<f64>,
    #[prost(sfixed64, optional, tag = "6")]
    #[serde(deserialize_with = "json::optional_i64")]
    pub(crate) as_int: Option<i64>,
    #[prost(uint32, tag = "8")]
    #[serde(deserialize_with = "json::u32")]
    pub(crate) flags: u32,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct HistogramPoint {
    #[prost(message, repeated, tag = "9")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(fixed64, tag = "3")]
    #[serde(deserialize_with = "json::u64")]
    pub(crate) time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    #[serde(deserialize_with = "json::u64")]
    pub(crate) count: u64,
    #[prost(double, optional, tag = "5")]
    #[serde(deserialize_with = "json::optional_f64")]
    pub(crate) sum: Option<f64>,
    #[prost(uint32, tag = "10")]
    #[serde(deserialize_with = "json::u32")]
    pub(crate) flags: u32,
    #[prost(double, optional, tag = "11")]
    #[serde(deserialize_with = "json::optional_f64")]
    pub(crate) min: Option<f64>,
    #[prost(double, optional, tag = "12")]
    #[serde(deserialize_with = "json::optional_f64")]
    pub(crate) max: Option<f64>,
}

/// The same values as those of a histogram with fixed buckets, in other fields.
#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ExponentialHistogramPoint {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(fixed64, tag = "3")]
    #[serde(deserialize_with = "json::u64")]
    pub(crate) time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    #[serde(deserialize_with = "json::u64")]
    pub(crate) count: u64,
    #[prost(double, optional, tag = "5")]
    #[serde(deserialize_with = "json::optional_f64")]
    pub(crate) sum: Option<f64>,
    #[prost(uint32, tag = "10")]
    #[serde(deserialize_with = "json::u32")]
    pub(crate) flags: u32,
    #[prost(double, optional, tag = "12")]
    #[serde(deserialize_with = "json::optional_f64")]
    pub(crate) min: Option<f64>,
    #[prost(double, optional, tag = "13")]
    #[serde(deserialize_with = "json::optional_f64")]
    pub(crate) max: Option<f64>,
}

impl From<ExponentialHistogramPoint> for HistogramPoint {
    fn from(point: ExponentialHistogramPoint) -> Self {
        let ExponentialHistogramPoint { attributes, time_unix_nano, count, sum, flags, min, max } = point;
        Self { attributes, time_unix_nano, count, sum, flags, min, max }
    }
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SummaryPoint {
    #[prost(message, repeated, tag = "7")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(fixed64, tag = "3")]
    #[serde(deserialize_with = "json::u64")]
    pub(crate) time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    #[serde(deserialize_with = "json::u64")]
    pub(crate) count: u64,
    #[prost(double, tag = "5")]
    #[serde(deserialize_with = "json::f64")]
    pub(crate) sum: f64,
    #[prost(message, repeated, tag = "6")]
    #[serde(deserialize_with = "json::or_default")]
    pub(crate) quantile_values: Vec<Quantile>,
    #[prost(uint32, tag = "8")]
    #[serde(deserialize_with = "json::u32")]
    pub(crate) flags: u32,
}

#[derive(Clone, Deserialize, PartialEq, prost::Message)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Quantile {
    #[prost(double, tag = "1")]
    #[serde(deserialize_with = "json::f64")]
    pub(crate) quantile: f64,
    #[prost(double, tag = "2")]
    #[serde(deserialize_with = "json::f64")]
    pub(crate) value: f64,
}
