//! B3, Zipkin's headers ([openzipkin/b3-propagation][b3]).
//!
//! [b3]: https://github.com/openzipkin/b3-propagation

use crate::ids::{SpanId, TraceId};
use crate::propagation::{Caller, RemoteParent, TraceContext, TraceFlags};
use crate::request::Header;

/// All headers of the format. A call that has one of its two forms loses the other, which would contradict it.
pub(super) const HEADERS: [Header; 6] =
    [Header::B3, Header::B3TraceId, Header::B3SpanId, Header::B3ParentSpanId, Header::B3Sampled, Header::B3Flags];

/// A caller's decision.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Decision {
    Open,
    Dropped,
    Kept,
    /// Kept at every rate.
    Debug,
}

/// Parses the single header: `{trace}-{span}-{decision}-{parent}`, the last two optional, or a decision alone.
pub(super) fn parse_single(value: &[u8]) -> Caller {
    let Some(value) = std::str::from_utf8(value).ok().map(str::trim) else { return Caller::Unknown };
    match decision_of(value) {
        Some(decision) => decision.alone(),
        None => parse_ids(value).into(),
    }
}

fn parse_ids(value: &str) -> Option<RemoteParent> {
    let mut parts = value.split('-');
    let (trace_id, span_id) = (parts.next()?, parts.next()?);
    let (decision, parent) = (parts.next(), parts.next());
    let parent_fits = parent.is_none_or(|parent| parent.len() == 16 && is_hex(parent));
    if !parent_fits || parts.next().is_some() {
        return None;
    }
    parent_of(trace_id, span_id, decision.map_or(Some(Decision::Open), decision_of)?)
}

fn decision_of(text: &str) -> Option<Decision> {
    match text {
        "d" => Some(Decision::Debug),
        "1" => Some(Decision::Kept),
        "0" => Some(Decision::Dropped),
        _ => None,
    }
}

/// Parses the multiple headers. Without both ids they state a decision alone, and an invalid decision counts as open.
pub(super) fn parse_multi<'a>(line: impl Fn(Header) -> Option<&'a [u8]>) -> Caller {
    let text = |header| line(header).and_then(|value| std::str::from_utf8(value).ok()).map(str::trim);
    let decision = match (text(Header::B3Flags), text(Header::B3Sampled)) {
        (Some("1"), _) => Decision::Debug,
        (_, Some("1" | "true")) => Decision::Kept,
        (_, Some("0" | "false")) => Decision::Dropped,
        _ => Decision::Open,
    };
    match (text(Header::B3TraceId), text(Header::B3SpanId)) {
        (Some(trace_id), Some(span_id)) => parent_of(trace_id, span_id, decision).into(),
        (None, None) => decision.alone(),
        _ => Caller::Unknown,
    }
}

impl Decision {
    fn sampled(self) -> Option<bool> {
        (self != Self::Open).then_some(self != Self::Dropped)
    }

    fn alone(self) -> Caller {
        self.sampled().map_or(Caller::Unknown, Caller::Decision)
    }
}

