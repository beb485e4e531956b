//! The cost of a request at a fixed rate of requests, with the work of the exporter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use opencensus::azure::{AzureExporter, ConnectionString};
use opencensus_core::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};
use opencensus_core::{Resource, TelemetryItem};

use crate::app::{self, KEPT, NOT_SAMPLED};
use crate::clock::{self, median};
use crate::markdown::{Table, number};

const RATES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
const WINDOW: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;
/// The shortest pause between two groups of requests.
const TICK: Duration = Duration::from_millis(1);

/// Encodes and compresses as the exporter for Application Insights does, and discards the body.
struct Encoder(AzureExporter);

impl Exporter for Encoder {
    fn split(&mut self, item: &mut TelemetryItem) -> Vec<TelemetryItem> {
        self.0.split(item)
    }

    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        self.0.encode(item, batch)
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        self.0.body(&batch).expect("it is compressed");
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    }
}

pub(crate) fn table() -> Table {
    let method = format!(
        "One thread sends requests at a fixed rate, above 1,000 a second in a group each millisecond. Processor time of \
         the whole process, worker included, which encodes and compresses as for Application Insights and discards the \
         body; in µs a request. Median of {ROUNDS} pairs of windows of {} s, bare and with telemetry. At the lowest rates \
         a window has few requests, each of which pays for the thread's sleep. Refused: the queue was full, because the \
         worker had too little of the two cores.",
        WINDOW.as_secs()
    );
    let columns = ["case", "requests/s", "bare", "with telemetry", "above bare", "reached", "refused, %"];
    let mut table = Table::new("Rates", &method, &columns);
    for fate in [KEPT, NOT_SAMPLED] {
        for rate in RATES {
            let numbers = crate::child("--rate", fate, rate);
            let cells = [fate.to_owned(), rate.to_string()];
            table.row(cells.into_iter().chain(numbers.into_iter().map(|n| number(Some(n)))));
        }
    }
    table
}

/// Prints the numbers of one row of the table.
pub(crate) fn measure(fate: &str, rate: &str) {
    let rate: usize = rate.parse().expect("a number");
    let connection = "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:1/";
    let connection: ConnectionString = connection.parse().expect("a connection string");
    let resource = Resource::parse("service.name=shop").expect("a resource");
    let exporter = AzureExporter::new(&connection, &resource).expect("an exporter");
    let telemetry = app::settings(fate).start_with(Encoder(exporter)).expect("it starts");
    let (mut bare, mut ours) = (app::router(None), app::router(Some(&telemetry)));
    for router in [&mut bare, &mut ours] {
        (0..1000).for_each(|_| app::serve(router));
    }
    app::flush(&telemetry);
    let mut costs = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let (bare, _) = window(&mut bare, rate, || {});
        let (ours, reached) = window(&mut ours, rate, || app::flush(&telemetry));
        for (costs, cost) in costs.iter_mut().zip([bare, ours, ours - bare, reached]) {
            costs.push(cost);
        }
    }
    costs.into_iter().for_each(|costs| println!("{}", median(costs)));
    let stats = telemetry.stats();
    println!("{}", 100.0 * stats.refused.full as f64 / (stats.requests.started() as f64));
}

/// Sends requests at the rate. Returns the processor time of one in microseconds, and the rate that was reached.
fn window(router: &mut Router, rate: usize, finish: impl FnOnce()) -> (f64, f64) {
    let (begun, computed) = (Instant::now(), clock::of_process());
    let mut sent = 0;
    while begun.elapsed() < WINDOW {
        let due = (begun.elapsed().as_secs_f64() * rate as f64) as usize + 1;
        (sent..due).for_each(|_| app::serve(router));
        sent = due;
        let next = begun + Duration::from_secs_f64(sent as f64 / rate as f64);
        std::thread::sleep(next.saturating_duration_since(Instant::now()).max(TICK));
    }
    let reached = sent as f64 / begun.elapsed().as_secs_f64();
    finish();
    ((clock::of_process() - computed) / 1000.0 / sent as f64, reached)
}
