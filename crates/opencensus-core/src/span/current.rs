//! Which request this thread is busy with.
//!
//! The middleware sets it while it calls or polls the inner service: log lines find their ids
//! here, and outgoing calls their headers, without any runtime or framework.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::propagation::{Baggage, TraceContext, TraceState};
use crate::span::{Luggage, RequestSpan};

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

/// The request that a thread is busy with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Current {
    /// It is kept, or may be at its end.
    Kept(Arc<RequestSpan>),
    /// It is not kept, but its trace goes on.
    Passing(Passing),
}

/// A request that is not kept. The services that it calls belong to the same trace all the same,
/// and learn that it is not sampled.
#[derive(Clone, Debug)]
pub struct Passing {
    /// A span id of its own, never sampled.
    pub context: TraceContext,
    /// What goes on beside the trace, the caller's `tracestate` among it.
    pub luggage: Luggage,
}

impl Current {
    /// Trace id, span id and flags.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        match self {
            Self::Kept(span) => span.context(),
            Self::Passing(passing) => passing.context,
        }
    }

    /// The `tracestate` value to send on.
    #[must_use]
    pub fn trace_state_header(&self) -> Option<String> {
        match self {
            Self::Kept(span) => span.outgoing_trace_state().as_ref().and_then(TraceState::to_header),
            Self::Passing(passing) => passing.luggage.trace_state().and_then(TraceState::to_header),
        }
    }

    /// The headers that the trace goes on in, in lower case; `None`: such a header must not go on.
    #[must_use]
    pub fn outgoing_headers(&self) -> Vec<(&'static str, Option<String>)> {
        self.luggage().propagators().headers(self.context(), self.trace_state_header())
    }

    /// The caller's baggage.
    #[must_use]
    pub fn baggage(&self) -> Option<&Baggage> {
        self.luggage().baggage()
    }

    fn luggage(&self) -> &Luggage {
        match self {
            Self::Kept(span) => span.luggage(),
            Self::Passing(passing) => &passing.luggage,
        }
    }
}

/// Makes `slot` current until the guard is dropped, by exchanging the two: no clone, no count.
#[inline]
pub fn enter(slot: &mut Option<Current>) -> Entered<'_> {
    exchange(slot);
    Entered { slot, _same_thread: PhantomData }
}

/// Guard of [`enter`]. Guards are dropped in the reverse order of their making, on the same thread:
/// gives the thread back to whom it belonged before.
#[derive(Debug)]
#[must_use = "the request is current until the guard is dropped"]
pub struct Entered<'a> {
    slot: &'a mut Option<Current>,
    // Not `Send`: another thread has another current request.
    _same_thread: PhantomData<*const ()>,
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        exchange(self.slot);
    }
}

// A thread that ends has no current request any more; then nothing is exchanged, both times.
#[inline]
fn exchange(slot: &mut Option<Current>) {
    let _ = CURRENT.try_with(|current| *slot = current.replace(slot.take()));
}

/// Looks at the current request. `look` runs no user's code, so nobody misses it meanwhile.
fn look<T: Default>(look: impl FnOnce(&Option<Current>) -> T) -> T {
    let at = |cell: &Cell<Option<Current>>| {
        let current = cell.take();
        let seen = look(&current);
        cell.set(current);
        seen
    };
    CURRENT.try_with(at).unwrap_or_default()
}

/// A copy of the current request's handle.
#[must_use]
pub fn get() -> Option<Current> {
    look(Clone::clone)
}

/// Whether this thread is busy with a request that is not kept.
#[must_use]
pub fn is_passing() -> bool {
    look(|current| matches!(current, Some(Current::Passing(_))))
}

/// Trace id, span id and flags of the current request, kept or not.
#[must_use]
pub fn context() -> Option<TraceContext> {
    look(|current| current.as_ref().map(Current::context))
}

pub(super) fn span() -> Option<Arc<RequestSpan>> {
    match get()? {
        Current::Kept(span) => Some(span),
        Current::Passing(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing() -> Option<Current> {
        Some(Current::Passing(Passing { context: TraceContext::root(), luggage: Luggage::default() }))
    }

    #[test]
    fn inner_scopes_give_back_the_outer_one() {
        let (mut outer, mut inner) = (passing(), passing());
        let ids = [&outer, &inner].map(|slot| slot.as_ref().unwrap().context());
        {
            let _outer = enter(&mut outer);
            assert_eq!(context(), Some(ids[0]));
            {
                let _inner = enter(&mut inner);
                assert_eq!(context(), Some(ids[1]));
            }
            assert_eq!(context(), Some(ids[0]));
        }
        assert!(context().is_none());
        assert_eq!(outer.unwrap().context(), ids[0]);
    }

    #[test]
    fn panic_leaves_nothing_behind() {
        let mut slot = passing();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _entered = enter(&mut slot);
            panic!("boom");
        }));
        assert!(result.is_err() && context().is_none() && slot.is_some());
    }
}
