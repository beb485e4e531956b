//! Exporters that misbehave, and the suppression of `tracing`.

use super::*;

#[test]
fn panicking_exporter_loses_only_its_items() {
    let mut encoded = 0;
    let encode = move |batch: &mut Batch| {
        encoded += 1;
        batch.push_bytes(|bytes| {
            bytes.push(b'x');
            assert_ne!(encoded, 1, "the first item is a bad one");
        });
    };
    let mut sent = 0;
    let send = move |batch: Arc<Batch>| -> SendFuture {
        sent += 1;
        assert_ne!(sent, 1, "the first batch is a bad one");
        assert_eq!(batch.size(), batch.len(), "half an item is left over");
        let second = sent == 2;
        Box::pin(async move {
            assert!(!second, "the second batch is a bad one, later");
            Delivery::Delivered.into()
        })
    };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), PipelineLimits::default(), None).unwrap();
    for _ in 0..4 {
        pipeline.submit(item());
        assert!(pipeline.flush(SOON).wait().complete);
    }
    let stats = pipeline.stats();
    assert_eq!((stats.delivered, stats.dropped.get(DropReason::ExporterPanicked)), (1, 3));
    assert!(stats.balances());
}

#[test]
fn exporter_that_cannot_start_is_an_error() {
    struct Broken;
    impl Exporter for Broken {
        fn start(&mut self) -> Result<(), BoxError> {
            Err("no certificates".into())
        }
        fn encode(&mut self, _: TelemetryItem, _: &mut Batch) -> Result<(), EncodeError> {
            Ok(())
        }
        fn send(&mut self, _: Arc<Batch>) -> SendFuture {
            Box::pin(std::future::ready(Delivery::Delivered.into()))
        }
    }
    let error = Pipeline::start(Box::new(Broken), PipelineLimits::default(), None).unwrap_err();
    assert_eq!(error.to_string(), "the exporter could not start: no certificates");
    assert!(std::error::Error::source(&error).is_none(), "a chain would show the cause twice");
}

/// A subscriber for the whole process that records the threads on which it is called.
struct Listener(Mutex<std::collections::HashSet<String>>);

impl tracing::Subscriber for Listener {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        // Pipelines of other tests log their own warnings.
        if metadata.target() == "opencensus" {
            return false;
        }
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        self.0.lock().unwrap().insert(name);
        false
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }
}

#[test]
fn work_of_the_exporter_creates_no_telemetry() {
    let subscriber = tracing::Dispatch::new(Listener(Mutex::default()));
    tracing::dispatcher::set_global_default(subscriber.clone()).unwrap();
    let send = |_| -> SendFuture {
        tracing::error!("from send");
        Box::pin(async {
            tracing::error!("from the future");
            // In another task, and after the thread has slept.
            let task = tokio::spawn(async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                tracing::error!("from a task");
            });
            task.await.unwrap();
            Delivery::Delivered.into()
        })
    };
    let encode = |batch: &mut Batch| {
        tracing::error!("from encode");
        one_byte(batch);
    };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), PipelineLimits::default(), None).unwrap();
    pipeline.submit(item());
    assert!(pipeline.flush(SOON).wait().complete);
    // The same subscriber is called on another thread.
    std::thread::Builder::new().name("other".into()).spawn(|| tracing::error!("hello")).unwrap().join().unwrap();
    let threads = subscriber.downcast_ref::<Listener>().unwrap().0.lock().unwrap().clone();
    assert!(threads.contains("other") && !threads.contains("opencensus"), "{threads:?}");
}

#[test]
fn item_that_the_exporter_pushes_twice_is_dropped_and_counted() {
    let mut encoded = 0;
    let encode = move |batch: &mut Batch| {
        encoded += 1;
        one_byte(batch);
        if encoded == 2 {
            one_byte(batch);
        }
    };
    let send = |_| -> SendFuture { Box::pin(std::future::ready(Delivery::Delivered.into())) };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), PipelineLimits::default(), None).unwrap();
    (0..3).for_each(|_| pipeline.submit(item()));
    let stats = pipeline.flush(SOON).wait().stats;
    assert_eq!((stats.delivered, stats.dropped.get(DropReason::Unsupported)), (2, 1));
    assert!(stats.balances() && stats.queued == 0);
}
