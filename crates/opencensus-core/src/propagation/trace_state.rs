//! The `tracestate` header.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::ids::SpanId;
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;

/// What vendors say about a trace: the `tracestate` header as it came, joined to one line.
///
/// Nothing is parsed until somebody asks: [`members`](Self::members) and
/// [`to_header`](Self::to_header) apply the grammar of [W3C Trace Context level 2][w3c]
/// (section 3.3).
///
/// [w3c]: https://www.w3.org/TR/trace-context-2/#tracestate-header
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TraceState(Arc<[u8]>);

/// The list breaks the grammar, or has more than 32 members; it must be discarded as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`tracestate` breaks the grammar of W3C Trace Context")]
pub struct InvalidTraceState;

const MAX_MEMBERS: usize = 32;
const MAX_KEY: usize = 256;
/// Level 1: a tenant and its system.
const MAX_TENANT: usize = 241;
const MAX_SYSTEM: usize = 14;
const MAX_VALUE: usize = 256;

const OTEL_KEY: &str = "ot";
const THRESHOLD: &str = "th:";
const OWN_KEY: &str = "oc";

impl TraceState {
    /// Longest list that is kept, in bytes; a longer one is discarded as a whole.
    pub const MAX_LENGTH: usize = 8192;

    /// Joins header lines in their order. `None` if there are none, or they are too long.
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

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The members in their order, blanks around them removed.
    ///
    /// # Errors
    ///
    /// The list must be discarded as a whole.
    pub fn members(&self) -> Result<Vec<(&str, &str)>, InvalidTraceState> {
        let mut members = Vec::new();
        for member in self.0.split(|&byte| byte == b',').map(trim_blanks) {
            if member.is_empty() {
                continue;
            }
            if members.len() == MAX_MEMBERS {
                return Err(InvalidTraceState);
            }
            members.push(parse_member(member).ok_or(InvalidTraceState)?);
        }
        Ok(members)
    }

    /// The header value to send on. `None`: nothing is to be sent.
    #[must_use]
    pub fn to_header(&self) -> Option<String> {
        let members = self.members().ok().filter(|members| !members.is_empty())?;
        let length: usize = members.iter().map(|(key, value)| key.len() + value.len() + 2).sum();
        // Nothing was left out: the list goes on as it came.
        let whole = if length == self.0.len() + 1 { std::str::from_utf8(&self.0).ok() } else { None };
        Some(whole.map_or_else(|| join(&members), str::to_owned))
    }

    /// The list without the sub-key `th` of OpenTelemetry's member: it tells the head's rate, and
    /// no longer holds once another decision was made.
    #[must_use]
    pub fn without_threshold(self) -> Self {
        let Some(members) = self.may_have_threshold().then(|| self.members().ok()).flatten() else { return self };
        let members = members.into_iter().map(|(key, value)| (key, Cow::Borrowed(value)));
        Self(join(&members.filter_map(Self::untold).collect::<Vec<_>>()).into_bytes().into())
    }

