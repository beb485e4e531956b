//! Makes a request the current one, for this library and for OpenTelemetry.

use opencensus_core::Current;
use opencensus_core::current::{self, RequestIdentity, Slot};

use crate::middleware::options::ExchangeOptions;

/// A request that can be made the current one of a thread. Empty if the middleware does not handle the request.
#[derive(Default)]
pub(crate) struct RequestScope {
    slot: Slot,
    // `None`: the request is not OpenTelemetry's current context.
    #[cfg(feature = "opentelemetry")]
    context: Option<opentelemetry::Context>,
}

// Inlined always: a copy of the scope on its way into the exchange would cost fifty instructions a request.
impl RequestScope {
    #[cfg(feature = "opentelemetry")]
    #[inline(always)]
    pub(crate) fn new(mut current: Current, identity: RequestIdentity, options: &ExchangeOptions) -> Self {
        let context = options.with_context.then(|| opentelemetry_context(&mut current));
        Self { slot: Slot::new(current, identity), context }
    }

    #[cfg(not(feature = "opentelemetry"))]
    #[inline(always)]
    pub(crate) fn new(current: Current, identity: RequestIdentity, _: &ExchangeOptions) -> Self {
        Self { slot: Slot::new(current, identity) }
    }

    /// The request, unless it is the current one.
    #[inline(always)]
    pub(crate) fn current(&self) -> Option<&Current> {
        self.slot.request.as_ref()
    }

    /// The same, to change it.
    pub(crate) fn current_mut(&mut self) -> Option<&mut Current> {
        self.slot.request.as_mut()
    }

    /// Makes the request current until the guard is dropped.
    #[inline(always)]
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        #[cfg(feature = "opentelemetry")]
        let attached = self.context.clone().map(opentelemetry::Context::attach);
        Entered {
            request: self.slot.request.is_some().then(|| current::enter(&mut self.slot)),
            #[cfg(feature = "opentelemetry")]
            _attached: attached,
        }
    }
}

#[cfg(feature = "opentelemetry")]
#[inline(always)]
fn opentelemetry_context(current: &mut Current) -> opentelemetry::Context {
    use opencensus_opentelemetry::RequestContextExt as _;
    use opentelemetry::Context;

    current.ensure_trace_id();
    match current {
        Current::Recording(span) => Context::current_with_request(span),
        Current::NonRecording(request) => Context::current_with_non_recording_request(request),
    }
}

/// Keeps the memory of a request that is not recorded for the next one.
impl Drop for RequestScope {
    #[inline]
    fn drop(&mut self) {
        if let Some(Current::NonRecording(_)) = self.slot.request {
            self.slot.release();
        }
    }
}

/// Guard of [`RequestScope::enter`].
pub(crate) struct Entered<'a> {
    request: Option<current::Entered<'a>>,
    #[cfg(feature = "opentelemetry")]
    _attached: Option<opentelemetry::ContextGuard>,
}

impl Entered<'_> {
    /// Makes the previous request current again, as a drop does, but inlined.
    #[inline(always)]
    pub(crate) fn exit(self) {
        if let Some(request) = self.request {
            request.exit();
        }
    }
}
