//! The innermost span that this thread is in, below its request.

use std::cell::Cell;
use std::marker::PhantomData;

use crate::ids::SpanId;
use crate::propagation::TraceContext;
use crate::span::RequestSpan;

thread_local! {
    static INNERMOST: Cell<Option<Innermost>> = const { Cell::new(None) };
}

/// The innermost span that a thread is in; see [`replace_innermost`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Innermost {
    context: TraceContext,
    // `None`: any request of the trace.
    request: Option<SpanId>,
}

impl Innermost {
    /// A span below this request.
    #[must_use]
    pub fn of(context: TraceContext, request: &RequestSpan) -> Self {
        Self { context, request: Some(request.context().span_id()) }
    }

    /// Makes the span the innermost one of this thread until the guard is dropped, as [`enter_span`] does.
    pub fn enter(self) -> SpanEntered {
        SpanEntered { previous: replace_innermost(Some(self)), _same_thread: PhantomData }
    }

    /// Whether the span is below the request with this context.
    fn is_below(&self, request: TraceContext) -> bool {
        self.context.trace_id() == request.trace_id() && self.request.is_none_or(|id| id == request.span_id())
    }
}

/// Makes a span below the current request, such as an outgoing call, the parent of what this thread records until the
/// guard is dropped: log records, exceptions, calls, and the headers of outgoing calls.
///
/// # Examples
///
/// ```
/// use opencensus_core::current;
///
/// if let Some(request) = current::get() {
///     let call = request.child_context();
///     let _entered = current::enter_span(call);
///     assert_eq!(current::context(), Some(call));
/// }
/// ```
pub fn enter_span(context: TraceContext) -> SpanEntered {
    Innermost { context, request: None }.enter()
}

/// Guard returned by [`enter_span`]. Its drop makes the previous span the innermost one again. Guards must be dropped in the
/// reverse order of their creation.
#[derive(Debug)]
#[must_use = "the span is the innermost one until the guard is dropped"]
pub struct SpanEntered {
    previous: Option<Innermost>,
    // Not `Send`: another thread is in another span.
    _same_thread: PhantomData<*const ()>,
}

impl Drop for SpanEntered {
    fn drop(&mut self) {
        replace_innermost(self.previous);
    }
}

/// Makes a span the innermost one of this thread, and returns the one before, as [`enter_span`] does. It serves callers that
/// cannot hold a guard; they must restore the one before.
pub fn replace_innermost(innermost: Option<Innermost>) -> Option<Innermost> {
    INNERMOST.try_with(|cell| cell.replace(innermost)).ok().flatten()
}

/// The context of the innermost span below a request, or the request's own: a request that is handled inside of another
/// one's span is not in it.
pub(super) fn innermost_or(request: TraceContext) -> TraceContext {
    let innermost = INNERMOST.try_with(Cell::get).ok().flatten().filter(|innermost| innermost.is_below(request));
    innermost.map_or(request, |innermost| innermost.context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_restore_the_outer_span_and_other_requests_do_not_see_it() {
        let request = TraceContext::root();
        let (outer, inner, other_request) = (request.child(true), request.child(true), request.child(true));
        {
            let _outer = enter_span(outer);
            {
                let _inner = enter_span(inner);
                assert_eq!(innermost_or(request), inner);
                let elsewhere = TraceContext::root();
                assert_eq!(innermost_or(elsewhere), elsewhere);
            }
            assert_eq!(innermost_or(request), outer);
            let of_request = Innermost { context: inner, request: Some(request.span_id()) };
            let previous = replace_innermost(Some(of_request));
            assert_eq!((innermost_or(request), innermost_or(other_request)), (inner, other_request));
            replace_innermost(previous);
        }
        assert_eq!(innermost_or(request), request);
    }
}
