//! B3, Zipkin's headers ([openzipkin/b3-propagation][b3]).
//!
//! [b3]: https://github.com/openzipkin/b3-propagation

use crate::ids::{SpanId, TraceId};
use crate::propagation::{RemoteParent, TraceContext, TraceFlags};

/// Parses the single header: `{trace}-{span}-{decision}-{parent}`, the last two optional. A decision alone
/// (`0`) has no trace id and is ignored.
pub(super) fn parse_single(value: &[u8]) -> Option<RemoteParent> {
    let mut parts = std::str::from_utf8(value).ok()?.trim().split('-');
    let (trace_id, span_id) = (parts.next()?, parts.next()?);
    let (decision, parent) = (parts.next(), parts.next());
    let parent_fits = parent.is_none_or(|parent| parent.len() == 16 && is_hex(parent));
    if !parent_fits || parts.next().is_some() {
        return None;
    }
    let decision = match decision {
        None => None,
        Some("1" | "d") => Some(true),
        Some("0") => Some(false),
        Some(_) => return None,
    };
    parent_of(trace_id, span_id, decision)
}

/// Parses the multiple headers. An invalid decision counts as absent.
pub(super) fn parse_multi(
    trace_id: &[u8],
    span_id: &[u8],
    sampled: Option<&[u8]>,
    flags: Option<&[u8]>,
) -> Option<RemoteParent> {
    let text = |value| std::str::from_utf8(value).ok().map(str::trim);
    let decision = match (flags.map(<[u8]>::trim_ascii), sampled.map(<[u8]>::trim_ascii)) {
        (Some(b"1"), _) | (_, Some(b"1" | b"true")) => Some(true),
        (_, Some(b"0" | b"false")) => Some(false),
        _ => None,
    };
    parent_of(text(trace_id)?, text(span_id)?, decision)
}

fn parent_of(trace_id: &str, span_id: &str, decision: Option<bool>) -> Option<RemoteParent> {
    if !is_hex(trace_id) || !is_hex(span_id) {
        return None;
    }
    // A trace id of 64 bits is padded with zeros on the left.
    let trace_id = match trace_id.len() {
        16 => format!("{:0>32}", trace_id.to_ascii_lowercase()),
        _ => trace_id.to_ascii_lowercase(),
    };
    let (trace_id, span_id) = (trace_id.parse::<TraceId>().ok()?, span_id.to_ascii_lowercase().parse::<SpanId>().ok()?);
    let is_valid = trace_id.is_valid() && span_id.is_valid();
    let flags = TraceFlags::NONE.with_sampled(decision == Some(true));
    let context = TraceContext::new(trace_id, span_id, flags);
    is_valid.then(|| RemoteParent { context, state: None, has_decided: decision.is_some() })
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Formats the single header.
pub(super) fn to_single(context: TraceContext) -> String {
    format!("{}-{}-{}", context.trace_id(), context.span_id(), u8::from(context.flags().is_sampled()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn single_header_with_or_without_decision_and_parent() {
        for (end, sampled, has_decided) in [
            ("", false, false),
            ("-1", true, true),
            ("-d", true, true),
            ("-0", false, true),
            ("-1-05e3ac9a4f6e3b90", true, true),
        ] {
            let parent = parse_single(format!("{TRACE}-{SPAN}{end}").as_bytes()).unwrap();
            assert_eq!((parent.context.flags().is_sampled(), parent.has_decided), (sampled, has_decided), "{end}");
            assert_eq!(
                (parent.context.trace_id().to_string(), parent.context.span_id().to_string()),
                (TRACE.into(), SPAN.into())
            );
        }
    }

    #[test]
    fn short_trace_ids_are_padded_and_invalid_ones_rejected() {
        let parent = parse_single(format!("a3ce929d0e0e4736-{SPAN}").as_bytes()).unwrap();
        assert_eq!(parent.context.trace_id().to_string(), "0000000000000000a3ce929d0e0e4736");
        for value in [
            "0",
            "",
            "-",
            "x-y",
            &format!("{TRACE}-{SPAN}-2"),
            &format!("{TRACE}-{SPAN}-1-x"),
            &format!("{TRACE}-0000000000000000"),
            "+000000000000001-0000000000000001",
        ] {
            assert_eq!(parse_single(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn multiple_headers_hold_the_decision() {
        let parse = |sampled: Option<&[u8]>, flags: Option<&[u8]>| {
            let parent = parse_multi(TRACE.as_bytes(), SPAN.as_bytes(), sampled, flags).unwrap();
            (parent.context.flags().is_sampled(), parent.has_decided)
        };
        assert_eq!(parse(None, None), (false, false));
        assert_eq!(parse(Some(b"1"), None), (true, true));
        assert_eq!(parse(Some(b"true"), None), (true, true));
        assert_eq!(parse(Some(b"0"), None), (false, true));
        assert_eq!(parse(Some(b"0"), Some(b"1")), (true, true), "debug");
        assert_eq!(parse(Some(b"maybe"), None), (false, false));
    }
}
