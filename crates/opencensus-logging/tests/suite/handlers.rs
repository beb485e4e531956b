//! Losses of handlers are counted and do not affect callers; flush and shutdown keep their deadlines.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};

use opencensus_logging::config::Arguments;
use opencensus_logging::filters::CallbackFilter;
use opencensus_logging::formatters::StandardFormatter;
use opencensus_logging::handlers::{Handler, HandlerError, Stream};
use opencensus_logging::{Level, Logging, Record};
use serde_json::json;

use test_support::TIMEOUT;
use test_support::captured::Captured;

use super::mail_support::until;

fn console(stderr: Stream) -> Logging {
    with_root_handlers(stderr, &["console"])
}

fn with_root_handlers(stderr: Stream, handlers: &[&str]) -> Logging {
    let logging = Logging::builder().with_stderr(stderr).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "console": { "class": "console" } },
        "root": { "handlers": handlers, "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    logging
}

/// Blocks every write until it is released.
pub(crate) struct Stuck {
    pub(crate) entered: Sender<()>,
    pub(crate) release: Receiver<()>,
    pub(crate) written: Captured,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.entered.send(());
        let _ = self.release.recv();
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn full_queue_drops_and_counts_the_newest_records_and_callers_do_not_wait() {
    let (entered, has_entered) = channel();
    let (release, released) = channel();
    let written = Captured::default();
    let logging = console(Stream::new(Stuck { entered, release: released, written: written.clone() }));
    let logger = logging.get_logger("shop");
    logger.info("first");
    has_entered.recv().unwrap();
    // The first record is being written, 8192 wait.
    let lost = 1000;
    (0..8192 + lost).for_each(|n| logger.info(n.to_string()));
    assert_eq!(logging.stats().handlers["console"].full, lost);
    assert!(!logging.flush(Duration::from_millis(20)), "a flush keeps its deadline");
    drop(release);
    assert!(logging.flush(TIMEOUT));
    let stats = logging.stats().handlers["console"];
    assert_eq!((stats.handled, stats.lost()), (8193, lost));
    // The losses themselves are reported once.
    let reports = written.text().lines().filter(|line| line.contains("lost a record")).count();
    assert_eq!((reports, written.text().lines().count()), (1, 8194));
}

#[test]
fn flush_does_not_wait_for_later_records() {
    let logging = console(Stream::new(Captured::default()));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let logger = logging.get_logger("shop");
            while !is_over.load(Ordering::Relaxed) {
                logger.info("on and on");
            }
        });
        (0..20).for_each(|_| assert!(logging.flush(TIMEOUT)));
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn closed_stream_does_not_affect_callers_and_every_loss_is_counted() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let logging = console(Stream::new(Closed));
    let logger = logging.get_logger("shop");
    (0..50).for_each(|_| logger.info("lost"));
    assert!(logging.flush(TIMEOUT));
    let stats = logging.stats().handlers["console"];
    assert_eq!((stats.handled, stats.failed), (0, 50));
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_does_not_affect_callers_and_every_loss_is_counted() {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "handlers": {
            "full": { "class": "file", "filename": "/dev/full" },
            "console": { "class": "console" },
        },
        "root": { "handlers": ["full", "console"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    let logger = logging.get_logger("shop");
    (0..50).for_each(|n| logger.info(n.to_string()));
    assert!(logging.flush(TIMEOUT));
    let stats = logging.stats().handlers;
    assert_eq!((stats["full"].failed, stats["console"].handled), (50, 50));
    let reports: Vec<_> =
        stderr.text().lines().filter(|line| line.contains("'full' lost")).map(str::to_owned).collect();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(reports[0].contains("No space left on device"), "{reports:?}");
}

#[test]
fn panics_of_handlers_and_filters_reach_neither_the_caller_nor_the_next_handler() {
    struct Panics;
    impl Handler for Panics {
        fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
            panic!("handler broke")
        }
    }
    let stderr = Captured::default();
    let logging = Logging::builder()
        .with_stderr(Stream::new(stderr.clone()))
        .with_handler_class("panics", |_| Ok(Box::new(Panics)))
        .with_filter_class("panics", |_| Ok(Arc::new(CallbackFilter::new(|_| panic!("filter broke")))))
        .build();
    let configuration = json!({
        "version": 1,
        "filters": { "panics": { "()": "panics" } },
        "handlers": {
            "a": { "class": "panics" },
            "b": { "class": "console", "filters": ["panics"] },
        },
        "root": { "handlers": ["a", "b"], "level": "INFO", "filters": ["panics"] },
    });
    logging.configure(&configuration).unwrap();
    logging.get_logger("").info("still here");
    assert!(logging.flush(TIMEOUT));
    let stats = logging.stats();
    assert_eq!((stats.handlers["a"].failed, stats.handlers["b"].handled, stats.filter_panics), (1, 1, 2));
    assert!(stderr.text().contains("still here\n"), "{}", stderr.text());
}

#[test]
fn handler_that_logs_does_not_receive_its_own_records() {
    struct LoggingHandler(Mutex<Option<Logging>>);
    impl Handler for LoggingHandler {
        fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
            let logger = self.0.lock().unwrap().as_ref().unwrap().get_logger("shop");
            logger.info("first");
            logger.info("second");
            Ok(())
        }
    }
    for background in [false, true] {
        let logging = Logging::builder()
            .with_handler_class("logging", |_| {
                Ok(Box::new(LoggingHandler(Mutex::new(Some(Logging::global().clone())))))
            })
            .build();
        let _ = logging.clone().make_global();
        let logging = Logging::global();
        let configuration = json!({
            "version": 1,
            "handlers": { "logging": { "class": "logging", "background": background } },
            "loggers": { "shop": { "handlers": ["logging"], "level": "INFO" } },
        });
        let before = logging.stats().recursive;
        logging.configure(&configuration).unwrap();
        (0..3).for_each(|_| logging.get_logger("shop").info("something"));
        assert!(logging.flush(TIMEOUT));
        let stats = logging.stats();
        assert_eq!((stats.handlers["logging"].handled, stats.recursive - before), (3, 6), "{background}");
    }
}

