//! The spans that a thread has entered.

use std::cell::RefCell;
use std::sync::Arc;

use opencensus_core::current::{self, Innermost, Relation, RequestIdentity, Slot};
use opencensus_core::{Current, RequestSpan, TraceContext};

thread_local! {
    static ENTERED: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// A span that this thread has entered.
struct Frame {
    span: u64,
    // `None`: the thread handles another request.
    change: Option<Change>,
}

/// What the span changed on this thread.
struct Change {
    // The innermost span before.
    previous: Option<Innermost>,
    // The request that became current with the span: the thread handled none.
    request: Option<Arc<RequestSpan>>,
}

/// Takes the request out, unless the thread handles another one by now: when the span is exited, and when the thread ends in
/// it, because nothing else does.
impl Drop for Change {
    fn drop(&mut self) {
        if self.request.take().is_some_and(|request| request.relation_to_current() == Relation::Same) {
            current::exchange(&mut Slot::default());
        }
    }
}

/// Makes a span of a request the innermost one of this thread. If the thread handles no request, as in a task that was
/// spawned with the span, the request becomes its current one. A thread that handles another request stays as it is.
pub(super) fn enter(span: u64, context: TraceContext, request: &Arc<RequestSpan>) {
    let _ = ENTERED.try_with(|entered| {
        let change = match request.relation_to_current() {
            Relation::Other => None,
            relation => {
                let becomes_current = (relation == Relation::None).then(|| Arc::clone(request));
                if becomes_current.is_some() {
                    let request = Current::Recording(Arc::clone(request));
                    current::exchange(&mut Slot::new(request, RequestIdentity::UNKNOWN));
                }
                let previous = current::replace_innermost(Some(Innermost::of(context, request)));
                Some(Change { previous, request: becomes_current })
            }
        };
        entered.borrow_mut().push(Frame { span, change });
    });
}

/// Ends what [`enter`] began. Spans may be exited in any order.
pub(super) fn exit(span: u64) {
    let change = ENTERED.try_with(|entered| pop(&mut entered.borrow_mut(), span)).ok().flatten();
    // The change is dropped here, where the list is not borrowed: its handle may be the request's last one.
    let Some(mut change) = change else { return };
    current::replace_innermost(change.previous.take());
}

/// Whether this thread has entered a span.
pub(super) fn is_in_span() -> bool {
    ENTERED.try_with(|entered| !entered.borrow().is_empty()).unwrap_or_default()
}

/// Removes the latest frame of the span. Returns the change that ends with it.
fn pop(frames: &mut Vec<Frame>, span: u64) -> Option<Change> {
    let index = frames.iter().rposition(|frame| frame.span == span)?;
    let mut change = frames.remove(index).change?;
    match frames[index..].iter_mut().find_map(|frame| frame.change.as_mut()) {
        None => Some(change),
        // Not the innermost one: the one within it has to restore what was before both.
        Some(inner) => {
            inner.previous = change.previous.take();
            inner.request = inner.request.take().or_else(|| change.request.take());
            None
        }
    }
}
