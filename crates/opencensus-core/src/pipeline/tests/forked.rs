//! A child that a process forks after it has started a pipeline.

use std::path::Path;

use daemonize::{Daemonize, Outcome};
use test_support::process::{run_test, wait_for_report, write_report};

use super::*;

const FOLDER: &str = "FORK_FOLDER";

/// Runs in a process of its own.
#[test]
fn parent() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let exporter = InMemoryExporter::default();
    let pipeline = Pipeline::start(Box::new(exporter), PipelineLimits::default(), None).unwrap();
    pipeline.submit(item());
    assert!(pipeline.flush(SOON).wait().complete);
    // Time for the worker to fall asleep.
    std::thread::sleep(Duration::from_millis(300));
    match Daemonize::new().execute() {
        Outcome::Parent(_) => {
            pipeline.submit(item());
            assert_eq!(pipeline.shutdown(SOON).wait().stats.delivered, 2);
        }
        Outcome::Child(child) => {
            child.unwrap();
            (0..10).for_each(|_| pipeline.submit(item()));
            let begun = Instant::now();
            let report = pipeline.shutdown(SOON).wait();
            let waited = begun.elapsed() > SOON / 2;
            let text = format!("{waited} {} {}", report.stats.balances(), report.stats.refused.closed);
            write_report(folder, &text);
            std::process::exit(0);
        }
    }
}

#[test]
fn child_of_a_fork_refuses_items_and_waits_for_no_worker() {
    let folder = tempfile::tempdir().unwrap();
    run_test("pipeline::tests::forked::parent", &[(FOLDER, folder.path().to_str().unwrap())]);
    assert_eq!(wait_for_report(folder.path()), "false true 9");
}
