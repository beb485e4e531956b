//! `opencensus-trace-*`, the text format of OpenCensus for Python (`TextFormatPropagator`).

use crate::ids::{SpanId, TraceId};
use crate::propagation::{RemoteParent, TraceContext, TraceFlags};

/// Parses the headers as OpenCensus for Python does: every option but an empty text is "sampled", also `0`, and so is a
/// missing one. Invalid ids, and upper-case digits, begin a new trace.
pub(super) fn parse(trace_id: &[u8], span_id: &[u8], options: Option<&[u8]>) -> Option<RemoteParent> {
    let text = |value| std::str::from_utf8(value).ok().map(str::trim);
    let (trace_id, span_id): (TraceId, SpanId) = (text(trace_id)?.parse().ok()?, text(span_id)?.parse().ok()?);
    let is_sampled = options.is_none_or(|options| !options.trim_ascii().is_empty());
    let context = TraceContext::new(trace_id, span_id, TraceFlags::NONE.with_sampled(is_sampled));
    (trace_id.is_valid() && span_id.is_valid()).then(|| RemoteParent::new(context, None))
}

/// Trace id, span id and options.
pub(super) fn to_headers(context: TraceContext) -> [String; 3] {
    let options = u8::from(context.flags().is_sampled());
    [context.trace_id().to_string(), context.span_id().to_string(), options.to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    // The results of OpenCensus for Python 0.11.4.
    #[test]
    fn headers_are_read_and_written_as_opencensus_for_python_does() {
        for (options, sampled) in
            [(Some("1"), true), (Some("0"), true), (Some("x"), true), (Some(""), false), (None, true)]
        {
            let parent = parse(TRACE.as_bytes(), SPAN.as_bytes(), options.map(str::as_bytes)).unwrap();
            assert_eq!(parent.context.flags().is_sampled(), sampled, "{options:?}");
            let written = to_headers(parent.context);
            assert_eq!(written, [TRACE, SPAN, if sampled { "1" } else { "0" }]);
        }
        for trace_id in ["xyz", &TRACE.to_uppercase(), ""] {
            assert_eq!(parse(trace_id.as_bytes(), SPAN.as_bytes(), None), None, "{trace_id}");
        }
    }
}
