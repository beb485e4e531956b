//! The request that this thread is handling.
//!
//! The middleware sets it while it calls or polls the inner service. Log records take their ids from it,
//! and outgoing calls their headers, without any runtime or framework.
//!
//! # Examples
//!
//! ```
//! use opencensus_core::current;
//!
//! // Outside the middleware no request is current.
//! assert!(current::get().is_none());
//! assert!(current::context().is_none());
//! ```

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::ids::SpanId;
use crate::pipeline::Queue;
use crate::propagation::{Baggage, Caller, TraceContext, TraceState};
use crate::span::innermost::innermost_or;
use crate::span::{NonRecordingRequest, OutgoingContext, RequestSpan};

pub use crate::span::innermost::{Innermost, SpanEntered, enter_span, replace_innermost};
pub use crate::span::place::{Place, Relation, is_non_recording};
pub use crate::span::request_identity::RequestIdentity;
use crate::telemetry::{Outcome, TelemetryItem};

thread_local! {
    static CURRENT: CurrentCell = const { CurrentCell::new() };
}

/// A request that is being handled.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Current, current};
///
/// match current::get() {
///     Some(Current::Recording(span)) => span.set_name("checkout"),
///     Some(Current::NonRecording(request)) => println!("unsampled trace {}", request.context().trace_id()),
///     None => println!("no request"),
/// }
/// ```
#[derive(Clone, Debug)]
pub enum Current {
    /// The request is recorded. It is exported, unless tail sampling drops it at its end.
    Recording(Arc<RequestSpan>),
    /// The request is not recorded, but its trace continues.
    NonRecording(Arc<NonRecordingRequest>),
}

impl Current {
    /// Creates the request's ids, if it is not recorded and has none of its own yet. From then on
    /// [`context`](Self::context) stays the same.
    #[inline]
    pub fn ensure_trace_id(&mut self) {
        if let Self::NonRecording(request) = self {
            request.ensure_context();
        }
    }

    /// The request's own trace context. For a request that is not recorded call
    /// [`ensure_trace_id`](Self::ensure_trace_id) first: without it every call may return other ids.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        match self {
            Self::Recording(span) => span.context(),
            Self::NonRecording(request) => request.context(),
        }
    }

    /// The context of the innermost span that this thread is in: that of [`enter_span`] if it is a span of the request,
    /// otherwise the request's own.
    #[must_use]
    pub fn innermost_context(&self) -> TraceContext {
        let context = self.context();
        innermost_or(context)
    }

    /// The context of a new span under the request, such as an outgoing call: the same trace and flags
    /// with a new span id.
    #[must_use]
    pub fn child_context(&self) -> TraceContext {
        let context = self.context();
        TraceContext::new(context.trace_id(), SpanId::random(), context.flags())
    }

    /// The propagation headers for an outgoing call: names in lower case, and values. A header whose value
    /// is `None` must be removed from the call. `from` is the request's own context or a
    /// [`child_context`](Self::child_context).
    #[must_use]
    pub fn outgoing_headers(&self, from: TraceContext) -> Vec<(&'static str, Option<String>)> {
        let mut headers = Vec::with_capacity(2);
        self.visit_outgoing_headers(from, &mut |name, value| headers.push((name, value)));
        headers
    }

    /// Visits the [`outgoing_headers`](Self::outgoing_headers), without a list of them.
    pub fn visit_outgoing_headers(&self, from: TraceContext, visit: &mut dyn FnMut(&'static str, Option<String>)) {
        let state = match self {
            Self::Recording(span) => span.trace_state_header_from(from.span_id()),
            Self::NonRecording(request) => request.outgoing_context().trace_state().and_then(TraceState::to_header),
        };
        self.outgoing_context().propagators().visit(from, state, visit);
    }

    /// Whether the request propagates its trace to a host, with its port if it has one.
    #[must_use]
    pub fn propagates_to(&self, authority: &str) -> bool {
        self.outgoing_context().includes(authority)
    }

    /// The caller's baggage.
    #[must_use]
    pub fn baggage(&self) -> Option<&Baggage> {
        self.outgoing_context().baggage()
    }

    /// Ends the request: counts it as finished and, if it is recorded, hands it to the pipeline. `status`
    /// is the response's, if there was one. The middleware calls it once for each request.
    #[inline]
    pub fn end(&self, status: Option<u16>, outcome: Outcome) {
        let queue = match self {
            Self::Recording(span) if !span.end(status, outcome) => return,
            Self::Recording(span) => span.queue(),
            Self::NonRecording(request) => request.queue(),
        };
        queue.counters().requests.finish(status);
    }

    /// Sends an item that belongs to the request, if the request is kept; see [`RequestSpan::submit`].
    pub fn submit(&self, item: impl Into<TelemetryItem>) {
        match self {
            Self::Recording(span) => span.submit(item),
            Self::NonRecording(request) => request.submit(item.into()),
        }
    }

    /// Like [`submit`](Self::submit), for an item that is costly to make: it is made only if it is not dropped at once.
    /// `make` must not make metrics or results of availability tests, which are always sent.
    pub fn submit_with(&self, make: impl FnOnce() -> Option<TelemetryItem>) {
        if !self.counts_drop()
            && let Some(item) = make()
        {
            self.submit(item);
        }
    }

    /// Whether an item that is submitted now is dropped, which is counted.
    pub(super) fn counts_drop(&self) -> bool {
        let drops = self.drops_items();
        if drops {
            self.queue().counters().items_sampled_out.increment();
        }
        drops
    }

    /// Whether an item that is submitted now is dropped, because the request is not kept. Items of a request that may be
    /// kept at its end wait for it.
    #[must_use]
    pub fn drops_items(&self) -> bool {
        match self {
            Self::Recording(span) => span.drops_items(),
            Self::NonRecording(_) => true,
        }
    }

    /// What the request's headers stated about its caller, as far as it is trusted.
    pub(crate) fn caller(&self) -> Caller {
        match self {
            Self::Recording(span) => span.caller(),
            Self::NonRecording(request) => request.caller().clone(),
        }
    }

    pub(crate) fn queue(&self) -> &Queue {
        match self {
            Self::Recording(span) => span.queue(),
            Self::NonRecording(request) => request.queue(),
        }
    }

    pub(crate) fn outgoing_context(&self) -> &OutgoingContext {
        match self {
            Self::Recording(span) => span.outgoing_context(),
            Self::NonRecording(request) => request.outgoing_context(),
        }
    }
}

