//! Sends one batch at a time.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use crate::exporter::{Batch, SendFuture, SendOutcome};
use crate::pipeline::guarded_exporter::{GuardedExporter, panicked};
use crate::pipeline::learned_size::LearnedSize;
use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::pacing::Pacing;
use crate::pipeline::settle::{Bisection, Settlement, settle};

/// The batch in flight, and when the next one may be sent.
pub(super) struct Courier {
    limits: PipelineLimits,
    in_flight: Option<Sending>,
    pacing: Pacing,
    bisection: Bisection,
    learned_size: LearnedSize,
    // Whether the exporter has held a batch while it sent it. `None`: nothing was sent yet.
    is_shared: Option<bool>,
}

struct Sending {
    batch: Arc<Batch>,
    future: SendFuture,
}

impl Courier {
    pub(super) fn new(limits: PipelineLimits) -> Self {
        let (pacing, bisection) = (Pacing::default(), Bisection::default());
        Self { limits, in_flight: None, pacing, bisection, learned_size: LearnedSize::default(), is_shared: None }
    }

    /// Whether a batch may be sent now.
    pub(super) fn is_free(&self, now: Instant) -> bool {
        self.in_flight.is_none() && self.pacing.allows(now)
    }

    pub(super) fn has_batch(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Divides a batch that is larger than the endpoint accepts. Returns the part to send, and the rest.
    pub(super) fn divide(&mut self, batch: Batch, now: Instant) -> (Batch, Option<Batch>) {
        self.learned_size.divide(batch, now)
    }

    /// Begins to send a batch.
    pub(super) fn send(&mut self, batch: Batch, exporter: &mut GuardedExporter) {
        let batch = Arc::new(batch);
        let future = exporter.send(Arc::clone(&batch));
        self.is_shared = Some(self.is_shared == Some(true) || Arc::strong_count(&batch) > 1);
        self.in_flight = Some(Sending { batch, future });
    }

    /// Whether a batch cannot be changed any more once it is in flight, so that it must be in the journal before.
    pub(super) fn shares_batches(&self) -> bool {
        self.is_shared.unwrap_or(true)
    }

    /// The batch in flight, unless the exporter holds it, too.
    pub(super) fn batch_mut(&mut self) -> Option<&mut Batch> {
        Arc::get_mut(&mut self.in_flight.as_mut()?.batch)
    }

    /// Waits until the batch in flight is delivered or has failed. Without a batch the future never completes.
    /// Dropping it loses nothing.
    pub(super) async fn settled(&mut self) -> (Arc<Batch>, Settlement) {
        let (batch, outcome) = poll_fn(|cx| self.poll_outcome(cx)).await;
        self.learned_size.observe(&batch, &outcome.delivery, Instant::now());
        let mut settlement = settle(&batch, outcome.delivery, &mut self.bisection);
        settlement.cause = outcome.cause;
        if is_expired(&batch, self.limits.max_age) {
            settlement.drop_retries();
        }
        self.pacing.update(settlement.pace, &self.limits);
        (batch, settlement)
    }

    /// When the next batch may be sent, if the courier waits and no batch is in flight.
    pub(super) fn wait_ends(&self) -> Option<Instant> {
        self.pacing.wait_ends().filter(|_| self.in_flight.is_none())
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.pacing.failures()
    }

    /// Ends a wait that is only backoff.
    pub(super) fn hurry(&mut self) {
        self.pacing.hurry();
    }

    /// Stops sending and returns the batch.
    pub(super) fn abandon(&mut self) -> Option<Arc<Batch>> {
        self.in_flight.take().map(Sending::into_batch)
    }

    /// The order of the oldest item in flight.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.in_flight.as_ref().and_then(|sending| sending.batch.order)
    }

    /// When the next batch may be sent, given the batches before it.
    pub(super) fn pacing(&self) -> &Pacing {
        &self.pacing
    }

    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<(Arc<Batch>, SendOutcome)> {
        let Some(mut sending) = self.in_flight.take() else { return Poll::Pending };
        match sending.poll(cx) {
            Poll::Ready(outcome) => Poll::Ready((sending.into_batch(), outcome)),
            Poll::Pending => {
                self.in_flight = Some(sending);
                Poll::Pending
            }
        }
    }
}

