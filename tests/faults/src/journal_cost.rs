//! What the journal costs: POST requests, processor time, bytes and disk writes of a healthy program.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crate::endpoint::{Behaviour, Endpoint};
use crate::program::{Child, Options};

const MODES: [(&str, &str, &str); 3] =
    [("journal on", "true", "true"), ("journal off", "true", "false"), ("store off", "false", "false")];

/// Measures every mode at three rates, and prints a Markdown table.
pub(crate) fn main(seconds: u64) -> ExitCode {
    println!(
        "| requests a second | mode | POST a second | KiB posted a second | processor time | KiB to the disk a second \
         | of these cancelled | writing system calls a second |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    );
    for rate in [1, 100, 1000] {
        for (mode, store, journal) in MODES {
            println!("| {rate} | {mode} | {} |", measure(rate, seconds, store, journal));
        }
    }
    ExitCode::SUCCESS
}

fn measure(rate: u64, seconds: u64, store: &str, journal: &str) -> String {
    // Not in memory: a disk's counters are what is measured.
    let folder = tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target")).expect("a folder");
    let endpoint = Endpoint::start(Behaviour::Ok);
    let options = Options::new(endpoint.connection_string(), &folder.path().join("store"))
        .with("OPENCENSUS_STORE", store)
        .with("OPENCENSUS_STORE_JOURNAL", journal)
        .without_ids();
    let mut child = Child::start(&options);
    child.run(1, rate, rate);
    std::thread::sleep(Duration::from_millis(500));
    let (before, earlier) = (child.usage(), endpoint.received());
    child.run(rate + 1, rate * seconds, rate);
    let (after, later) = (child.usage(), endpoint.received());
    child.shutdown(Duration::from_secs(5));
    let per_second = |amount: u64| amount as f64 / seconds as f64;
    let (written, cancelled) = (after.written - before.written, after.cancelled - before.cancelled);
    format!(
        "{:.1} | {:.1} | {:.2} % | {:.1} | {:.1} | {:.1}",
        per_second(later.posts - earlier.posts),
        per_second(later.bytes - earlier.bytes) / 1024.0,
        per_second(after.ticks - before.ticks),
        per_second(written) / 1024.0,
        per_second(cancelled) / 1024.0,
        per_second(after.writes - before.writes),
    )
}