    /// A member without the rate. `None`: nothing is left of it.
    pub(crate) fn untold<'a>((key, value): (&'a str, Cow<'a, str>)) -> Option<(&'a str, Cow<'a, str>)> {
        if key != OTEL_KEY {
            return Some((key, value));
        }
        let kept: Vec<_> = value.split(';').filter(|pair| !pair.starts_with(THRESHOLD)).collect();
        if kept.is_empty() { None } else { Some((key, Cow::Owned(kept.join(";")))) }
    }

    /// A list that tells the rate at which the trace was kept: to everybody in OpenTelemetry's member
    /// `ot` (the sub-key `th`), and to us in the member `oc`, if `mark` is given. Both go to the front.
    ///
    /// A malformed `state` is not handed on. One that has no room for them (32 members, 8192 bytes) is
    /// handed on as it is.
    #[must_use]
    pub fn telling(state: Option<&Self>, rate: SamplingRate, mark: Option<SamplerMark>) -> Self {
        let mut members = Self::members_telling(state, rate);
        if let Some(mark) = mark {
            members.insert(1, (OWN_KEY, Cow::Owned(mark.to_string())));
        }
        let list = join(&members);
        let fits = members.len() <= MAX_MEMBERS && list.len() <= Self::MAX_LENGTH;
        let unchanged = || state.and_then(Self::to_header).unwrap_or_default();
        Self(if fits { list } else { unchanged() }.into_bytes().into())
    }

    /// The members of such a list without a mark, the rate in front; possibly one too many.
    pub(crate) fn members_telling(state: Option<&Self>, rate: SamplingRate) -> Vec<(&str, Cow<'_, str>)> {
        let members = state.and_then(|state| state.members().ok()).unwrap_or_default();
        let of_otel = members.iter().find(|(key, _)| *key == OTEL_KEY).map_or("", |(_, value)| value);
        let told = (OTEL_KEY, Cow::Owned(with_threshold(of_otel, rate)));
        let others = members.into_iter().filter(|(key, _)| ![OTEL_KEY, OWN_KEY].contains(key));
        std::iter::once(told).chain(others.map(|(key, value)| (key, Cow::Borrowed(value)))).collect()
    }

    /// The rate that a caller with this span told.
    pub(crate) fn told_rate(&self, caller: SpanId) -> Option<ParentRate> {
        // Most lists tell none; they need no parse.
        if !self.may_have_threshold() {
            return None;
        }
        let members = self.members().ok()?;
        let value = |key: &str| members.iter().find(|(other, _)| *other == key).map(|(_, value)| *value);
        let probability = threshold_of(value(OTEL_KEY)?)?;
        let rate = SamplingRate::try_from(probability).ok()?;
        let mark = value(OWN_KEY).and_then(SamplerMark::parse).filter(|mark| mark.span_id == caller);
        Some(ParentRate { rate, rule: mark.and_then(|mark| mark.rule), is_fresh: mark.is_some() })
    }

    /// Whether the list tells that everything is kept, or nothing at all about it.
    pub(crate) fn tells_no_less_than_all(&self) -> bool {
        let Some(at) = self.0.windows(3).position(|bytes| bytes == THRESHOLD.as_bytes()) else { return true };
        matches!(self.0[at + 3..], [b'0'] | [b'0', b',' | b';', ..])
    }

    /// Whether the list is what one of our services sends that keeps everything, and nothing else.
    pub(crate) fn tells_all_alone(&self) -> bool {
        let rest = self.0.strip_prefix(b"ot=th:0");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b",oc=") && !rest[1..].contains(&b','))
    }

    fn may_have_threshold(&self) -> bool {
        self.0.windows(3).any(|bytes| bytes == THRESHOLD.as_bytes())
    }

    /// The probability with which the trace was kept at its head, from the sub-key `th` of
    /// OpenTelemetry's member `ot` ([probability sampling][otel]); between 0 (excluded) and 1.
    ///
    /// [otel]: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
    #[must_use]
    pub fn head_probability(&self) -> Option<f64> {
        // Most lists name no threshold; they need no parse.
        if !self.may_have_threshold() {
            return None;
        }
        let members = self.members().ok()?;
        members.iter().find(|(key, _)| *key == OTEL_KEY).and_then(|(_, value)| threshold_of(value))
    }
}

/// A rate that a caller told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ParentRate {
    pub(crate) rate: SamplingRate,
    /// The rule that the caller goes by, if it is one of ours.
    pub(crate) rule: Option<SamplingRule>,
    /// Whether the caller itself told it, and not a service before it.
    pub(crate) is_fresh: bool,
}

/// Our own member of the list: the rule that a service goes by, and its span.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SamplerMark {
    /// The rule, if it looks at nothing but the trace id.
    pub rule: Option<SamplingRule>,
    /// The span's id; the parent id of `traceparent`.
    pub span_id: SpanId,
}

impl SamplerMark {
    fn parse(value: &str) -> Option<Self> {
        let (rule, span_id) = value.split_once(':')?;
        let rule = match rule {
            "l" => Some(SamplingRule::LowHalf),
            "h" => Some(SamplingRule::ApplicationInsights),
            "-" => None,
            _ => return None,
        };
        Some(Self { rule, span_id: span_id.parse().ok()? })
    }
}

impl fmt::Display for SamplerMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = match self.rule {
            Some(SamplingRule::LowHalf) => "l",
            Some(SamplingRule::ApplicationInsights) => "h",
            None => "-",
        };
        write!(f, "{rule}:{}", self.span_id)
    }
}

/// The value of OpenTelemetry's member with another threshold in front. What does not fit any more
/// goes; the rate matters to everybody.
fn with_threshold(value: &str, rate: SamplingRate) -> String {
    let mut told = format!("{THRESHOLD}{}", threshold_digits(rate));
    for pair in value.split(';').filter(|pair| !pair.is_empty() && !pair.starts_with(THRESHOLD)) {
        if told.len() + 1 + pair.len() <= MAX_VALUE {
            told.extend([";", pair]);
        }
    }
    told
}

