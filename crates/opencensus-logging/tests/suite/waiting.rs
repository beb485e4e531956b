//! Records that wait for a handler are counted until they are written.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use opencensus_logging::Logging;
use opencensus_logging::handlers::{HandlerStats, Stream};
use serde_json::json;
use test_support::TIMEOUT;
use test_support::captured::Captured;

use super::handlers::Stuck;
use super::mail_support::until;

fn logging(stderr: Stream, handler: &str) -> Logging {
    let logging = Logging::builder().with_stderr(stderr).build();
    let configuration = json!({
        "version": 1,
        "handlers": {
            "console": { "class": "console" },
            "queue": { "class": "queue", "handlers": ["console"] },
        },
        "root": { "handlers": [handler], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    logging
}

fn console(logging: &Logging) -> HandlerStats {
    logging.stats().handlers["console"]
}

#[test]
fn shutdown_keeps_its_deadline_when_a_handler_hangs_and_counts_what_is_not_written() {
    let ((entered, has_entered), (release, released)) = (channel(), channel::<()>());
    let stuck = Stuck { entered, release: released, written: Captured::default() };
    let logging = logging(Stream::new(stuck), "console");
    (0..5).for_each(|n| logging.get_logger("shop").info(format!("never written {n}")));
    has_entered.recv().unwrap();
    assert_eq!(console(&logging).waiting, 5);
    let begun = Instant::now();
    assert!(!logging.shutdown(Duration::from_millis(50)));
    assert!(begun.elapsed() < TIMEOUT);
    logging.get_logger("shop").info("too late");
    let stats = console(&logging);
    assert_eq!((stats.handled, stats.waiting, stats.closed), (0, 5, 1));
    drop(release);
    until("all are written", || console(&logging).waiting == 0);
    assert_eq!(console(&logging).handled, 5);
}

#[test]
fn records_that_wait_in_a_queue_handler_are_counted() {
    let ((entered, has_entered), (release, released)) = (channel(), channel::<()>());
    let stuck = Stuck { entered, release: released, written: Captured::default() };
    let logging = logging(Stream::new(stuck), "queue");
    (0..3).for_each(|n| logging.get_logger("shop").info(format!("{n}")));
    has_entered.recv().unwrap();
    let waiting = || logging.stats().handlers.values().map(|handler| handler.waiting).sum::<u64>();
    assert!(waiting() >= 3, "{:?}", logging.stats());
    drop(release);
    assert!(logging.shutdown(TIMEOUT));
    assert_eq!(waiting(), 0, "{:?}", logging.stats());
}