fn parent_of(trace_id: &str, span_id: &str, decision: Decision) -> Option<RemoteParent> {
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
    let flags = TraceFlags::NONE.with_sampled(decision.sampled() == Some(true));
    let flags = if decision == Decision::Debug { flags.with_debug() } else { flags };
    let context = TraceContext::new(trace_id, span_id, flags);
    is_valid.then(|| RemoteParent { context, state: None, has_decided: decision != Decision::Open })
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Formats the single header.
pub(super) fn to_single(context: TraceContext) -> String {
    let decision = match (context.flags().is_sampled(), context.flags().is_debug()) {
        (true, true) => 'd',
        (true, false) => '1',
        (false, _) => '0',
    };
    format!("{}-{}-{decision}", context.trace_id(), context.span_id())
}

/// The multiple headers and their values. The debug flag takes the place of the decision.
pub(super) fn to_multi(context: TraceContext) -> [(Header, String); 3] {
    let flags = context.flags();
    let decision = if flags.is_sampled() && flags.is_debug() {
        (Header::B3Flags, "1".to_owned())
    } else {
        (Header::B3Sampled, u8::from(flags.is_sampled()).to_string())
    };
    let ids = [(Header::B3TraceId, context.trace_id().to_string()), (Header::B3SpanId, context.span_id().to_string())];
    let [trace_id, span_id] = ids;
    [trace_id, span_id, decision]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn parent(caller: Caller) -> RemoteParent {
        let Caller::Parent(parent) = caller else { panic!("{caller:?}") };
        parent
    }

    #[test]
    fn single_header_with_or_without_decision_and_parent() {
        for (end, sampled, has_decided) in [
            ("", false, false),
            ("-1", true, true),
            ("-d", true, true),
            ("-0", false, true),
            ("-1-05e3ac9a4f6e3b90", true, true),
        ] {
            let parent = parent(parse_single(format!("{TRACE}-{SPAN}{end}").as_bytes()));
            assert_eq!((parent.context.flags().is_sampled(), parent.has_decided), (sampled, has_decided), "{end}");
            assert_eq!(parent.context.flags().is_debug(), end == "-d");
            assert_eq!(
                (parent.context.trace_id().to_string(), parent.context.span_id().to_string()),
                (TRACE.into(), SPAN.into())
            );
        }
    }

    #[test]
    fn short_trace_ids_are_padded_and_invalid_ones_rejected() {
        let parent = parent(parse_single(format!("a3ce929d0e0e4736-{SPAN}").as_bytes()));
        assert_eq!(parent.context.trace_id().to_string(), "0000000000000000a3ce929d0e0e4736");
        for value in [
            "2",
            "",
            "-",
            "x-y",
            &format!("{TRACE}-{SPAN}-2"),
            &format!("{TRACE}-{SPAN}-1-x"),
            &format!("{TRACE}-0000000000000000"),
            "+000000000000001-0000000000000001",
        ] {
            assert_eq!(parse_single(value.as_bytes()), Caller::Unknown, "{value}");
        }
    }

    fn multi(lines: &[(Header, &'static str)]) -> Caller {
        parse_multi(|header| lines.iter().find(|(name, _)| *name == header).map(|(_, value)| value.as_bytes()))
    }

    #[test]
    fn multiple_headers_hold_the_decision() {
        let parse = |others: &[(Header, &'static str)]| {
            let ids = [(Header::B3TraceId, TRACE), (Header::B3SpanId, SPAN)];
            let parent = parent(multi(&[&ids[..], others].concat()));
            (parent.context.flags().is_sampled(), parent.has_decided)
        };
        assert_eq!(parse(&[]), (false, false));
        assert_eq!(parse(&[(Header::B3Sampled, "1")]), (true, true));
        assert_eq!(parse(&[(Header::B3Sampled, "true")]), (true, true));
        assert_eq!(parse(&[(Header::B3Sampled, "0")]), (false, true));
        assert_eq!(parse(&[(Header::B3Sampled, "0"), (Header::B3Flags, "1")]), (true, true), "debug");
        assert_eq!(parse(&[(Header::B3Sampled, "maybe")]), (false, false));
    }

    #[test]
    fn decision_may_stand_alone() {
        for (value, sampled) in [("0", false), (" 1 ", true), ("d", true)] {
            assert_eq!(parse_single(value.as_bytes()), Caller::Decision(sampled), "{value}");
        }
        assert_eq!(multi(&[(Header::B3Sampled, "0")]), Caller::Decision(false));
        assert_eq!(multi(&[(Header::B3Flags, "1")]), Caller::Decision(true));
        assert_eq!(multi(&[]), Caller::Unknown);
        assert_eq!(multi(&[(Header::B3TraceId, TRACE), (Header::B3Sampled, "1")]), Caller::Unknown, "half of the ids");
    }

    #[test]
    fn debug_flag_is_written_in_place_of_the_decision() {
        let parent = parent(parse_single(format!("{TRACE}-{SPAN}-d").as_bytes())).context;
        let (kept, dropped) = (parent.child(true), parent.child(false));
        assert!(to_single(kept).ends_with("-d") && to_single(dropped).ends_with("-0"));
        assert_eq!(to_multi(kept)[2], (Header::B3Flags, "1".to_owned()));
        assert_eq!(to_multi(dropped)[2], (Header::B3Sampled, "0".to_owned()));
        assert!(parent.to_header().ends_with(b"-01"), "it is no flag of `traceparent`");
    }
}
