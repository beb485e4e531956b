//! Waits for a signal, as a future.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::shutdown::drain::DRAIN_DEADLINE;
use crate::shutdown::signal_thread::Waiter;

/// Waits for a signal that ends the process: Ctrl-C or SIGTERM on Unix; elsewhere Ctrl-C, Ctrl-Break, or the end of the
/// console or the system.
///
/// This is the argument of axum's `with_graceful_shutdown`, which then accepts no more connections and
/// waits for the open requests.
///
/// # Drain deadline
///
/// A server waits for open requests without limit: an open event stream or a handler that hangs would keep
/// the process until the platform kills it, and the last telemetry would be lost with it. Therefore the
/// process ends 25 seconds after the signal at the latest:
///
/// 1. At the signal, every running [`Telemetry`](crate::Telemetry) of the process sends its queued items.
/// 2. For 20 seconds the program may end by itself.
/// 3. Then every `Telemetry` of the process is shut down: the items of all requests that have ended are sent, and
///    queued log records are written, for at most 5 seconds. The process logs its reports (to `tracing`, or to standard error if
///    nothing listens there) and ends with the exit code 0. Requests that are still open then leave no row.
///
/// [`with_drain_deadline`](ShutdownSignal::with_drain_deadline) sets another deadline: shorter than the
/// time that the platform gives a process. Kubernetes gives 30 seconds by default, Docker and Cloud Run 10, App Service
/// on Linux 5 (`WEBSITES_CONTAINER_STOP_TIME_LIMIT`). A fifth of the deadline, at most 5 seconds,
/// is for sending.
///
/// The middleware does not end open requests: each request would have to register with it, which costs every
/// request a lock, and code that hangs outside of the layer would still hang.
///
/// # Second signal
///
/// A second signal ends the process at once, with the exit code 128 and the signal's number (130 for
/// Ctrl-C, 143 for SIGTERM), and without sending anything. So does a signal that arrives while no
/// [`ShutdownSignal`] waits.
///
/// # Examples
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use opencensus::{OpenCensusLayer, Telemetry};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::from_env()?;
/// let app = Router::new().route("/", get(|| async { "home" })).layer(OpenCensusLayer::new(telemetry.clone()));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// axum::serve(listener, app).with_graceful_shutdown(opencensus::shutdown_signal()).await?;
/// println!("{}", telemetry.shutdown(Duration::from_secs(5)).await);
/// # Ok(()) }
/// ```
pub fn shutdown_signal() -> ShutdownSignal {
    ShutdownSignal { waiter: Waiter::new(Some(DRAIN_DEADLINE)) }
}

/// Future returned by [`shutdown_signal`].
///
/// It receives signals from the moment of its creation. The first one of a process starts the thread that listens for
/// signals, so it needs no runtime. If the thread cannot be started, an error is logged, the future never completes,
/// and signals keep their default effect. In a loop, create it once and poll it by reference.
///
/// # Examples
///
/// ```no_run
/// # async fn accept() {}
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::time::Duration;
///
/// let mut stop = opencensus::shutdown_signal().with_drain_deadline(Duration::from_secs(8));
/// loop {
///     tokio::select! {
///         () = accept() => {}
///         () = &mut stop => break,
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ShutdownSignal {
    // `None`: signals cannot be received.
    waiter: Option<Waiter>,
}

impl ShutdownSignal {
    /// Ends the process this long after the signal, if it has not ended by then. Of several futures that wait, the
    /// latest deadline holds. Default: 25 seconds.
    pub fn with_drain_deadline(self, deadline: Duration) -> Self {
        self.with(Some(deadline))
    }

    /// Leaves the end of the process to the program, however long it takes.
    pub fn without_drain_deadline(self) -> Self {
        self.with(None)
    }

    fn with(self, drain_deadline: Option<Duration>) -> Self {
        if let Some(waiter) = &self.waiter {
            waiter.set_drain_deadline(drain_deadline);
        }
        self
    }
}

impl Future for ShutdownSignal {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.waiter.as_ref().map_or(Poll::Pending, |waiter| waiter.poll(cx.waker()))
    }
}