/// The probability that the sub-key `th` stands for.
fn threshold_of(value: &str) -> Option<f64> {
    threshold_probability(value.split(';').find_map(|pair| pair.strip_prefix(THRESHOLD))?)
}

fn join<V: AsRef<str>>(members: &[(&str, V)]) -> String {
    let length: usize = members.iter().map(|(key, value)| key.len() + value.as_ref().len() + 2).sum();
    let mut list = String::with_capacity(length);
    for (key, value) in members {
        list.extend([if list.is_empty() { "" } else { "," }, key, "=", value.as_ref()]);
    }
    list
}

/// At least one digit; zeros at the end say nothing.
fn threshold_digits(rate: SamplingRate) -> String {
    // No 14 digits can say that everything is rejected.
    let digits = format!("{:014x}", rate.threshold().min((1 << 56) - 1));
    let shortest = digits.trim_end_matches('0');
    if shortest.is_empty() { "0".to_owned() } else { shortest.to_owned() }
}

/// A rejection threshold of 1 to 14 hexadecimal digits, filled up with zeros on the right.
fn threshold_probability(digits: &str) -> Option<f64> {
    const WHOLE: u64 = 1 << 56;
    let lower_case = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if digits.is_empty() || digits.len() > 14 || !lower_case {
        return None;
    }
    let threshold = u64::from_str_radix(digits, 16).ok()? << (4 * (14 - digits.len()));
    Some((WHOLE - threshold) as f64 / WHOLE as f64)
}

fn parse_member(member: &[u8]) -> Option<(&str, &str)> {
    let member = std::str::from_utf8(member).ok()?;
    let (key, value) = member.split_once('=')?;
    (is_key(key.as_bytes()) && is_value(value.as_bytes())).then_some((key, value))
}

/// Level 2's grammar; but a key with `@` must be a tenant's at a system, as level 1 wants it: the W3C's own
/// suite refuses others ([level 1, section 3.3.1.3.1][key]).
///
/// [key]: https://www.w3.org/TR/trace-context-1/#key
fn is_key(key: &[u8]) -> bool {
    match key.iter().position(|byte| *byte == b'@') {
        None => is_simple_key(key, MAX_KEY),
        Some(at) => {
            let (tenant, system) = (&key[..at], &key[at + 1..]);
            let begins_with_letter = matches!(system.first(), Some(b'a'..=b'z'));
            is_simple_key(tenant, MAX_TENANT) && begins_with_letter && is_simple_key(system, MAX_SYSTEM)
        }
    }
}

fn is_simple_key(key: &[u8], longest: usize) -> bool {
    let starts_well = matches!(key.first(), Some(b'a'..=b'z' | b'0'..=b'9'));
    let goes_on = key.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/'));
    starts_well && goes_on && key.len() <= longest
}

