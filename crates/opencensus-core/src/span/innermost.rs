//! The innermost span that this thread is in, below its request.

use std::cell::Cell;
use std::marker::PhantomData;

use crate::ids::TraceId;
use crate::propagation::TraceContext;

thread_local! {
    static INNERMOST: Cell<Option<TraceContext>> = const { Cell::new(None) };
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
    SpanEntered { previous: replace_innermost(Some(context)), _same_thread: PhantomData }
}

/// Guard returned by [`enter_span`]. Its drop makes the previous span the innermost one again. Guards must be dropped in the
/// reverse order of their creation.
#[derive(Debug)]
#[must_use = "the span is the innermost one until the guard is dropped"]
pub struct SpanEntered {
    previous: Option<TraceContext>,
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
pub fn replace_innermost(context: Option<TraceContext>) -> Option<TraceContext> {
    INNERMOST.try_with(|cell| cell.replace(context)).ok().flatten()
}

/// The innermost span, if it belongs to this trace: a request that is handled inside of another one's span is in none.
pub(super) fn innermost(trace: TraceId) -> Option<TraceContext> {
    INNERMOST.try_with(Cell::get).ok().flatten().filter(|context| context.trace_id() == trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_restore_the_outer_span_and_other_traces_do_not_see_it() {
        let outer = TraceContext::root();
        let inner = outer.child(true);
        let trace = outer.trace_id();
        {
            let _outer = enter_span(outer);
            {
                let _inner = enter_span(inner);
                assert_eq!(innermost(trace), Some(inner));
                assert_eq!(innermost(TraceContext::root().trace_id()), None);
            }
            assert_eq!(innermost(trace), Some(outer));
        }
        assert_eq!(innermost(trace), None);
    }
}