#[test]
fn handler_that_is_listed_twice_receives_a_record_once() {
    let stderr = Captured::default();
    let logging = with_root_handlers(Stream::new(stderr.clone()), &["console", "console"]);
    logging.get_logger("shop").info("once");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "once\n");
}

#[test]
fn record_below_the_level_is_dropped_even_if_it_was_built_by_hand() {
    let stderr = Captured::default();
    let logging = console(Stream::new(stderr.clone()));
    let logger = logging.get_logger("shop");
    // As if the level had changed after the caller checked it.
    logger.handle(logger.new_record(Level::DEBUG, "disabled"));
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "");
}

#[test]
fn memory_handler_passes_records_on_at_shutdown_and_at_the_next_configuration() {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "disable_existing_loggers": false,
        "handlers": {
            "memory": { "class": "memory", "capacity": 100, "target": "console" },
            "console": { "class": "console" },
        },
        "root": { "handlers": ["memory"], "level": "INFO" },
    });
    for _ in 0..2 {
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").info("kept");
    }
    assert!(logging.shutdown(TIMEOUT));
    assert_eq!(stderr.text(), "kept\nkept\n");
}

/// Cannot be flushed in time.
struct Unflushable;

impl Handler for Unflushable {
    fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
        Ok(())
    }

    fn flush(&self, _: Instant) -> Result<(), HandlerError> {
        Err(HandlerError::Timeout)
    }
}

#[test]
fn flush_that_times_out_is_reported_when_no_caller_receives_its_result() {
    for background in [false, true] {
        let stderr = Captured::default();
        let builder = Logging::builder().with_stderr(Stream::new(stderr.clone()));
        let logging = builder.with_handler_class("slow", |_| Ok(Box::new(Unflushable))).build();
        let configuration = json!({
            "version": 1,
            "handlers": { "slow": { "class": "slow", "background": background } },
            "root": { "handlers": ["slow"], "level": "INFO" },
        });
        let is_reported = || {
            stderr.text().contains("handler 'slow' could not be flushed: the deadline passed before all records were")
        };
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").info("held back");
        assert!(!logging.flush(Duration::from_millis(20)), "{background}");
        if !background {
            assert!(!is_reported(), "the caller of `flush` receives the result");
            logging.configure(&configuration).unwrap();
        }
        until("the timeout is reported", is_reported);
    }
}

#[test]
fn custom_class_that_wraps_a_foreground_class_runs_in_the_background_by_default() {
    #[derive(Clone, Default)]
    struct Wrapper(Arc<Mutex<Vec<std::thread::ThreadId>>>);
    impl Handler for Wrapper {
        fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
            self.0.lock().unwrap().push(std::thread::current().id());
            Ok(())
        }
    }
    for (class, arguments) in [("memory", json!({ "capacity": 1 })), ("null", json!({})), ("queue", json!({}))] {
        let wrapper = Wrapper::default();
        let threads = Arc::clone(&wrapper.0);
        let factory = move |arguments: &mut Arguments<'_>| {
            arguments.built_in_handler(class)?;
            Ok(Box::new(wrapper.clone()) as Box<dyn Handler>)
        };
        let logging = Logging::builder().with_handler_class("wrapper", factory).build();
        let mut handler = arguments;
        handler["class"] = json!("wrapper");
        let configuration = json!({
            "version": 1,
            "handlers": { "wrapper": handler },
            "root": { "handlers": ["wrapper"], "level": "INFO" },
        });
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").info("a chair");
        assert!(logging.flush(TIMEOUT));
        let threads = threads.lock().unwrap();
        assert!(threads.len() == 1 && threads[0] != std::thread::current().id(), "{class}");
    }
}

