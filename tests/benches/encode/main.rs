//! The cost of encoding and compressing an item for Application Insights, in batches of 512: instructions and
//! allocations, counted by valgrind, without those that create the item.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench encode --no-default-features
//! ```
//!
//! An item is a request as the middleware records it, or a server's span of OpenTelemetry's SDK. The figures are committed
//! in `figures.json`; the program fails when one grew. `-- --guard --write` writes them anew. Times, bytes and other
//! exporters are in the benchmark `export`.

#[path = "../common/counted.rs"]
mod counted;
#[path = "../common/figures.rs"]
mod figures;
#[path = "../common/guard.rs"]
mod guard;
#[path = "../common/items.rs"]
mod items;
#[path = "../common/markdown.rs"]
mod markdown;
#[path = "../common/valgrind.rs"]
mod valgrind;

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use opencensus::azure::{AzureExporter, ConnectionString};
use opencensus_core::exporter::{Batch, Exporter as _};
use opencensus_core::{Resource, TelemetryItem};
use opencensus_opentelemetry::PipelineSpanExporter;

use crate::counted::{CASE, Counted};
use crate::guard::Guard;

const CONNECTION: &str =
    "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:1/";
const BATCH: usize = 512;
/// Batches in the two counted runs.
const LENGTHS: [usize; 2] = [1, 3];

const REQUEST: &str = "a request";
const SPAN: &str = "a span of the SDK";
const REQUESTS_ONLY: &str = "no encoding, a request";
const SPANS_ONLY: &str = "no encoding, a span of the SDK";

fn cases() -> Vec<Counted> {
    let cases = [(REQUEST, Some(REQUESTS_ONLY)), (SPAN, Some(SPANS_ONLY)), (REQUESTS_ONLY, None), (SPANS_ONLY, None)];
    let counted = |(name, above): (&str, Option<&str>)| Counted {
        name: name.to_owned(),
        above: above.map(str::to_owned),
        lengths: LENGTHS,
        units: BATCH,
    };
    cases.into_iter().map(counted).collect()
}

fn run_case(name: &str, batches: usize) -> ! {
    let resource = Resource::parse("service.name=shop,service.version=1.2.3").expect("a resource");
    let connection: ConnectionString = CONNECTION.parse().expect("a connection string");
    let mut exporter = AzureExporter::new(&connection, &resource).expect("an exporter");
    let resource = Arc::new(resource);
    for _ in 0..batches {
        let records = (0..BATCH).map(items::record);
        let spans = (0..BATCH).map(items::span);
        match name {
            REQUEST => encode(&mut exporter, records.map(TelemetryItem::from)),
            SPAN => {
                encode(&mut exporter, spans.flat_map(|span| PipelineSpanExporter::telemetry_items(span, &resource)));
            }
            REQUESTS_ONLY => records.for_each(|record| drop(black_box(TelemetryItem::from(record)))),
            SPANS_ONLY => spans.for_each(|span| drop(black_box(span))),
            _ => panic!("no case is named {name:?}"),
        }
    }
    // Exits without destructors, which would be counted.
    std::process::exit(0);
}

fn encode(exporter: &mut AzureExporter, items: impl Iterator<Item = TelemetryItem>) {
    let mut batch = Batch::default();
    for mut item in items {
        exporter.split(&mut item);
        exporter.encode(item, &mut batch).expect("an item that can be encoded");
    }
    black_box(exporter.body(&batch).expect("it is compressed"));
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, name, batches] = arguments.as_slice()
        && mode == CASE
    {
        run_case(name, batches.parse().expect("a number of batches"));
    }
    let guard = Guard {
        heading: "Encoding and compressing an item, in batches of 512",
        method: "Instructions and allocations an item, counted by valgrind, without those that create the item.",
        command: "cargo bench -p opencensus-benches --bench encode --no-default-features -- --guard",
        file: Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/encode/figures.json")),
        cases: cases(),
    };
    guard.run(arguments.iter().any(|argument| argument == "--write"))
}
