//! Handles a part of a request in another task or thread.

use std::pin::Pin;
use std::task::{Context, Poll};

use opencensus_core::current::{self, Innermost, RequestIdentity, Slot, SpanEntered};
use opencensus_core::{Current, TraceContext};
use pin_project_lite::pin_project;

use crate::handler::request_telemetry::RequestTelemetry;

/// Makes the current request, and the span that this thread is in, current wherever the future is polled: in
/// `tokio::spawn`, in a `JoinSet`, on another runtime. Log lines, exceptions, calls and injected headers of the future
/// belong to the request. Outside of a request the future is the same without it.
///
/// The request may end before the future does; what the future records later still belongs to it, and follows its
/// decision.
///
/// # Examples
///
/// ```
/// async fn order() -> &'static str {
///     tokio::spawn(opencensus::in_request(async {
///         // … calls and log lines here belong to the request …
///     }));
///     "accepted"
/// }
/// ```
pub fn in_request<F>(future: F) -> InRequest<F> {
    RequestTelemetry::current().instrument(future)
}

impl RequestTelemetry {
    /// Makes this request current wherever the future is polled, as [`in_request`] does for the current one.
    ///
    /// # Examples
    ///
    /// A task that works for many requests receives each with its job:
    ///
    /// ```
    /// use opencensus::RequestTelemetry;
    ///
    /// async fn worker(mut jobs: tokio::sync::mpsc::Receiver<(RequestTelemetry, u32)>) {
    ///     while let Some((request, job)) = jobs.recv().await {
    ///         request.instrument(async { println!("{job}") }).await;
    ///     }
    /// }
    /// ```
    pub fn instrument<F>(&self, future: F) -> InRequest<F> {
        InRequest { inner: future, scope: TaskScope::of(self.request()) }
    }

    /// Makes this request current while the function runs: in `spawn_blocking`, in a thread, in rayon.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::RequestTelemetry;
    ///
    /// async fn thumbnail(request: RequestTelemetry) {
    ///     let task = tokio::task::spawn_blocking(move || {
    ///         request.scope(|| {
    ///             // … log lines here belong to the request …
    ///         })
    ///     });
    ///     let _ = task.await;
    /// }
    /// ```
    pub fn scope<T>(&self, function: impl FnOnce() -> T) -> T {
        let mut scope = TaskScope::of(self.request());
        let _entered = scope.enter();
        function()
    }
}

pin_project! {
    /// Future returned by [`in_request`] and [`RequestTelemetry::instrument`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct InRequest<F> {
        #[pin]
        inner: F,
        scope: TaskScope,
    }
}

impl<F: Future> Future for InRequest<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.scope.enter();
        this.inner.poll(cx)
    }
}

/// A request and a span of it that can be entered in any thread.
#[derive(Debug, Default)]
struct TaskScope {
    slot: Slot,
    // `None`: there is no request.
    span: Option<Span>,
    // `None`: the request was not the current one where the scope was made.
    #[cfg(feature = "opentelemetry")]
    context: Option<opentelemetry::Context>,
}

/// The innermost span of a task.
#[derive(Clone, Copy, Debug)]
enum Span {
    Below(Innermost),
    // Of a request that is not recorded.
    Any(TraceContext),
}

impl Span {
    fn enter(self) -> SpanEntered {
        match self {
            Self::Below(innermost) => innermost.enter(),
            Self::Any(context) => current::enter_span(context),
        }
    }
}

/// Guard of [`TaskScope::enter`]. The fields are dropped in their order.
struct TaskEntered<'a> {
    #[cfg(feature = "opentelemetry")]
    _context: Option<opentelemetry::ContextGuard>,
    _span: Option<SpanEntered>,
    _request: Option<current::Entered<'a>>,
}

impl TaskScope {
    fn of(request: Option<&Current>) -> Self {
        let Some(request) = request else { return Self::default() };
        let mut request = request.clone();
        request.ensure_trace_id();
        let span = request.innermost_context();
        Self {
            span: Some(match &request {
                Current::Recording(request) => Span::Below(Innermost::of(span, request)),
                Current::NonRecording(_) => Span::Any(span),
            }),
            #[cfg(feature = "opentelemetry")]
            context: current::context()
                .is_some_and(|current| current.trace_id() == span.trace_id())
                .then(opentelemetry::Context::current),
            slot: Slot::new(request, RequestIdentity::UNKNOWN),
        }
    }

    fn enter(&mut self) -> TaskEntered<'_> {
        let request = self.slot.request.is_some().then(|| current::enter(&mut self.slot));
        TaskEntered {
            #[cfg(feature = "opentelemetry")]
            _context: self.context.clone().map(opentelemetry::Context::attach),
            _span: self.span.map(Span::enter),
            _request: request,
        }
    }
}
