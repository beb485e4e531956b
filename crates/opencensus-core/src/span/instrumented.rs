//! A future that runs as a part of a call.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::span::DependencySpan;

pin_project! {
    /// Future returned by [`DependencySpan::instrument`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Instrumented<'a, F> {
        #[pin]
        inner: F,
        running: Running<'a>,
    }
}

/// The call, while the future runs.
struct Running<'a> {
    span: &'a mut DependencySpan,
    has_ended: bool,
}

impl DependencySpan {
    /// Runs a future as a part of the call: whenever it is polled, the call is the innermost span of the thread. If
    /// the future is dropped before it is ready, the call fails as cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::DependencySpan;
    /// # async fn receive() -> Option<u32> { None }
    ///
    /// async fn next() -> Option<u32> {
    ///     let mut call = DependencySpan::start("Queue", "orders", "receive");
    ///     let order = call.instrument(receive()).await;
    ///     call.set_result_code(if order.is_some() { "received" } else { "empty" });
    ///     order
    /// }
    /// ```
    pub fn instrument<F: Future>(&mut self, future: F) -> Instrumented<'_, F> {
        Instrumented { inner: future, running: Running { span: self, has_ended: false } }
    }

    /// Runs a future as [`instrument`](Self::instrument) does, and ends the call with it. The call fails with the
    /// future's error.
    pub async fn run<T, E: std::fmt::Display>(mut self, future: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let result = self.instrument(future).await;
        if let Err(error) = &result
            && self.is_recorded()
        {
            self.set_failed(error.to_string());
        }
        result
    }
}

impl<F: Future> Future for Instrumented<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let output = {
            let _entered = this.running.span.enter();
            ready!(this.inner.poll(cx))
        };
        this.running.has_ended = true;
        Poll::Ready(output)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // A panic is recorded by the span itself.
        if !self.has_ended && !std::thread::panicking() {
            self.span.set_cancelled();
        }
    }
}

impl<F> std::fmt::Debug for Instrumented<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instrumented").field("span", &self.running.span).finish_non_exhaustive()
    }
}
