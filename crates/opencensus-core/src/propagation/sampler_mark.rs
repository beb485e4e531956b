//! This library's own `tracestate` member.

use std::fmt;

use crate::ids::SpanId;
use crate::sampling_rule::SamplingRule;

/// This library's own `tracestate` member `oc`: the sampling rule of a service and the id of its span. If
/// that is the parent id in `traceparent`, no service in between has made another decision.
///
/// # Examples
///
/// ```
/// use opencensus_core::propagation::SamplerMark;
/// use opencensus_core::{SamplingRule, SpanId};
///
/// let mark = SamplerMark::new(Some(SamplingRule::LowHalf), SpanId::from_bytes([7; 8]));
/// assert_eq!(mark.to_string(), "l:0707070707070707");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SamplerMark {
    /// The sampling rule, if the service decides by the trace id alone.
    pub rule: Option<SamplingRule>,
    /// The id of the service's span.
    pub span_id: SpanId,
}

impl SamplerMark {
    /// Creates a mark from its parts.
    #[must_use]
    pub const fn new(rule: Option<SamplingRule>, span_id: SpanId) -> Self {
        Self { rule, span_id }
    }

    /// The letter of the rule.
    pub(super) fn rule_text(self) -> &'static str {
        match self.rule {
            Some(SamplingRule::LowHalf) => "l",
            Some(SamplingRule::ApplicationInsights) => "h",
            None => "-",
        }
    }

    pub(super) fn parse(value: &str) -> Option<Self> {
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

/// The member's value.
impl fmt::Display for SamplerMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.rule_text(), self.span_id)
    }
}