fn is_value(value: &[u8]) -> bool {
    let visible = value.iter().all(|&byte| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=');
    visible && value.last().is_some_and(|&byte| byte != b' ') && value.len() <= MAX_VALUE
}

// Only blanks and tabs: a line feed inside a list is an attack, not white space.
fn trim_blanks(mut member: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = member {
        member = rest;
    }
    member
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(value: &str) -> TraceState {
        TraceState::from_lines([value.as_bytes()].into_iter()).unwrap()
    }

    #[test]
    fn lines_are_joined_in_order_and_trimmed() {
        let lines: [&[u8]; 3] = [b"a=1 , b=2", b"", b"\tc=3"];
        let state = TraceState::from_lines(lines.into_iter()).unwrap();
        assert_eq!(state.to_header().as_deref(), Some("a=1,b=2,c=3"));
    }

    #[test]
    fn one_bad_member_discards_the_list() {
        assert_eq!(state("a=1,B=2").members(), Err(InvalidTraceState));
        assert_eq!(state("a=1,B=2").to_header(), None);
    }

    #[test]
    fn longer_than_the_limit_is_not_kept() {
        let line = vec![b'a'; TraceState::MAX_LENGTH + 1];
        assert_eq!(TraceState::from_lines([line.as_slice()].into_iter()), None);
    }

    #[test]
    fn threshold_goes_and_everything_else_stays() {
        let without = |value| state(value).without_threshold().to_header();
        assert_eq!(without("a=1,ot=rv:12;th:8,b=th:2").as_deref(), Some("a=1,ot=rv:12,b=th:2"));
        assert_eq!(without("ot=th:8"), None);
        assert_eq!(without("a=1").as_deref(), Some("a=1"));
    }

    #[test]
    fn rate_is_told_in_front_and_the_rest_is_handed_on() {
        let telling = |value: &str, rate: f64| {
            let state = TraceState::from_lines([value.as_bytes()].into_iter());
            TraceState::telling(state.as_ref(), SamplingRate::try_from(rate).unwrap(), None).to_header().unwrap()
        };
        assert_eq!(telling("a=1,ot=rv:12;th:8,b=2", 0.25), "ot=th:c;rv:12,a=1,b=2");
        assert_eq!(telling("a=1", 1.0), "ot=th:0,a=1");
        assert_eq!(telling("A=1", 0.5), "ot=th:8");
        let many: Vec<_> = (0..32).map(|n| format!("k{n}=v")).collect();
        assert_eq!(telling(&many.join(","), 0.5), many.join(","));
        let long = format!("ot=x:{};y:1", "v".repeat(250));
        assert_eq!(telling(&long, 0.5), "ot=th:8;y:1");
        let long: Vec<_> = (0..30).map(|n| format!("k{n}={}", "v".repeat(256))).collect();
        let full = format!("{},y={},z={}", long.join(","), "v".repeat(256), "v".repeat(104));
        assert!((8175..=8192).contains(&full.len()), "{}", full.len());
        assert_eq!(telling(&full, 0.05), full);
    }

    #[test]
    fn own_member_tells_the_rule_and_whose_word_it_is() {
        let span_id = SpanId::from_bytes([7; 8]);
        for rule in [Some(SamplingRule::LowHalf), Some(SamplingRule::ApplicationInsights), None] {
            let before = state("a=1,oc=l:0101010101010101,ot=th:8");
            let rate = SamplingRate::try_from(0.25).unwrap();
            let told = TraceState::telling(Some(&before), rate, Some(SamplerMark { rule, span_id }));
            assert_eq!(told.told_rate(span_id), Some(ParentRate { rate, rule, is_fresh: true }), "{told:?}");
            assert_eq!(told.members().unwrap().len(), 3);
            // Somebody in between has another span.
            let other = told.told_rate(SpanId::from_bytes([8; 8]));
            assert_eq!(other, Some(ParentRate { rate, rule: None, is_fresh: false }));
        }
        for bad in ["oc=l:0,ot=th:8", "oc=x:0707070707070707,ot=th:8", "oc=l,ot=th:8"] {
            assert!(!state(bad).told_rate(span_id).unwrap().is_fresh, "{bad}");
        }
    }

    #[test]
    fn lists_that_tell_of_less_than_all_are_known() {
        for (list, wanted) in
            [("a=1", true), ("ot=th:0", true), ("ot=th:0;rv:1,a=1", true), ("ot=th:08", false), ("ot=th:8", false)]
        {
            assert_eq!(state(list).tells_no_less_than_all(), wanted, "{list}");
        }
        for (list, wanted) in [
            ("ot=th:0", true),
            ("ot=th:0,oc=-:1", true),
            ("ot=th:0,oc=-:1,a=1", false),
            ("ot=th:0;rv:1", false),
            ("ot=th:00", false),
        ] {
            assert_eq!(state(list).tells_all_alone(), wanted, "{list}");
        }
    }

    #[test]
    fn told_rates_are_read_as_they_were() {
        for rate in [1.0, 0.5, 0.2, 0.05, 1e-3, 1.0 / 3.0] {
            let told = TraceState::telling(None, SamplingRate::try_from(rate).unwrap(), None);
            assert!((told.head_probability().unwrap() - rate).abs() < 1e-15, "{rate}: {told:?}");
        }
    }

    #[test]
    fn threshold_gives_the_probability_at_the_head() {
        assert_eq!(state("ot=th:0").head_probability(), Some(1.0));
        assert_eq!(state("x=1,ot=rv:1234;th:8").head_probability(), Some(0.5));
        assert_eq!(state("ot=th:c").head_probability(), Some(0.25));
        for bad in ["ot=th:", "ot=th:G", "ot=th:000000000000000", "x=th:8", "ot=th:8,B=1"] {
            assert_eq!(state(bad).head_probability(), None, "{bad}");
        }
    }
}
