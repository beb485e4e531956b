//! The `tracestate` header.

use std::borrow::Cow;
use std::sync::Arc;

use crate::ids::SpanId;
use crate::propagation::parent_rate::ParentRate;
use crate::propagation::sampler_mark::SamplerMark;
use crate::propagation::threshold::{self, OTEL_KEY, THRESHOLD};
use crate::propagation::trace_state_member::{self as member, MAX_MEMBERS};
use crate::sampling_rate::SamplingRate;

/// The `tracestate` header as it was received, joined to one line: vendors' data about a trace.
///
/// It is parsed on demand: [`members`](Self::members) and [`to_header`](Self::to_header) apply the grammar
/// of [W3C Trace Context level 2][w3c] (section 3.3).
///
/// # Examples
///
/// ```
/// use opencensus_core::TraceState;
///
/// let lines = ["vendor=1 ".as_bytes(), b"ot=th:8"];
/// let state = TraceState::from_lines(lines.into_iter()).expect("it is short enough");
/// assert_eq!(state.members()?, [("vendor", "1"), ("ot", "th:8")]);
/// assert_eq!(state.to_header().as_deref(), Some("vendor=1,ot=th:8"));
/// assert_eq!(state.head_probability(), Some(0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [w3c]: https://www.w3.org/TR/trace-context-2/#tracestate-header
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TraceState(Arc<[u8]>);

/// The list breaks the grammar or has more than 32 members; it must be discarded as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`tracestate` breaks the grammar of W3C Trace Context")]
#[non_exhaustive]
pub struct InvalidTraceState;

/// The key of this library's own member.
const OWN_KEY: &str = "oc";

impl TraceState {
    /// Longest list that is kept, in bytes; a longer one is discarded as a whole.
    pub const MAX_LENGTH: usize = 8192;

