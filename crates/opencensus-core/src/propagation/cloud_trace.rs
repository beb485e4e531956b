//! `X-Cloud-Trace-Context`, Google Cloud's header before W3C Trace Context.

use crate::ids::{SpanId, TraceId};
use crate::propagation::{RemoteParent, TraceContext, TraceFlags};

/// Parses `{trace}/{span in decimal};o={options}`. Without options the sampling decision is open.
pub(super) fn parse(value: &[u8]) -> Option<RemoteParent> {
    let value = std::str::from_utf8(value).ok()?.trim();
    let (trace_id, rest) = value.split_once('/')?;
    let (span_id, options) = match rest.split_once(';') {
        Some((span_id, options)) => (span_id, Some(options.strip_prefix("o=")?.parse::<u8>().ok()?)),
        None => (rest, None),
    };
    let is_number = !span_id.is_empty() && span_id.bytes().all(|byte| byte.is_ascii_digit());
    let span_id: u64 = span_id.parse().ok().filter(|_| is_number)?;
    let (trace_id, span_id) =
        (trace_id.to_ascii_lowercase().parse::<TraceId>().ok()?, SpanId::from_bytes(span_id.to_be_bytes()));
    let is_valid = trace_id.is_valid() && span_id.is_valid();
    let flags = TraceFlags::NONE.with_sampled(options.is_some_and(|options| options & 1 == 1));
    let context = TraceContext::new(trace_id, span_id, flags);
    is_valid.then(|| RemoteParent { context, state: None, has_decided: options.is_some() })
}

pub(super) fn to_header(context: TraceContext) -> String {
    let span_id = u64::from_be_bytes(context.span_id().to_bytes());
    format!("{}/{span_id};o={}", context.trace_id(), u8::from(context.flags().is_sampled()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn options_hold_the_decision_and_may_be_absent() {
        for (end, sampled, has_decided) in [(";o=1", true, true), (";o=0", false, true), ("", false, false)] {
            let parent = parse(format!("{TRACE}/67667974448284343{end}").as_bytes()).unwrap();
            assert_eq!(parent.context.span_id().to_string(), "00f067aa0ba902b7");
            assert_eq!((parent.context.flags().is_sampled(), parent.has_decided), (sampled, has_decided), "{end}");
        }
        for end in ["", "/", "/0", "/x", "/+1", "/1;o=x", "/1;p=1", "/99999999999999999999"] {
            assert_eq!(parse(format!("{TRACE}{end}").as_bytes()), None, "{end}");
        }
    }
}
