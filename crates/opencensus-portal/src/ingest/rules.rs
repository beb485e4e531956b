//! The table of what the service refuses in an item.
//!
//! Lengths and required fields are those of the Bond schemas of Application Insights. The service refuses an item with a
//! longer text, and an item whose required text is missing or empty.

use serde_json::Value;

use crate::ingest::defect::Defect;
use crate::ingest::time;

/// The most bytes of an item, as the client sends it.
pub(super) const MAX_ITEM: usize = 64 * 1024;
/// The maximum age of an item, in microseconds.
pub(super) const MAX_AGE: i64 = 48 * 60 * 60 * 1_000_000;
/// The maximum time of an item in the future, in microseconds.
pub(super) const MAX_AHEAD: i64 = 2 * 60 * 60 * 1_000_000;
/// The smallest sampling rate in per cent: the item represents a million.
pub(super) const MIN_SAMPLE_RATE: f64 = 0.0001;
/// The most UTF-16 units of the key of a property or measurement. A longer key is cut.
pub(super) const MAX_PROPERTY_KEY: usize = 150;
/// The most UTF-16 units of the value of a property. A longer value is cut.
pub(super) const MAX_PROPERTY_VALUE: usize = 8192;

/// What the service demands of one field.
#[derive(Debug)]
pub(super) struct Rule {
    /// The type in the schema that has the field.
    pub(super) on: &'static str,
    pub(super) field: &'static str,
    pub(super) form: Form,
    pub(super) is_required: bool,
}

/// The form of a field's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// A text, with its greatest length in UTF-16 units. A required text is not empty.
    Text(usize),
    /// A date and time.
    Time,
    /// A duration below 1000 days.
    Span,
    /// A duration below 1000 days, or its milliseconds as a number.
    SpanOrMillis,
    Switch,
    Number,
    /// A severity, by number or by name.
    Severity,
    /// The kind of a metric's value, by number or by name.
    MetricKind,
    /// A list of objects. A required list is not empty.
    List,
    /// A mapping of names to texts, or to numbers for measurements.
    Map,
}

const fn required(on: &'static str, field: &'static str, form: Form) -> Rule {
    Rule { on, field, form, is_required: true }
}

const fn optional(on: &'static str, field: &'static str, form: Form) -> Rule {
    Rule { on, field, form, is_required: false }
}

use Form::{List, Map, MetricKind, Number, Severity, Span, SpanOrMillis, Switch, Text, Time};

/// All rules, by type. `parsedStack` has none: OpenCensus for Python sends a text there.
pub(super) const RULES: &[Rule] = &[
    required("Envelope", "name", Text(1024)),
    required("Envelope", "time", Time),
    required("Envelope", "iKey", Text(40)),
    optional("Envelope", "seq", Text(64)),
    optional("Envelope", "tags", Map),
    optional("Envelope", "sampleRate", Number),
    required("RequestData", "id", Text(512)),
    optional("RequestData", "name", Text(1024)),
    required("RequestData", "duration", Span),
    required("RequestData", "responseCode", Text(1024)),
    required("RequestData", "success", Switch),
    optional("RequestData", "source", Text(1024)),
    optional("RequestData", "url", Text(2048)),
    required("RemoteDependencyData", "name", Text(1024)),
    optional("RemoteDependencyData", "id", Text(512)),
    optional("RemoteDependencyData", "resultCode", Text(1024)),
    required("RemoteDependencyData", "duration", Span),
    optional("RemoteDependencyData", "success", Switch),
    optional("RemoteDependencyData", "data", Text(8192)),
    optional("RemoteDependencyData", "type", Text(1024)),
    optional("RemoteDependencyData", "target", Text(1024)),
    required("MessageData", "message", Text(32_768)),
    optional("MessageData", "severityLevel", Severity),
    required("ExceptionData", "exceptions", List),
    optional("ExceptionData", "severityLevel", Severity),
    optional("ExceptionData", "problemId", Text(1024)),
    optional("ExceptionDetails", "typeName", Text(1024)),
    required("ExceptionDetails", "message", Text(32_768)),
    optional("ExceptionDetails", "stack", Text(32_768)),
    optional("StackFrame", "method", Text(1024)),
    optional("StackFrame", "assembly", Text(1024)),
    optional("StackFrame", "fileName", Text(1024)),
    optional("StackFrame", "level", Number),
    optional("StackFrame", "line", Number),
    required("EventData", "name", Text(512)),
    required("MetricData", "metrics", List),
    required("DataPoint", "name", Text(1024)),
    required("DataPoint", "value", Number),
    optional("DataPoint", "ns", Text(256)),
    optional("DataPoint", "kind", MetricKind),
    optional("DataPoint", "count", Number),
    optional("DataPoint", "min", Number),
    optional("DataPoint", "max", Number),
    optional("DataPoint", "stdDev", Number),
    required("AvailabilityData", "id", Text(512)),
    required("AvailabilityData", "name", Text(1024)),
    required("AvailabilityData", "duration", Span),
    required("AvailabilityData", "success", Switch),
    optional("AvailabilityData", "runLocation", Text(1024)),
    optional("AvailabilityData", "message", Text(8192)),
    required("PageViewData", "name", Text(1024)),
    optional("PageViewData", "id", Text(512)),
    optional("PageViewData", "url", Text(2048)),
    optional("PageViewData", "duration", SpanOrMillis),
    optional("PageViewData", "referredUri", Text(2048)),
    required("PageViewPerformanceData", "name", Text(1024)),
    optional("PageViewPerformanceData", "id", Text(512)),
    optional("PageViewPerformanceData", "url", Text(2048)),
    optional("PageViewPerformanceData", "duration", SpanOrMillis),
    optional("ContextTagKeys", "ai.application.ver", Text(1024)),
    optional("ContextTagKeys", "ai.device.id", Text(1024)),
    optional("ContextTagKeys", "ai.device.locale", Text(64)),
    optional("ContextTagKeys", "ai.device.model", Text(256)),
    optional("ContextTagKeys", "ai.device.oemName", Text(256)),
    optional("ContextTagKeys", "ai.device.osVersion", Text(256)),
    optional("ContextTagKeys", "ai.device.type", Text(64)),
    optional("ContextTagKeys", "ai.location.ip", Text(46)),
    optional("ContextTagKeys", "ai.location.country", Text(256)),
    optional("ContextTagKeys", "ai.location.province", Text(256)),
    optional("ContextTagKeys", "ai.location.city", Text(256)),
    optional("ContextTagKeys", "ai.operation.id", Text(128)),
    optional("ContextTagKeys", "ai.operation.name", Text(1024)),
    optional("ContextTagKeys", "ai.operation.parentId", Text(512)),
    optional("ContextTagKeys", "ai.operation.syntheticSource", Text(1024)),
    optional("ContextTagKeys", "ai.operation.correlationVector", Text(64)),
    optional("ContextTagKeys", "ai.session.id", Text(64)),
    optional("ContextTagKeys", "ai.session.isFirst", Text(5)),
    optional("ContextTagKeys", "ai.user.id", Text(128)),
    optional("ContextTagKeys", "ai.user.authUserId", Text(1024)),
    optional("ContextTagKeys", "ai.user.accountId", Text(1024)),
    optional("ContextTagKeys", "ai.cloud.role", Text(256)),
    optional("ContextTagKeys", "ai.cloud.roleInstance", Text(256)),
    optional("ContextTagKeys", "ai.cloud.roleVer", Text(256)),
    optional("ContextTagKeys", "ai.cloud.location", Text(256)),
    optional("ContextTagKeys", "ai.internal.sdkVersion", Text(64)),
    optional("ContextTagKeys", "ai.internal.agentVersion", Text(64)),
    optional("ContextTagKeys", "ai.internal.nodeName", Text(256)),
];

