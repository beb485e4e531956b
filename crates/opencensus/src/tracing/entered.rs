//! The spans that a thread has entered.

use std::cell::RefCell;
use std::sync::Arc;

use opencensus_core::current::{self, Relation, RequestIdentity, Slot};
use opencensus_core::{Current, RequestSpan, TraceContext};

thread_local! {
    static ENTERED: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// A span that this thread has entered.
struct Frame {
    span: u64,
    // The innermost span before.
    previous: Option<TraceContext>,
    // Whether the request became current with the span: the thread handled none.
    has_request: bool,
}

/// Makes a span of a request the innermost one of this thread. If the thread handles no request, as in a task that was
/// spawned with the span, the request becomes its current one. A thread that handles another request stays as it is.
pub(super) fn enter(span: u64, context: TraceContext, request: &Arc<RequestSpan>) {
    let relation = request.relation_to_current();
    if relation == Relation::Other {
        return;
    }
    let has_request = relation == Relation::None;
    let _ = ENTERED.try_with(|entered| {
        if has_request {
            let request = Current::Recording(Arc::clone(request));
            current::exchange(&mut Slot::new(request, RequestIdentity::UNKNOWN));
        }
        let previous = current::replace_innermost(Some(context));
        entered.borrow_mut().push(Frame { span, previous, has_request });
    });
}

/// Ends what [`enter`] began. Spans may be exited in any order.
pub(super) fn exit(span: u64) {
    let is_last = ENTERED.try_with(|entered| pop(&mut entered.borrow_mut(), span)).ok().flatten();
    if is_last == Some(true) {
        // Dropped here, where the list is not borrowed: the handle may be the request's last one.
        current::exchange(&mut Slot::default());
    }
}

/// Whether this thread has entered a span.
pub(super) fn is_in_span() -> bool {
    ENTERED.try_with(|entered| !entered.borrow().is_empty()).unwrap_or_default()
}

/// Removes the latest frame of the span. `Some(true)`: the thread's request ends with it.
fn pop(frames: &mut Vec<Frame>, span: u64) -> Option<bool> {
    let index = frames.iter().rposition(|frame| frame.span == span)?;
    let frame = frames.remove(index);
    match frames.get_mut(index) {
        None => {
            current::replace_innermost(frame.previous);
            Some(frame.has_request)
        }
        // Not the innermost one: the one within it has to restore what was before both.
        Some(inner) => {
            inner.previous = frame.previous;
            inner.has_request |= frame.has_request;
            Some(false)
        }
    }
}
