//! `Request-Id`, Application Insights' header before W3C Trace Context ([hierarchical ids][spec]).
//!
//! [spec]: https://github.com/dotnet/runtime/blob/main/src/libraries/System.Diagnostics.DiagnosticSource/src/HierarchicalRequestId.md

use crate::ids::{SpanId, TraceId};
use crate::propagation::{RemoteParent, TraceContext, TraceFlags};

/// Parses `|{trace}.{span}.`, the form of SDKs that use W3C trace ids. Other ids have no trace id to continue
/// and are ignored. The sampling decision is open.
pub(super) fn parse(value: &[u8]) -> Option<RemoteParent> {
    let value = std::str::from_utf8(value).ok()?.trim();
    let (trace_id, rest) = value.strip_prefix('|')?.split_once('.')?;
    let span_id = rest.split(['.', '_']).next()?;
    let (trace_id, span_id): (TraceId, SpanId) = (trace_id.parse().ok()?, span_id.parse().ok()?);
    let is_valid = trace_id.is_valid() && span_id.is_valid();
    let context = TraceContext::new(trace_id, span_id, TraceFlags::NONE);
    is_valid.then_some(RemoteParent { context, state: None, has_decided: false })
}

pub(super) fn to_header(context: TraceContext) -> String {
    format!("|{}.{}.", context.trace_id(), context.span_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_with_a_w3c_root_are_read_and_others_ignored() {
        let root = "|4bf92f3577b34da6a3ce929d0e0e4736.00f067aa0ba902b7";
        for end in [".", "", "_1.", ".1.2."] {
            let parent = parse(format!("{root}{end}").as_bytes()).unwrap();
            assert_eq!(parent.context.span_id().to_string(), "00f067aa0ba902b7", "{end}");
            assert!(!parent.has_decided);
        }
        for value in ["", "|", "|abc.1.", "4bf92f3577b34da6a3ce929d0e0e4736", "|4bf92f3577b34da6a3ce929d0e0e4736.1."] {
            assert_eq!(parse(value.as_bytes()), None, "{value}");
        }
    }
}