impl Rule {
    /// Applies the rule to the field's value.
    ///
    /// # Errors
    ///
    /// The reason for the refusal, worded as by the service.
    pub(super) fn check(&self, value: Option<&Value>) -> Result<(), Defect> {
        match value.filter(|value| !is_empty(value)) {
            None if self.is_required => Err(self.refusal("109", "required but missing or empty. Expected: string")),
            None => Ok(()),
            Some(value) => self.check_form(value),
        }
    }

    fn check_form(&self, value: &Value) -> Result<(), Defect> {
        match self.form {
            Form::Text(limit) => match value {
                Value::Object(_) | Value::Array(_) => Err(self.incorrect("string")),
                Value::String(text) => self.check_length(text, limit),
                // The service converts numbers and switches, whose texts are short.
                _ => Ok(()),
            },
            Form::Time if text(value).and_then(time::parse_time).is_none() => {
                Err(self.refusal("102", "not a valid time string. Expected: date"))
            }
            Form::Span if text(value).and_then(time::parse_duration).is_none() => Err(self.incorrect("time span")),
            Form::SpanOrMillis if time::duration_of(value).is_none() => Err(self.incorrect("time span")),
            Form::Switch if !value.is_boolean() => Err(self.incorrect("bool")),
            Form::Number if !is_number(value) => Err(self.incorrect("double")),
            Form::Severity if !is_named(value, &SEVERITIES) => Err(self.incorrect("SeverityLevel")),
            Form::MetricKind if !is_named(value, &METRIC_KINDS) => Err(self.incorrect("DataPointType")),
            Form::List if !value.as_array().is_some_and(|list| list.iter().all(Value::is_object)) => {
                Err(self.incorrect("list of objects"))
            }
            Form::Map if !value.is_object() => Err(self.incorrect("object")),
            _ => Ok(()),
        }
    }

    fn check_length(&self, text: &str, limit: usize) -> Result<(), Defect> {
        // A character never has more UTF-16 units than bytes.
        let length = if text.len() <= limit { 0 } else { text.encode_utf16().count() };
        if length <= limit {
            return Ok(());
        }
        Err(self.refusal("100", &format!("too long. Expected: {limit} characters, Actual: {length}")))
    }

    fn incorrect(&self, expected: &str) -> Defect {
        self.refusal("106", &format!("of incorrect type. Expected: {expected}"))
    }

    fn refusal(&self, rule: &'static str, reason: &str) -> Defect {
        Defect::of_field(rule, self.on, self.field, reason)
    }
}

const SEVERITIES: [&str; 5] = ["Verbose", "Information", "Warning", "Error", "Critical"];
const METRIC_KINDS: [&str; 2] = ["Measurement", "Aggregation"];

/// Whether the value is an index into the names, or one of them.
fn is_named(value: &Value, names: &[&str]) -> bool {
    match value {
        Value::String(text) if text.parse::<usize>().is_ok_and(|index| index < names.len()) => true,
        Value::String(text) => names.iter().any(|name| name.eq_ignore_ascii_case(text)),
        value => value.as_u64().is_some_and(|index| index < names.len() as u64),
    }
}

/// Whether the value is a number, or a text of one: the SDK for Ruby sends the lines of stack frames as texts.
fn is_number(value: &Value) -> bool {
    value.is_number() || text(value).is_some_and(|text| text.parse::<f64>().is_ok_and(f64::is_finite))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}
