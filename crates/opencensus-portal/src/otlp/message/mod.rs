//! The messages of OTLP, with the fields that the portal reads.
//!
//! The members of a `oneof` are optional fields: both have the same encoding.

mod common;
mod export;
mod json;
mod logs;
mod metrics;
mod trace;

pub(super) use common::{AnyValue, InstrumentationScope, KeyValue, Kind, Resource};
#[cfg(test)]
pub(super) use common::{ArrayValue, KeyValueList};
pub(super) use export::{ExportResponse, PartialSuccess, RpcStatus};
pub(super) use logs::LogRecord;
#[cfg(test)]
pub(super) use metrics::{Histogram, Numbers, Quantile, Summary};
pub(super) use metrics::{HistogramPoint, Metric, NumberPoint, SummaryPoint};
pub(super) use trace::{Event, Link, Span, Status};