    /// Joins header lines in their order. `None` if there are none, or if they are too long.
    pub fn from_lines<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let first = lines.next()?;
        let mut joined = Vec::with_capacity(first.len().min(Self::MAX_LENGTH));
        for line in std::iter::once(first).chain(lines) {
            if joined.len() + line.len() + usize::from(!joined.is_empty()) > Self::MAX_LENGTH {
                return None;
            }
            if !joined.is_empty() {
                joined.push(b',');
            }
            joined.extend_from_slice(line);
        }
        Some(Self(joined.into()))
    }

    /// Creates a list with the rate at which the trace is sampled: in OpenTelemetry's member `ot` (sub-key
    /// `th`) and, for this library, in the member `oc` if `mark` is given. Both are in front of the members
    /// of `state`.
    ///
    /// A malformed `state` is discarded. A `state` without room for the new members (32 members, 8192 bytes)
    /// is returned unchanged.
    #[must_use]
    pub fn with_rate(state: Option<&Self>, rate: SamplingRate, mark: Option<SamplerMark>) -> Self {
        let mut members = Self::members_with_rate(state, rate);
        if let Some(mark) = mark {
            members.insert(1, (OWN_KEY, Cow::Owned(mark.to_string())));
        }
        let list = member::join(&members);
        let fits = members.len() <= MAX_MEMBERS && list.len() <= Self::MAX_LENGTH;
        let unchanged = || state.and_then(Self::to_header).unwrap_or_default();
        Self(if fits { list } else { unchanged() }.into_bytes().into())
    }

    /// The header of such a list that has no other members, in one allocation.
    pub(crate) fn header_of_rate(rate: SamplingRate, mark: SamplerMark) -> String {
        let (digits, length) = threshold::digits(rate);
        let span_id = mark.span_id.to_hex();
        let parts: [&[u8]; 6] = [b"ot=th:", &digits[..length], b",oc=", mark.rule_text().as_bytes(), b":", &span_id];
        // It is ASCII.
        String::from_utf8(parts.concat()).unwrap_or_default()
    }

    /// The members of such a list without a mark; possibly one too many.
    pub(crate) fn members_with_rate(state: Option<&Self>, rate: SamplingRate) -> Vec<(&str, Cow<'_, str>)> {
        let members = state.and_then(|state| state.members().ok()).unwrap_or_default();
        let of_otel = members.iter().find(|(key, _)| *key == OTEL_KEY).map_or("", |(_, value)| value);
        let with_rate = (OTEL_KEY, Cow::Owned(threshold::set(of_otel, rate)));
        let others = members.into_iter().filter(|(key, _)| ![OTEL_KEY, OWN_KEY].contains(key));
        std::iter::once(with_rate).chain(others.map(|(key, value)| (key, Cow::Borrowed(value)))).collect()
    }

    /// Removes the sub-key `th` of OpenTelemetry's member: the head's rate no longer holds after another
    /// decision.
    #[must_use]
    pub fn without_threshold(self) -> Self {
        let Some(members) = self.may_have_threshold().then(|| self.members().ok()).flatten() else { return self };
        let members = members.into_iter().map(|(key, value)| (key, Cow::Borrowed(value)));
        Self(member::join(&members.filter_map(Self::without_rate).collect::<Vec<_>>()).into_bytes().into())
    }

    /// A member without the rate. `None`: nothing is left of it.
    pub(crate) fn without_rate<'a>((key, value): (&'a str, Cow<'a, str>)) -> Option<(&'a str, Cow<'a, str>)> {
        if key == OTEL_KEY { Some((key, Cow::Owned(threshold::remove(&value)?))) } else { Some((key, value)) }
    }

    /// The members in their order, without blanks around them.
    ///
    /// # Errors
    ///
    /// The list breaks the grammar and must be discarded as a whole.
    pub fn members(&self) -> Result<Vec<(&str, &str)>, InvalidTraceState> {
        let mut members = Vec::new();
        for text in self.0.split(|&byte| byte == b',').map(member::trim_blanks).filter(|text| !text.is_empty()) {
            if members.len() == MAX_MEMBERS {
                return Err(InvalidTraceState);
            }
            members.push(member::parse(text).ok_or(InvalidTraceState)?);
        }
        Ok(members)
    }

    /// The header value to propagate. `None`: the header must be left out.
    #[must_use]
    pub fn to_header(&self) -> Option<String> {
        let members = self.members().ok().filter(|members| !members.is_empty())?;
        let length: usize = members.iter().map(|(key, value)| key.len() + value.len() + 2).sum();
        // Nothing was trimmed: the list is propagated unchanged.
        let whole = if length == self.0.len() + 1 { std::str::from_utf8(&self.0).ok() } else { None };
        Some(whole.map_or_else(|| member::join(&members), str::to_owned))
    }

    /// The rate that the caller with this span propagates.
    pub(crate) fn parent_rate(&self, caller: SpanId) -> Option<ParentRate> {
        // Most lists have none and need no parsing.
        if !self.may_have_threshold() {
            return None;
        }
        let members = self.members().ok()?;
        let value = |key: &str| members.iter().find(|(other, _)| *other == key).map(|(_, value)| *value);
        let rate = SamplingRate::try_from(threshold::probability(value(OTEL_KEY)?)?).ok()?;
        let mark = value(OWN_KEY).and_then(SamplerMark::parse).filter(|mark| mark.span_id == caller);
        Some(ParentRate { rate, rule: mark.and_then(|mark| mark.rule), is_fresh: mark.is_some() })
    }

    /// The probability with which the trace was sampled at its head, from the sub-key `th` of
    /// OpenTelemetry's member `ot` ([probability sampling][otel]); between 0 (excluded) and 1.
    ///
    /// [otel]: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
    #[must_use]
    pub fn head_probability(&self) -> Option<f64> {
        // Most lists have none and need no parsing.
        if !self.may_have_threshold() {
            return None;
        }
        let members = self.members().ok()?;
        members.iter().find(|(key, _)| *key == OTEL_KEY).and_then(|(_, value)| threshold::probability(value))
    }

    /// Whether the list may hold a rate below 1. Only the first threshold is examined, without parsing.
    pub(crate) fn may_have_lower_rate(&self) -> bool {
        let Some(at) = self.threshold_position() else { return false };
        !matches!(self.0[at + THRESHOLD.len()..], [b'0'] | [b'0', b',' | b';', ..])
    }

    /// Whether the list is exactly what a service of this library sends that keeps every trace.
    pub(crate) fn holds_only_rate_one(&self) -> bool {
        let rest = self.0.strip_prefix(b"ot=th:0");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b",oc=") && !rest[1..].contains(&b','))
    }

    fn may_have_threshold(&self) -> bool {
        self.threshold_position().is_some()
    }

    fn threshold_position(&self) -> Option<usize> {
        self.0.windows(THRESHOLD.len()).position(|bytes| bytes == THRESHOLD.as_bytes())
    }

    /// Bytes of the list.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling_rule::SamplingRule;

    fn state(value: &str) -> TraceState {
        TraceState::from_lines([value.as_bytes()].into_iter()).unwrap()
    }

    #[test]
    fn header_of_a_rate_is_that_of_a_list_without_other_members() {
        for rate in [1.0, 0.5, 0.1, 0.25, 1e-6, 1.0 - 1e-12] {
            for rule in [None, Some(SamplingRule::LowHalf), Some(SamplingRule::ApplicationInsights)] {
                let (rate, mark) = (SamplingRate::try_from(rate).unwrap(), SamplerMark::new(rule, SpanId::random()));
                let list = TraceState::with_rate(None, rate, Some(mark)).to_header();
                assert_eq!(Some(TraceState::header_of_rate(rate, mark)), list);
            }
        }
    }

    #[test]
    fn lines_are_joined_in_order_and_trimmed() {
        let lines: [&[u8]; 3] = [b"a=1 , b=2", b"", b"\tc=3"];
        let state = TraceState::from_lines(lines.into_iter()).unwrap();
        assert_eq!(state.to_header().as_deref(), Some("a=1,b=2,c=3"));
    }

    #[test]
    fn one_malformed_member_discards_the_list() {
        assert_eq!(state("a=1,B=2").members(), Err(InvalidTraceState));
        assert_eq!(state("a=1,B=2").to_header(), None);
    }

    #[test]
    fn longer_than_the_limit_is_not_kept() {
        let line = vec![b'a'; TraceState::MAX_LENGTH + 1];
        assert_eq!(TraceState::from_lines([line.as_slice()].into_iter()), None);
    }

    #[test]
    fn threshold_is_removed_and_everything_else_stays() {
        let without = |value| state(value).without_threshold().to_header();
        assert_eq!(without("a=1,ot=rv:12;th:8,b=th:2").as_deref(), Some("a=1,ot=rv:12,b=th:2"));
        assert_eq!(without("ot=th:8"), None);
        assert_eq!(without("a=1").as_deref(), Some("a=1"));
    }

    #[test]
    fn rate_is_in_front_and_other_members_are_kept() {
        let with_rate = |value: &str, rate: f64| {
            let state = TraceState::from_lines([value.as_bytes()].into_iter());
            TraceState::with_rate(state.as_ref(), SamplingRate::try_from(rate).unwrap(), None).to_header().unwrap()
        };
        assert_eq!(with_rate("a=1,ot=rv:12;th:8,b=2", 0.25), "ot=th:c;rv:12,a=1,b=2");
        assert_eq!(with_rate("a=1", 1.0), "ot=th:0,a=1");
        assert_eq!(with_rate("A=1", 0.5), "ot=th:8");
        let many: Vec<_> = (0..32).map(|n| format!("k{n}=v")).collect();
        assert_eq!(with_rate(&many.join(","), 0.5), many.join(","));
        let long = format!("ot=x:{};y:1", "v".repeat(250));
        assert_eq!(with_rate(&long, 0.5), "ot=th:8;y:1");
        let long: Vec<_> = (0..30).map(|n| format!("k{n}={}", "v".repeat(256))).collect();
        let full = format!("{},y={},z={}", long.join(","), "v".repeat(256), "v".repeat(104));
        assert!((8175..=8192).contains(&full.len()), "{}", full.len());
        assert_eq!(with_rate(&full, 0.05), full);
    }

    #[test]
    fn own_member_holds_the_rule_and_the_span_that_wrote_it() {
        let span_id = SpanId::from_bytes([7; 8]);
        for rule in [Some(SamplingRule::LowHalf), Some(SamplingRule::ApplicationInsights), None] {
            let before = state("a=1,oc=l:0101010101010101,ot=th:8");
            let rate = SamplingRate::try_from(0.25).unwrap();
            let state = TraceState::with_rate(Some(&before), rate, Some(SamplerMark::new(rule, span_id)));
            assert_eq!(state.parent_rate(span_id), Some(ParentRate { rate, rule, is_fresh: true }), "{state:?}");
            assert_eq!(state.members().unwrap().len(), 3);
            // A service in between has another span.
            let other = state.parent_rate(SpanId::from_bytes([8; 8]));
            assert_eq!(other, Some(ParentRate { rate, rule: None, is_fresh: false }));
        }
        for malformed in ["oc=l:0,ot=th:8", "oc=x:0707070707070707,ot=th:8", "oc=l,ot=th:8"] {
            assert!(!state(malformed).parent_rate(span_id).unwrap().is_fresh, "{malformed}");
        }
    }

    #[test]
    fn rates_below_one_are_recognized() {
        for (list, expected) in
            [("a=1", false), ("ot=th:0", false), ("ot=th:0;rv:1,a=1", false), ("ot=th:08", true), ("ot=th:8", true)]
        {
            assert_eq!(state(list).may_have_lower_rate(), expected, "{list}");
        }
        for (list, expected) in [
            ("ot=th:0", true),
            ("ot=th:0,oc=-:1", true),
            ("ot=th:0,oc=-:1,a=1", false),
            ("ot=th:0;rv:1", false),
            ("ot=th:00", false),
        ] {
            assert_eq!(state(list).holds_only_rate_one(), expected, "{list}");
        }
    }

    #[test]
    fn rates_are_read_back_as_they_were_written() {
        for rate in [1.0, 0.5, 0.2, 0.05, 1e-3, 1.0 / 3.0] {
            let state = TraceState::with_rate(None, SamplingRate::try_from(rate).unwrap(), None);
            assert!((state.head_probability().unwrap() - rate).abs() < 1e-15, "{rate}: {state:?}");
        }
    }

    #[test]
    fn threshold_is_the_probability_at_the_head() {
        assert_eq!(state("ot=th:0").head_probability(), Some(1.0));
        assert_eq!(state("x=1,ot=rv:1234;th:8").head_probability(), Some(0.5));
        assert_eq!(state("ot=th:c").head_probability(), Some(0.25));
        for malformed in ["ot=th:", "ot=th:G", "ot=th:000000000000000", "x=th:8", "ot=th:8,B=1"] {
            assert_eq!(state(malformed).head_probability(), None, "{malformed}");
        }
    }
}
