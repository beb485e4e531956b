//! The pipeline through its public interface, with exporters for tests.

mod batching;
mod bounds;
mod delivery;
mod endings;
mod endpoint;
mod exporters;
mod forked;
mod full;
mod instances;
mod outages;
mod reports;
mod stored;
mod threads;

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, UnboundedSender};

use super::command::Command;
use super::worker::{Exit, Worker};
use super::*;
use crate::exporter::{
    Batch, BoxError, Delivery, Destination, DropReason, EncodeError, Exporter, InMemoryExporter, ItemOutcome,
    SendFuture,
};
use crate::propagation::TraceContext;
use crate::sampling_rate::SamplingRate;
use crate::telemetry::Origin;
use crate::telemetry::RequestRecord;
use crate::telemetry::TelemetryItem;
use crate::testing::Head;

const SOON: Duration = Duration::from_secs(20);

fn item() -> TelemetryItem {
    RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, &Head::get("/")).into()
}

/// Numbers its items, records its calls with their times, and returns the deliveries of a script; after that it
/// delivers every batch.
#[derive(Clone, Default)]
struct Scripted {
    script: Arc<Mutex<VecDeque<Delivery>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
    encoded: usize,
    // A store is used with one only.
    destination: Option<Destination>,
}

type Sent = (tokio::time::Instant, Vec<String>);

impl Scripted {
    fn returning(script: impl IntoIterator<Item = Delivery>) -> Self {
        Self { script: Arc::new(Mutex::new(script.into_iter().collect())), ..Self::default() }
    }

    fn sizes(&self) -> Vec<usize> {
        self.sent.lock().unwrap().iter().map(|(_, items)| items.len()).collect()
    }

    fn times(&self) -> Vec<tokio::time::Instant> {
        self.sent.lock().unwrap().iter().map(|(time, _)| *time).collect()
    }
}

impl Exporter for Scripted {
    fn destination(&self) -> Option<Destination> {
        self.destination
    }

    fn encode(&mut self, _: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        self.encoded += 1;
        batch.push_bytes(|bytes| bytes.extend_from_slice(self.encoded.to_string().as_bytes()));
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        let items = batch.chunks().map(|chunk| String::from_utf8(chunk.to_vec()).unwrap()).collect();
        self.sent.lock().unwrap().push((tokio::time::Instant::now(), items));
        let delivery = self.script.lock().unwrap().pop_front().unwrap_or(Delivery::Delivered);
        Box::pin(std::future::ready(delivery.into()))
    }
}

/// An exporter made of two closures.
struct With<E, S>(E, S);

impl<E, S> Exporter for With<E, S>
where
    E: FnMut(&mut Batch) + Send + 'static,
    S: FnMut(Arc<Batch>) -> SendFuture + Send + 'static,
{
    fn encode(&mut self, _: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        (self.0)(batch);
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        (self.1)(batch)
    }
}

fn one_byte(batch: &mut Batch) {
    batch.push_bytes(|bytes| bytes.push(b'x'));
}

/// A worker on the test's runtime, whose clock is paused and jumps to the next timer.
struct OnPausedClock {
    queue: Arc<Queue>,
    commands: UnboundedSender<Command>,
    task: tokio::task::JoinHandle<()>,
}

impl OnPausedClock {
    fn start(exporter: Scripted, limits: PipelineLimits) -> Self {
        Self::start_with(exporter, PipelineOptions { limits, ..PipelineOptions::default() })
    }

    fn start_with(exporter: impl Exporter, options: PipelineOptions) -> Self {
        let queue = Arc::new(Queue::new(&options.limits, Arc::new(Ledger::default())));
        let (commands, inbox) = mpsc::unbounded_channel();
        let mut worker = Worker::new(Box::new(exporter), options, Arc::clone(&queue), inbox);
        worker.open_store();
        let local = tokio::task::LocalSet::new();
        let task = local.spawn_local(async move { while let Exit::Log(_) = worker.run().await {} });
        tokio::task::spawn_local(local);
        Self { queue, commands, task }
    }

    async fn until_settled(&self) {
        while !self.queue.is_settled() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn stop(self) {
        drop(self.commands);
        self.task.await.unwrap();
    }
}

fn paused<F: Future>(test: impl FnOnce() -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async { test().await })
}

/// An exporter that blocks its thread in `send` until the test releases it.
fn blocking() -> (Box<dyn Exporter>, std::sync::mpsc::Sender<()>, Receiver<()>) {
    let (release, released) = channel();
    let (entered, has_entered) = channel();
    let send = move |_| -> SendFuture {
        let _ = entered.send(());
        let _ = released.recv();
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    };
    (Box::new(With(one_byte, send)), release, has_entered)
}
