//! A child that a process forks after it has started a pipeline.

use std::path::Path;

use daemonize::{Daemonize, Outcome};
use test_support::process::run_test;

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
            std::fs::write(folder.join("report.part"), text).unwrap();
            std::fs::rename(folder.join("report.part"), folder.join("report")).unwrap();
            std::process::exit(0);
        }
    }
}

#[test]
fn child_of_a_fork_refuses_items_and_waits_for_no_worker() {
    let folder = tempfile::tempdir().unwrap();
    run_test("pipeline::tests::forked::parent", &[(FOLDER, folder.path().to_str().unwrap())]);
    let report = folder.path().join("report");
    let begun = Instant::now();
    while !report.exists() {
        assert!(begun.elapsed() < SOON, "the child reports");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(std::fs::read_to_string(report).unwrap(), "false true 9");
}
