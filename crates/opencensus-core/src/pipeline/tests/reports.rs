//! Reports of the pipeline's own counters.

use super::*;

const INTERVAL: Duration = Duration::from_secs(60);

fn reporting() -> PipelineOptions {
    PipelineOptions { stats_interval: Some(INTERVAL), ..PipelineOptions::default() }
}

#[test]
fn report_follows_a_change_once_and_never_itself() {
    paused(|| async {
        let exporter = Scripted::default();
        let worker = OnPausedClock::start_with(exporter.clone(), reporting());
        tokio::time::sleep(INTERVAL * 10).await;
        assert!(exporter.sizes().is_empty(), "nothing has changed");
        let pushed = tokio::time::Instant::now();
        (0..3).for_each(|_| worker.queue.push(item()));
        tokio::time::sleep(INTERVAL * 10).await;
        assert_eq!(exporter.sizes(), [3, 1], "one metric, and no report of it");
        let waited = exporter.times()[1] - pushed;
        assert!(waited >= INTERVAL && waited < INTERVAL + Duration::from_secs(5), "{waited:?}");
        let stats = worker.queue.stats();
        assert_eq!((stats.accepted, stats.delivered), (4, 4));
        worker.stop().await;
        assert_eq!(exporter.sizes(), [3, 1], "nothing new before the end");
    });
}

#[test]
fn failing_endpoint_gets_no_report_until_it_recovers() {
    paused(|| async {
        let wait = Delivery::Retry { after: Some(INTERVAL * 5) };
        let exporter = Scripted::returning([wait.clone(), wait]);
        let worker = OnPausedClock::start_with(exporter.clone(), reporting());
        worker.queue.push(item());
        tokio::time::sleep(INTERVAL * 4).await;
        assert_eq!(exporter.sizes(), [1]);
        tokio::time::sleep(INTERVAL * 20).await;
        assert_eq!(exporter.sizes(), [1, 1, 1, 2], "the item, then its delivery and its retries");
        worker.stop().await;
    });
}

#[test]
fn shutdown_exports_the_last_report() {
    let exporter = InMemoryExporter::default();
    let options = PipelineOptions { processors: vec![Box::new(no_messages)], ..reporting() };
    let pipeline = Pipeline::start_with(Box::new(exporter.clone()), options).unwrap();
    pipeline.submit(item());
    pipeline.submit(crate::telemetry::MessageRecord::new(Origin::at(std::time::SystemTime::now()), "no").into());
    let report = pipeline.shutdown(SOON).wait();
    assert!(report.complete && report.stats.balances());
    assert_eq!((report.stats.delivered, report.stats.dropped.get(DropReason::Processor)), (3, 1));
    let metrics: Vec<_> = exporter
        .items()
        .into_iter()
        .filter_map(
            |item| if let TelemetryItem::Metric(metric) = item { Some((metric.name, metric.value)) } else { None },
        )
        .collect();
    assert_eq!(metrics, [("Item_Success_Count".into(), 1.0), ("Item_Dropped_Count".into(), 1.0)]);
}

fn no_messages(item: &mut TelemetryItem) -> bool {
    !matches!(item, TelemetryItem::Message(_))
}
