//! The worker's thread, with its runtime and without `tracing`.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, ThreadId};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedReceiver;
use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::subscriber::NoSubscriber;

use crate::exporter::Exporter;
use crate::notice;
use crate::pipeline::command::Command;
use crate::pipeline::delivery_log::Line;
use crate::pipeline::options::PipelineOptions;
use crate::pipeline::pipeline_thread::{THREAD_NAME, mark_thread};
use crate::pipeline::queue::Queue;
use crate::pipeline::start_error::StartError;
use crate::pipeline::worker::{Exit, Worker};

thread_local! {
    static SUPPRESSION: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
}

/// Starts the thread and, on it, the exporter. Returns when both have started.
pub(super) fn spawn(
    exporter: Box<dyn Exporter>,
    mut options: PipelineOptions,
    queue: Arc<Queue>,
    commands: UnboundedReceiver<Command>,
) -> Result<ThreadId, StartError> {
    let (started, is_started) = sync_channel(1);
    let thread = thread::Builder::new()
        .name(THREAD_NAME.into())
        .spawn(move || {
            mark_thread();
            let _guard = options.guard.take().map(|guard| guard());
            let mut worker = Worker::new(exporter, options, queue, commands);
            match start(&mut worker) {
                Ok(runtime) => {
                    let _ = started.send(Ok(()));
                    // Not before: the program must not wait for a slow disk.
                    suppressed(|| runtime.block_on(async { worker.open_store() }));
                    work(worker, runtime);
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            }
        })
        .map_err(StartError::Thread)?;
    let panicked = || Err(StartError::Exporter("it panicked".into()));
    is_started.recv().unwrap_or_else(|_| panicked())?;
    Ok(thread.thread().id())
}

fn start(worker: &mut Worker) -> Result<Runtime, StartError> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .on_thread_park(end_suppression)
        .on_thread_unpark(begin_suppression)
        // Threads on which an exporter blocks.
        .thread_name(THREAD_NAME)
        .on_thread_start(mark_thread)
        .build()
        .map_err(StartError::Thread)?;
    suppressed(|| runtime.block_on(async { worker.start_exporter() })).map_err(StartError::Exporter)?;
    Ok(runtime)
}

fn work(mut worker: Worker, runtime: Runtime) {
    while let Exit::Log(line) = suppressed(|| runtime.block_on(worker.run())) {
        // A subscriber that panics must not end the worker.
        let _ = catch_unwind(AssertUnwindSafe(|| log(&line)));
    }
    suppressed(|| {
        drop(worker);
        // A connection that hangs must not keep the thread.
        runtime.shutdown_background();
    });
}

fn log(line: &Line) {
    match line {
        Line::Warning(text) => notice::warn(text),
        Line::Info(text) => notice::info(text),
    }
}

/// Runs `work` with `tracing` suppressed on this thread: the exporter's own calls leave no telemetry.
fn suppressed<T>(work: impl FnOnce() -> T) -> T {
    begin_suppression();
    let result = work();
    end_suppression();
    result
}

// Suppression ends while the thread sleeps: a scoped dispatcher on any thread slows down every event of the
// process a little. Without a global subscriber there is nothing to suppress, and with the first scoped dispatcher
// `tracing` would stop to pass on events to the `log` crate, for the whole process.
fn begin_suppression() {
    if dispatcher::get_default(Dispatch::is::<NoSubscriber>) {
        return;
    }
    let guard = dispatcher::set_default(&Dispatch::none());
    SUPPRESSION.with_borrow_mut(|suppression| *suppression = Some(guard));
}

fn end_suppression() {
    let guard = SUPPRESSION.with_borrow_mut(Option::take);
    drop(guard);
}