/// A place for a request that can be [entered](enter), with its identity. [`enter`] has an example.
#[derive(Debug, Default)]
pub struct Slot {
    /// The request; `None` while it is the current one.
    pub request: Option<Current>,
    /// Distinguishes the request from others.
    pub identity: RequestIdentity,
}

/// The thread's current request. The two are cells of their own, because most accesses need one of them.
// Without a destructor, so that an access need not check whether the thread is ending, or register it. What makes a
// request current takes it out again: the guard of [`enter`], and the crate opencensus's layer for `tracing`.
struct CurrentCell {
    request: Cell<ManuallyDrop<Option<Current>>>,
    identity: Cell<RequestIdentity>,
}

impl CurrentCell {
    const fn new() -> Self {
        Self { request: Cell::new(ManuallyDrop::new(None)), identity: Cell::new(RequestIdentity::UNKNOWN) }
    }
}

impl Slot {
    /// A place with a request.
    #[inline(always)]
    #[must_use]
    pub fn new(request: Current, identity: RequestIdentity) -> Self {
        Self { request: Some(request), identity }
    }

    /// Drops the request, which has ended. If it is not recorded, its memory may serve the next one of this thread.
    #[inline]
    pub fn release(&mut self) {
        if let Some(Current::NonRecording(request)) = self.request.take() {
            request.release();
        }
    }
}

/// Makes the request in `slot` current until the guard is dropped. The two are exchanged, so that no
/// reference count changes.
///
/// # Examples
///
/// An integration does this around every call and every poll of the inner service:
///
/// ```
/// use opencensus_core::current;
///
/// fn call(request: &mut current::Slot, service: impl FnOnce()) {
///     let _entered = current::enter(request);
///     service();
/// }
/// ```
#[inline]
pub fn enter(slot: &mut Slot) -> Entered<'_> {
    exchange(slot);
    Entered { slot, _same_thread: PhantomData }
}

/// Guard returned by [`enter`]. Its drop makes the previous request current again. Guards must be dropped
/// in the reverse order of their creation.
#[derive(Debug)]
#[must_use = "the request is current until the guard is dropped"]
pub struct Entered<'a> {
    slot: &'a mut Slot,
    // Not `Send`: another thread has another current request.
    _same_thread: PhantomData<*const ()>,
}

impl Entered<'_> {
    /// Makes the previous request current again. The same as a drop, which the compiler does not inline because an
    /// unwinding thread needs it as well.
    #[inline(always)]
    pub fn exit(self) {
        exchange(ManuallyDrop::new(self).slot);
    }
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        exchange(self.slot);
    }
}

