//! A child that a process forks after its first record, as `daemonize` does.

use std::path::Path;
use std::time::Duration;

use daemonize::{Daemonize, Outcome};
use opencensus_logging::Logging;
use opencensus_logging::handlers::Stream;
use opencensus_logging::mail::MailSettings;
use serde_json::json;
use test_support::captured::Captured;
use test_support::process::{run_test, wait_for_report, write_report};

const FOLDER: &str = "FORK_FOLDER";

/// Runs in a process of its own.
#[test]
fn parent() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let mail = MailSettings::default().with_admins(["ann@shop.example"]);
    let logging = Logging::builder()
        .with_stderr(Stream::new(Captured::default()))
        .with_mail(mail)
        .with_mail_backend("folder", opencensus_logging::mail::FileBackend::new(folder.join("mails")));
    let logging = logging.build();
    let configuration = json!({
        "version": 1,
        "formatters": { "f": { "format": "%(process)d %(message)s" } },
        "handlers": {
            "file": { "class": "file", "filename": folder.join("app.log"), "formatter": "f" },
            "queue": { "class": "queue", "handlers": ["file"] },
            "mail": { "class": "mail_admins", "level": "ERROR", "email_backend": "folder", "throttle": false },
        },
        "root": { "handlers": ["file", "queue", "mail"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    logging.get_logger("shop").error("of the parent");
    assert!(logging.flush(test_support::TIMEOUT));
    match Daemonize::new().execute() {
        Outcome::Parent(_) => assert!(logging.shutdown(test_support::TIMEOUT)),
        Outcome::Child(child) => {
            child.unwrap();
            (0..10).for_each(|n| logging.get_logger("shop").info(format!("of the child {n}")));
            logging.get_logger("shop").error("of the child");
            let begun = std::time::Instant::now();
            let is_complete = logging.shutdown(Duration::from_secs(20));
            let report = format!("{is_complete} {} {:?}", std::process::id(), begun.elapsed());
            write_report(folder, &report);
            std::process::exit(0);
        }
    }
}

#[test]
fn child_of_a_fork_writes_and_mails_its_own_records() {
    let folder = tempfile::tempdir().unwrap();
    run_test("fork::parent", &[(FOLDER, folder.path().to_str().unwrap())]);
    let report = wait_for_report(folder.path());
    let process = report.strip_prefix("true ").and_then(|rest| rest.split(' ').next());
    let process = process.unwrap_or_else(|| panic!("{report}"));
    let log = std::fs::read_to_string(folder.path().join("app.log")).unwrap();
    let of_child: Vec<_> = log.lines().filter(|line| line.starts_with(&format!("{process} of the child"))).collect();
    assert_eq!(of_child.len(), 2 * 11, "by the handler and through the queue: {log}");
    assert_eq!(log.matches("of the parent").count(), 2, "the child writes no record of its parent again: {log}");
    assert_eq!(std::fs::read_dir(folder.path().join("mails")).unwrap().count(), 2, "one mail of each process");
}
