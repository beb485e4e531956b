//! The caller's trace context.

use crate::propagation::trace_context::TraceContext;
use crate::propagation::trace_state::TraceState;

/// The caller's trace context, as a request's headers carry it.
///
/// # Examples
///
/// ```
/// use opencensus_core::{RemoteParent, TraceContext};
///
/// let context = TraceContext::parse(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").expect("it is valid");
/// let parent = RemoteParent::new(context, None);
/// assert!(parent.has_decided && parent.context.flags().is_sampled());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RemoteParent {
    /// The context of the caller's span.
    pub context: TraceContext,
    /// The caller's `tracestate`, if it sent one that is not too long.
    pub state: Option<TraceState>,
    /// Whether the caller made a sampling decision. With W3C Trace Context it always did; other headers may
    /// leave the decision open.
    pub has_decided: bool,
}

impl RemoteParent {
    /// Creates a caller that made the sampling decision that the context's sampled flag holds.
    #[must_use]
    pub const fn new(context: TraceContext, state: Option<TraceState>) -> Self {
        Self { context, state, has_decided: true }
    }

    /// Parses the header lines of a request. Two `traceparent` lines are as invalid as a malformed one: a
    /// new trace begins, and `tracestate` is not read.
    pub fn from_lines<'a>(
        mut traceparent: impl Iterator<Item = &'a [u8]>,
        tracestate: impl FnOnce() -> Option<TraceState>,
    ) -> Option<Self> {
        let context = TraceContext::parse(traceparent.next()?)?;
        if traceparent.next().is_some() {
            return None;
        }
        Some(Self::new(context, tracestate()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_traceparent_lines_begin_a_new_trace() {
        let line: &[u8] = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";
        assert_eq!(RemoteParent::from_lines([line, line].into_iter(), || None), None);
        assert!(RemoteParent::from_lines([line].into_iter(), || None).is_some());
    }
}
