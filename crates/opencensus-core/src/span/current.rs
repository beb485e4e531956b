//! Which request this thread is busy with.
//!
//! The middleware sets it while it calls or polls the inner service: log lines find their ids
//! here, and outgoing calls their headers, without any runtime or framework.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::ids::SpanId;
use crate::propagation::{Baggage, TraceContext, TraceState};
use crate::span::{NonRecordingRequest, OutgoingContext, RequestSpan};
use crate::telemetry::Outcome;

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

/// The request that a thread is busy with.
#[derive(Clone, Debug)]
pub enum Current {
    /// It is kept, or may be at its end.
    Kept(Arc<RequestSpan>),
    /// It is not kept, but its trace goes on.
    NonRecordingRequest(Arc<NonRecordingRequest>),
}

impl Current {
    /// Begins the request's trace, if it is one that has not needed one so far.
    #[inline]
    pub fn settle(&mut self) {
        if let Self::NonRecordingRequest(passing) = self
            && let Some(settled) = passing.settled()
        {
            *passing = settled;
        }
    }

    /// Trace id, span id and flags. Of a request that is not kept they stay the same once it is
    /// [settled](Self::settle).
    #[must_use]
    pub fn context(&self) -> TraceContext {
        match self {
            Self::Kept(span) => span.context(),
            Self::NonRecordingRequest(passing) => passing.context(),
        }
    }

    /// A call of the request that is a span of its own: the same trace and flags, another span id.
    #[must_use]
    pub fn call(&self) -> TraceContext {
        let context = self.context();
        TraceContext::new(context.trace_id(), SpanId::random(), context.flags())
    }

    /// The headers that the trace goes on in, in lower case; `None`: such a header must not go on. `from`
    /// is the request's own context, or that of a [`call`](Self::call).
    #[must_use]
    pub fn outgoing_headers(&self, from: TraceContext) -> Vec<(&'static str, Option<String>)> {
        let state = match self {
            Self::Kept(span) => span.trace_state_from(from.span_id()).as_ref().and_then(TraceState::to_header),
            Self::NonRecordingRequest(passing) => {
                passing.outgoing_context().trace_state().and_then(TraceState::to_header)
            }
        };
        self.outgoing_context().propagators().headers(from, state)
    }

    /// The caller's baggage.
    #[must_use]
    pub fn baggage(&self) -> Option<&Baggage> {
        self.outgoing_context().baggage()
    }

    /// Ends the request: counts it as finished, and hands it to the pipeline if it is kept. `status` is
    /// that of the answer's head, if there was one. For front ends, once a request.
    #[inline]
    pub fn end(&self, status: Option<u16>, outcome: Outcome) {
        match self {
            Self::Kept(span) => {
                if span.end(status, outcome) {
                    span.queue().ledger().requests.finish(status);
                }
            }
            Self::NonRecordingRequest(passing) => passing.queue().ledger().requests.finish(status),
        }
    }

    fn outgoing_context(&self) -> &OutgoingContext {
        match self {
            Self::Kept(span) => span.outgoing_context(),
            Self::NonRecordingRequest(passing) => passing.outgoing_context(),
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
fn look<T: Default>(look: impl FnOnce(&mut Option<Current>) -> T) -> T {
    let at = |cell: &Cell<Option<Current>>| {
        let mut current = cell.take();
        let seen = look(&mut current);
        cell.set(current);
        seen
    };
    CURRENT.try_with(at).unwrap_or_default()
}

/// A copy of the current request's handle.
#[must_use]
pub fn get() -> Option<Current> {
    look(|current| {
        current.as_mut()?.settle();
        current.clone()
    })
}

/// Whether this thread is busy with a request that is not kept.
#[must_use]
pub fn is_passing() -> bool {
    look(|current| matches!(current, Some(Current::NonRecordingRequest(_))))
}

/// Trace id, span id and flags of the current request, kept or not.
#[must_use]
pub fn context() -> Option<TraceContext> {
    look(|current| {
        let current = current.as_mut()?;
        current.settle();
        Some(current.context())
    })
}

impl RequestSpan {
    /// The request that is being handled on this thread, if it is kept.
    ///
    /// Set while the middleware calls or polls the inner service and the response's body; a task
    /// that was spawned takes a clone along.
    #[must_use]
    pub fn current() -> Option<Arc<Self>> {
        match get()? {
            Current::Kept(span) => Some(span),
            Current::NonRecordingRequest(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Ledger, PipelineLimits, Queue};

    fn passing() -> Option<Current> {
        let queue = Arc::new(Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default())));
        Some(Current::NonRecordingRequest(NonRecordingRequest::new(
            Some(TraceContext::root()),
            OutgoingContext::default(),
            &queue,
        )))
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
    fn trace_that_begins_when_somebody_asks_stays_the_same() {
        let queue = Arc::new(Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default())));
        let mut slot =
            Some(Current::NonRecordingRequest(NonRecordingRequest::new(None, OutgoingContext::default(), &queue)));
        let asked = {
            let _entered = enter(&mut slot);
            (context().unwrap(), get().unwrap().context())
        };
        assert_eq!(asked.0, asked.1);
        assert_eq!(slot.unwrap().context(), asked.0);
        assert!(asked.0.trace_id().is_valid() && !asked.0.flags().is_sampled());
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
