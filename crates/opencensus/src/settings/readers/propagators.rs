//! Reads the propagators.

use opencensus_core::{Propagator, Propagators};
use opencensus_settings::checked::{collect, fault, inside};
use opencensus_settings::{Checked, Value, list, python_literal};

const NAMES: [(&str, Propagator); 7] = [
    ("tracecontext", Propagator::TraceContext),
    ("b3", Propagator::B3),
    ("b3multi", Propagator::B3Multi),
    ("request-id", Propagator::RequestId),
    ("cloud-trace", Propagator::CloudTrace),
    ("text-format", Propagator::TextFormat),
    ("grpc-trace-bin", Propagator::GrpcTraceBin),
];

const REMEDY: &str = "write `tracecontext`, `b3`, `b3multi`, `request-id`, `cloud-trace`, `text-format` or `grpc-trace-bin`, or a list of them; \
     or, as in OpenCensus for Python, `opencensus.trace.propagation.trace_context_http_header_format.TraceContextPropagator()`, \
     `….b3_format.B3FormatPropagator()`, `….google_cloud_format.GoogleCloudFormatPropagator()`, \
     `….text_format.TextFormatPropagator()`, `….binary_format.BinaryFormatPropagator()`";

const PYTHON_MODULE: &str = "opencensus.trace.propagation";

/// Reads one propagator, or a list.
pub(crate) fn propagators(value: &Value) -> Checked<Propagators> {
    let found = match value {
        Value::List(items) => {
            let each = items.iter().enumerate();
            collect(each.map(|(at, item)| inside(&format!("[{at}]"), propagator(item))))?.concat()
        }
        Value::Text(text) if !text.value.contains('(') => {
            collect(list::split(&text.value).iter().map(|name| propagator(&Value::Text(text.part(name)))))?.concat()
        }
        other => propagator(other)?,
    };
    Ok(Propagators::new(found))
}

fn propagator(value: &Value) -> Checked<Vec<Propagator>> {
    let call = python_literal::call_of(value);
    let class = call.as_ref().filter(|call| call.arguments.as_deref() == Some(&[])).and_then(|call| {
        let module = call.module.strip_prefix(PYTHON_MODULE).map(|rest| rest.trim_start_matches('.'));
        let is_in = |package: &str| call.module.is_empty() || module == Some(package);
        match &*call.name {
            "TraceContextPropagator" if is_in("trace_context_http_header_format") => {
                Some(vec![Propagator::TraceContext])
            }
            // It also extracts the single header, and injects the multiple headers.
            "B3FormatPropagator" if is_in("b3_format") => Some(vec![Propagator::B3, Propagator::B3Multi]),
            "GoogleCloudFormatPropagator" if is_in("google_cloud_format") => Some(vec![Propagator::CloudTrace]),
            "TextFormatPropagator" if is_in("text_format") => Some(vec![Propagator::TextFormat]),
            "BinaryFormatPropagator" if is_in("binary_format") => Some(vec![Propagator::GrpcTraceBin]),
            _ => None,
        }
    });
    let named = || match value {
        Value::Text(text) => by_name(&text.value).map(|propagator| vec![propagator]),
        _ => None,
    };
    class.or_else(named).map_or_else(|| fault(value.redacted(), REMEDY), Ok)
}

/// The propagator of this name. Letter case, `-` and `_` are ignored.
pub(crate) fn by_name(name: &str) -> Option<Propagator> {
    let plain = |text: &str| text.trim().to_ascii_lowercase().replace(['-', '_'], "");
    NAMES.iter().find(|(known, _)| plain(known) == plain(name)).map(|(_, propagator)| *propagator)
}

/// The names of the propagators in a settings file.
pub(crate) fn propagator_names(propagators: &Propagators) -> Option<Value> {
    let name = |propagator| NAMES.iter().find(|(_, other)| *other == propagator).map(|(name, _)| *name);
    Some(Value::texts(propagators.iter().filter_map(name)))
}