impl Sending {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<SendOutcome> {
        let polled = catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| Poll::Ready(panicked().into()))
    }

    /// Drops the future, which may panic as well.
    fn into_batch(self) -> Arc<Batch> {
        let Self { batch, future } = self;
        let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
        batch
    }
}

fn is_expired(batch: &Batch, max_age: Duration) -> bool {
    batch.started().is_some_and(|started| started.elapsed() > max_age)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exporter::{Delivery, DropReason, EncodeError, Exporter};
    use crate::telemetry::TelemetryItem;
    use futures_executor::block_on;

    /// Sends nothing: returns the futures that a closure creates.
    struct Sender<F>(F);

    impl<F: FnMut() -> SendFuture + Send + 'static> Exporter for Sender<F> {
        fn encode(&mut self, _: TelemetryItem, _: &mut Batch) -> Result<(), EncodeError> {
            Err(EncodeError::Unsupported)
        }

        fn send(&mut self, _: Arc<Batch>) -> SendFuture {
            (self.0)()
        }
    }

    fn sent(send: impl FnMut() -> SendFuture + Send + 'static) -> Courier {
        let mut courier = Courier::new(PipelineLimits::default());
        let mut batch = Batch::default();
        batch.push_bytes(|bytes| bytes.push(b'x'));
        courier.send(batch, &mut GuardedExporter::new(Box::new(Sender(send))));
        courier
    }

    #[test]
    fn delivered_batch_frees_the_courier() {
        let mut courier = sent(|| Box::pin(std::future::ready(Delivery::Delivered.into())));
        assert!(courier.has_batch() && !courier.is_free(Instant::now()));
        assert_eq!(block_on(courier.settled()).1.delivered, 1);
        assert!(courier.is_free(Instant::now()));
    }

    #[test]
    fn failed_batch_is_sent_again_after_a_wait() {
        let after = Some(Duration::from_secs(30));
        let mut courier = sent(move || Box::pin(std::future::ready(Delivery::Retry { after }.into())));
        let (_, settlement) = block_on(courier.settled());
        assert_eq!((settlement.again.len(), courier.failures()), (1, 1));
        courier.hurry();
        assert!(!courier.is_free(Instant::now()), "the endpoint demanded the wait");
    }

    #[test]
    fn panics_of_the_exporter_drop_the_batch() {
        for panic_in_future in [true, false] {
            let mut courier = sent(move || {
                assert!(panic_in_future, "in send");
                Box::pin(async { panic!("in the future") })
            });
            assert_eq!(block_on(courier.settled()).1.dropped, [(DropReason::ExporterPanicked, 1)]);
        }
    }

    #[test]
    fn batch_in_flight_can_be_changed_unless_the_exporter_holds_it() {
        let mut courier = sent(|| Box::pin(std::future::pending()));
        assert!(!courier.shares_batches() && courier.batch_mut().is_some());
        assert!(Courier::new(PipelineLimits::default()).shares_batches(), "nothing is known yet");
        let mut courier = Courier::new(PipelineLimits::default());
        courier.send(Batch::default(), &mut GuardedExporter::new(Box::new(Holder)));
        assert!(courier.shares_batches() && courier.batch_mut().is_none());
    }

    /// Holds a batch as long as its future lives.
    struct Holder;

    impl Exporter for Holder {
        fn encode(&mut self, _: TelemetryItem, _: &mut Batch) -> Result<(), EncodeError> {
            Err(EncodeError::Unsupported)
        }

        fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
            Box::pin(async move {
                std::future::pending::<()>().await;
                drop(batch);
                Delivery::Delivered.into()
            })
        }
    }

    #[test]
    fn abandoned_batch_is_returned() {
        let mut courier = sent(|| Box::pin(std::future::pending()));
        assert_eq!(courier.abandon().map(|batch| batch.len()), Some(1));
        assert!(!courier.has_batch());
    }
}
