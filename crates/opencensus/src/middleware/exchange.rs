//! What the response's future and body carry of a request.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use opencensus_core::{Attribute, Current, Outcome, RequestSpan, TraceContext, current};

use crate::middleware::header_capture::RESPONSE_SIZE;

/// Makes a request current while its service works, and ends it exactly once. Empty for requests
/// that are not followed.
#[derive(Debug, Default)]
pub(crate) struct RequestScope {
    current: Option<Current>,
    #[cfg(feature = "opentelemetry")]
    context: Option<opentelemetry::Context>,
    // Of the answer's head, once it is there.
    status: Option<u16>,
    // Bytes of the answer's body that went out.
    sent: u64,
    pub(crate) options: ScopeOptions,
    /// The answer is one to a gRPC call, whose status is still to come.
    pub(crate) is_grpc: bool,
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
    /// The size of the answer's body is told.
    pub(crate) body_sizes: bool,
}

impl RequestScope {
    #[inline]
    pub(crate) fn new(current: Current, options: ScopeOptions) -> Self {
        let scope = Self {
            current: Some(current),
            #[cfg(feature = "opentelemetry")]
            context: None,
            status: None,
            sent: 0,
            options,
            is_grpc: false,
            ended: false,
        };
        #[cfg(feature = "opentelemetry")]
        let scope = scope.with_opentelemetry_context();
        scope
    }

    #[cfg(feature = "opentelemetry")]
    #[inline]
    fn with_opentelemetry_context(mut self) -> Self {
        use opencensus_opentelemetry::RequestContextExt as _;
        use opentelemetry::Context;

        if let (Some(current), true) = (&mut self.current, self.options.with_context) {
            current.ensure_trace_id();
            self.context = Some(match current {
                Current::Recording(span) => Context::current_with_request(span),
                Current::NonRecording(passing) => Context::current_with_non_recording_request(passing),
            });
        }
        self
    }

    /// Whether the request is followed.
    #[inline]
    pub(crate) fn is_followed(&self) -> bool {
        self.current.is_some()
    }

    /// Trace id, span id and flags.
    pub(crate) fn context(&mut self) -> Option<TraceContext> {
        let current = self.current.as_mut()?;
        current.ensure_trace_id();
        Some(current.context())
    }

    /// `traceresponse`, if it is told: the same form as `traceparent`, with the request's own span.
    pub(crate) fn trace_response(&mut self) -> Option<[u8; 55]> {
        if !self.options.trace_response {
            return None;
        }
        self.context().map(TraceContext::to_header)
    }

    /// The live span of a request that is kept and goes on.
    pub(crate) fn open_span(&self) -> Option<&RequestSpan> {
        match &self.current {
            Some(Current::Recording(span)) if !self.ended => Some(span),
            _ => None,
        }
    }

    /// Whether the request is kept and goes on.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        !self.ended && matches!(self.current, Some(Current::Recording(_)))
    }

    /// Makes the request current until the guard is dropped.
    #[inline]
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        #[cfg(feature = "opentelemetry")]
        let attached = self.context.clone().map(opentelemetry::Context::attach);
        Entered {
            _current: self.current.is_some().then(|| current::enter(&mut self.current)),
            #[cfg(feature = "opentelemetry")]
            _attached: attached,
        }
    }

    /// Runs a part of the service as this request. A panic ends the request and goes on.
    #[inline]
    pub(crate) fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        if !self.is_open() {
            let _entered = self.enter();
            return work();
        }
        match self.catch(work) {
            Ok(done) => done,
            Err(panic) => self.panicked(panic),
        }
    }

    /// Runs a part of the service as this request, and gives its panic, if there is one.
    #[inline]
    pub(crate) fn catch<T>(&mut self, work: impl FnOnce() -> T) -> std::thread::Result<T> {
        let _entered = self.enter();
        catch_unwind(AssertUnwindSafe(work))
    }

    /// Ends the request with a panic that goes on.
    #[cold]
    pub(crate) fn panicked(&mut self, panic: Box<dyn Any + Send>) -> ! {
        self.end(Outcome::Panicked(message(&*panic).into()));
        resume_unwind(panic)
    }

    /// The response's head is there.
    #[inline]
    pub(crate) fn set_status(&mut self, status: u16) {
        self.status = Some(status);
    }

    /// So many more bytes of the answer's body go out; how many that makes.
    #[inline]
    pub(crate) fn add_sent(&mut self, bytes: usize) -> u64 {
        self.sent = self.sent.saturating_add(bytes as u64);
        self.sent
    }

    /// Ends the request; later calls do nothing. It stays current for what is left of its body.
    #[inline]
    pub(crate) fn end(&mut self, outcome: Outcome) {
        if let (Some(current), false) = (&self.current, self.ended) {
            self.ended = true;
            if self.options.body_sizes && self.status.is_some() {
                tell_size(current, self.sent);
            }
            current.end(self.status, outcome);
        }
    }
}

#[cold]
fn tell_size(current: &Current, sent: u64) {
    if let Current::Recording(span) = current {
        span.set_attribute(Attribute::new(RESPONSE_SIZE, sent.cast_signed()));
    }
}

/// Guard of [`RequestScope::enter`].
pub(crate) struct Entered<'a> {
    _current: Option<current::Entered<'a>>,
    #[cfg(feature = "opentelemetry")]
    _attached: Option<opentelemetry::ContextGuard>,
}

/// Who drops a scope that has not ended gave up waiting: for the head, or for the body's rest.
impl Drop for RequestScope {
    #[inline]
    fn drop(&mut self) {
        // Most are empty by now, or have ended.
        if self.current.is_some() && !self.ended {
            self.end(if self.status.is_some() { Outcome::Aborted } else { Outcome::Cancelled });
        }
    }
}

/// A panic's text.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panic without a text").to_owned()
}