/// Exchanges this thread's request and the one in `slot`, which [`enter`] does twice. It serves callers that cannot hold a
/// guard, because they are called at the beginning and at the end; they must call it in pairs.
#[inline(always)]
pub fn exchange(slot: &mut Slot) {
    let _ = CURRENT.try_with(|current| {
        let previous = current.request.replace(ManuallyDrop::new(slot.request.take()));
        let previous = ManuallyDrop::into_inner(previous);
        // The slot is empty now. An assignment would check that, and drop what it finds: twelve instructions.
        std::mem::forget(std::mem::replace(&mut slot.request, previous));
        slot.identity = current.identity.replace(slot.identity);
    });
}

/// Calls `read` with the current request. `read` must run no user code: the request is not current
/// meanwhile.
pub(super) fn with_current<T: Default>(read: impl FnOnce(&mut Option<Current>) -> T) -> T {
    let read_cell = |cell: &CurrentCell| {
        let mut current = cell.request.take();
        let result = read(&mut current);
        // What is in the cell meanwhile is `None`, which owns nothing.
        cell.request.set(current);
        result
    };
    CURRENT.try_with(read_cell).unwrap_or_default()
}

/// A clone of the current request's handle.
#[must_use]
pub fn get() -> Option<Current> {
    with_current(|current| {
        current.as_mut()?.ensure_trace_id();
        current.clone()
    })
}

/// The current request, if it is recorded. The item that a caller would submit otherwise is counted as dropped.
pub(super) fn recording() -> Option<Current> {
    with_current(|current| current.as_ref().filter(|current| !current.counts_drop()).cloned())
}

/// Whether this thread is handling a request.
#[inline]
#[must_use]
pub fn is_set() -> bool {
    with_current(|current| current.is_some())
}

/// Whether the current request has this identity.
#[must_use]
pub fn is(identity: RequestIdentity) -> bool {
    CURRENT.try_with(|current| current.identity.get().is(identity)).unwrap_or_default()
}

/// The trace context of the current request, whether it is recorded or not, or that of the innermost span below it that
/// this thread [has entered](enter_span).
#[must_use]
pub fn context() -> Option<TraceContext> {
    with_current(|current| {
        let current = current.as_mut()?;
        current.ensure_trace_id();
        Some(current.innermost_context())
    })
}

impl RequestSpan {
    /// The request that this thread is handling, if it is recorded.
    ///
    /// The middleware sets it while it calls or polls the inner service and the response's body. A spawned
    /// task needs its own clone.
    #[must_use]
    pub fn current() -> Option<Arc<Self>> {
        match get()? {
            Current::Recording(span) => Some(span),
            Current::NonRecording(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Ledger, PipelineLimits, QueueRef};
    use crate::propagation::RemoteParent;

    fn request(context: Option<TraceContext>) -> Slot {
        let queue = Arc::new(Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default())));
        let request =
            NonRecordingRequest::new(context, Caller::Unknown, OutgoingContext::default(), &QueueRef::new(&queue));
        Slot::new(Current::NonRecording(request), RequestIdentity::default())
    }

    fn with_context() -> Slot {
        request(Some(TraceContext::root()))
    }

    #[test]
    fn inner_guard_restores_the_outer_request() {
        let (mut outer, mut inner) = (with_context(), with_context());
        let ids = [&outer, &inner].map(|slot| slot.request.as_ref().unwrap().context());
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
        assert_eq!(outer.request.unwrap().context(), ids[0]);
    }

    #[test]
    fn trace_id_that_is_created_on_demand_stays_the_same() {
        let mut slot = request(None);
        let contexts = {
            let _entered = enter(&mut slot);
            (context().unwrap(), get().unwrap().context())
        };
        assert_eq!(contexts.0, contexts.1);
        assert_eq!(slot.request.unwrap().context(), contexts.0);
        assert!(contexts.0.trace_id().is_valid() && !contexts.0.flags().is_sampled());
    }

    #[test]
    fn ids_of_a_request_with_a_caller_are_created_in_its_trace_and_stay_the_same() {
        let parent = RemoteParent::new(TraceContext::root(), None);
        let queue = Arc::new(Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default())));
        let caller = Caller::Parent(parent.clone());
        let request = NonRecordingRequest::new(None, caller, OutgoingContext::default(), &QueueRef::new(&queue));
        let mut current = Current::NonRecording(request);
        current.ensure_trace_id();
        let context = current.context();
        current.ensure_trace_id();
        assert_eq!((current.context(), context.trace_id()), (context, parent.context.trace_id()));
        assert!(context.span_id() != parent.context.span_id() && !context.flags().is_sampled());
    }

    #[test]
    fn panic_leaves_no_request_current() {
        let mut slot = with_context();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _entered = enter(&mut slot);
            panic!("boom");
        }));
        assert!(result.is_err() && context().is_none() && slot.request.is_some());
    }
}
