//! The worker's thread: its runtime, and its silence.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, ThreadId};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedReceiver;
use tracing::dispatcher::{self, DefaultGuard, Dispatch};

use crate::exporter::Exporter;
use crate::pipeline::options::PipelineOptions;
use crate::pipeline::queue::Queue;
use crate::pipeline::start_error::StartError;
use crate::pipeline::warning::Message;
use crate::pipeline::worker::{Command, Exit, Worker};

thread_local! {
    static SILENCE: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
}

/// Starts the thread, and on it the exporter; waits until that is done.
pub(super) fn spawn(
    exporter: Box<dyn Exporter>,
    mut options: PipelineOptions,
    queue: Arc<Queue>,
    inbox: UnboundedReceiver<Command>,
) -> Result<ThreadId, StartError> {
    let (started, is_started) = sync_channel(1);
    let thread = thread::Builder::new()
        .name("opencensus".into())
        .spawn(move || {
            let _guard = options.guard.take().map(|guard| guard());
            let mut worker = Worker::new(exporter, options, queue, inbox);
            match start(&mut worker) {
                Ok(runtime) => {
                    let _ = started.send(Ok(()));
                    work(worker, runtime);
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            }
        })
        .map_err(StartError::Thread)?;
    let died = || Err(StartError::Exporter("it panicked".into()));
    is_started.recv().unwrap_or_else(|_| died())?;
    Ok(thread.thread().id())
}

fn start(worker: &mut Worker) -> Result<Runtime, StartError> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .on_thread_park(leave_silence)
        .on_thread_unpark(enter_silence)
        .build()
        .map_err(StartError::Thread)?;
    silent(|| runtime.block_on(async { worker.start_exporter() })).map_err(StartError::Exporter)?;
    Ok(runtime)
}

fn work(mut worker: Worker, runtime: Runtime) {
    while let Exit::Say(message) = silent(|| runtime.block_on(worker.run())) {
        // A subscriber may panic; that is not the telemetry's fault.
        let _ = catch_unwind(AssertUnwindSafe(|| say(&message)));
    }
    silent(|| {
        drop(worker);
        // A connection that hangs must not keep the thread.
        runtime.shutdown_background();
    });
}

/// Runs `work` without any `tracing` on this thread: the exporter's own calls leave no telemetry.
fn silent<T>(work: impl FnOnce() -> T) -> T {
    enter_silence();
    let result = work();
    leave_silence();
    result
}

// Not while the thread sleeps: a scoped dispatcher anywhere makes every event of the process a
// little slower.
fn enter_silence() {
    let guard = dispatcher::set_default(&Dispatch::none());
    SILENCE.with_borrow_mut(|silence| *silence = Some(guard));
}

fn leave_silence() {
    let guard = SILENCE.with_borrow_mut(Option::take);
    drop(guard);
}

fn say(message: &Message) {
    match message {
        Message::Dropped { reason, items } => {
            tracing::warn!(target: "opencensus", reason = reason.as_str(), items, "telemetry was dropped");
        }
        Message::Failing { failures } => {
            tracing::warn!(target: "opencensus", failures, "telemetry cannot be delivered; trying again");
        }
    }
}
