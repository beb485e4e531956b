//! What the response's future and body carry of a request.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use opencensus_core::{Admission, Current, InFlight, Outcome, RequestSpan, TraceContext, current};

/// Makes a request current while its service works, and ends it exactly once. Empty for requests
/// that are not followed.
#[derive(Debug, Default)]
pub(crate) struct RequestScope {
    current: Option<Current>,
    // Until the request has ended.
    in_flight: Option<InFlight>,
    #[cfg(feature = "opentelemetry")]
    context: Option<opentelemetry::Context>,
    pub(crate) options: ScopeOptions,
    has_head: bool,
    ended: bool,
}

/// What the settings say about every request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ScopeOptions {
    /// The request is OpenTelemetry's current context.
    #[cfg(feature = "opentelemetry")]
    pub(crate) with_context: bool,
    /// A stream of events ends its request with its last byte, not with its head.
    pub(crate) streams_to_the_end: bool,
    /// The answer tells its trace.
    pub(crate) trace_response: bool,
}

impl RequestScope {
    pub(crate) fn new(admission: Admission, in_flight: InFlight, options: ScopeOptions) -> Self {
        #[cfg(feature = "opentelemetry")]
        let context = options.with_context.then(|| match &admission {
            Admission::Kept(span) => opencensus_opentelemetry::kept_context(span),
            Admission::Passing(passing) => opencensus_opentelemetry::passing_context(passing),
        });
        let current = Some(match admission {
            Admission::Kept(span) => Current::Kept(span),
            Admission::Passing(passing) => Current::Passing(passing),
        });
        Self {
            current,
            in_flight: Some(in_flight),
            #[cfg(feature = "opentelemetry")]
            context,
            options,
            has_head: false,
            ended: false,
        }
    }

    /// Trace id, span id and flags.
    pub(crate) fn context(&self) -> Option<TraceContext> {
        self.current.as_ref().map(Current::context)
    }

    /// The live span of a request that is kept and goes on.
    pub(crate) fn open_span(&self) -> Option<&RequestSpan> {
        match &self.current {
            Some(Current::Kept(span)) if !self.ended => Some(span),
            _ => None,
        }
    }

    /// Whether the request is kept and goes on.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        !self.ended && matches!(self.current, Some(Current::Kept(_)))
    }

    /// Runs a part of the service as this request. A panic ends the request and goes on.
    #[inline]
    pub(crate) fn enter<T>(&mut self, work: impl FnOnce() -> T) -> T {
        match self.current {
            None => work(),
            Some(Current::Kept(_)) => self.watch(|scope| scope.make_current(work)),
            Some(_) => self.make_current(work),
        }
    }

    /// Runs `work`; a panic ends the request and goes on.
    fn watch<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|panic| {
            self.end(Outcome::Panicked(message(&*panic).into()));
            resume_unwind(panic)
        })
    }

    #[inline]
    fn make_current<T>(&mut self, work: impl FnOnce() -> T) -> T {
        #[cfg(feature = "opentelemetry")]
        let _attached = self.context.clone().map(opentelemetry::Context::attach);
        let _entered = current::enter(&mut self.current);
        work()
    }

    /// The response's head is there.
    #[inline]
    pub(crate) fn set_status(&mut self, status: u16) {
        self.has_head = true;
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.set_status(status);
        }
        if let Some(Current::Kept(span)) = &self.current {
            span.set_status(status);
        }
    }

    /// Ends the request; later calls do nothing. It stays current for what is left of its body.
    pub(crate) fn end(&mut self, outcome: Outcome) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.in_flight = None;
        if let Some(Current::Kept(span)) = &self.current {
            span.end(outcome);
        }
    }
}

/// Who drops a scope that has not ended gave up waiting: for the head, or for the body's rest.
impl Drop for RequestScope {
    fn drop(&mut self) {
        if self.is_open() {
            self.end(if self.has_head { Outcome::Aborted } else { Outcome::Cancelled });
        }
    }
}

/// A panic's text.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panic without a text").to_owned()
}