#[test]
fn time_before_1970_does_not_panic() {
    let formatter = StandardFormatter::new("%(asctime)s", opencensus_logging::formatters::Style::Percent).unwrap();
    let mut record = Record::new("shop".into(), Level::INFO, "old");
    record.created = UNIX_EPOCH - Duration::from_secs(1);
    let mut text = String::new();
    opencensus_logging::formatters::Formatter::format(&formatter, &record, &mut text).unwrap();
    assert!(text.contains("19") && text.ends_with(",000"), "{text}");
}

#[test]
fn memory_handler_without_flush_on_close_drops_records_and_holds_them_behind_a_queue() {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "disable_existing_loggers": false,
        "handlers": {
            "queue": { "class": "queue", "handlers": ["memory"] },
            "memory": { "class": "memory", "capacity": 100, "target": "console", "flush_on_close": false },
            "console": { "class": "console" },
        },
        "root": { "handlers": ["queue"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    logging.get_logger("shop").info("1");
    let queue = logging.handler("queue").unwrap();
    assert!(queue.listener().is_some());
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(stderr.text(), "", "an idle queue does not flush the memory handler");
    logging.get_logger("shop").error("2");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "1\n2\n");
    logging.get_logger("shop").info("3");
    logging.shutdown(TIMEOUT);
    assert_eq!(stderr.text(), "1\n2\n", "the remaining record is dropped");
}

#[test]
fn handler_in_the_background_is_closed_after_its_last_record() {
    #[derive(Clone, Default)]
    struct Ledger(Arc<Mutex<Vec<String>>>);
    impl Handler for Ledger {
        fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
            self.0.lock().unwrap().push(record.message.to_string());
            Ok(())
        }
        fn close(&self) {
            self.0.lock().unwrap().push("closed".to_owned());
        }
    }
    for has_record in [true, false] {
        let (ledger, kept) = {
            let ledger = Ledger::default();
            (ledger.clone(), ledger)
        };
        let logging = Logging::builder().with_handler_class("ledger", move |_| Ok(Box::new(ledger.clone()))).build();
        let configuration = json!({
            "version": 1,
            "handlers": { "ledger": { "class": "ledger" } },
            "root": { "handlers": ["ledger"], "level": "INFO" },
        });
        logging.configure(&configuration).unwrap();
        if has_record {
            logging.get_logger("shop").info("entry");
        }
        assert!(logging.shutdown(TIMEOUT));
        let expected: &[&str] = if has_record { &["entry", "closed"] } else { &["closed"] };
        assert_eq!(*kept.0.lock().unwrap(), expected);
    }
}

/// Releases a stuck stream a moment after it is dropped itself.
struct ReleaseLater(Option<Sender<()>>);

impl Drop for ReleaseLater {
    fn drop(&mut self) {
        let release = self.0.take();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(release);
        });
    }
}

#[test]
fn guard_writes_queued_records_at_the_end_of_its_scope_also_after_a_panic() {
    let (entered, has_entered) = channel();
    let (release, released) = channel();
    let written = Captured::default();
    let logging = console(Stream::new(Stuck { entered, release: released, written: written.clone() }));
    let main = std::panic::AssertUnwindSafe(|| {
        let _guard = logging.guard().with_deadline(TIMEOUT);
        (0..100).for_each(|n| logging.get_logger("shop").info(n.to_string()));
        has_entered.recv().unwrap();
        // Dropped before the guard: nothing is written until then, and shortly after.
        let _release = ReleaseLater(Some(release));
        panic!("the program fails");
    });
    std::panic::catch_unwind(main).unwrap_err();
    assert_eq!(written.text().lines().count(), 100);
}

#[test]
fn guard_keeps_its_deadline_when_a_handler_hangs() {
    let (entered, has_entered) = channel();
    let (release, released) = channel::<()>();
    let logging = console(Stream::new(Stuck { entered, release: released, written: Captured::default() }));
    let guard = logging.guard().with_deadline(Duration::from_millis(50));
    guard.logging().get_logger("shop").info("never written");
    has_entered.recv().unwrap();
    let begun = Instant::now();
    drop(guard);
    assert!(begun.elapsed() < TIMEOUT);
    drop(release);
}
