//! A configuration changes while several threads log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opencensus_logging::{Level, Logging};
use serde_json::{Value, json};

use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;

const THREADS: usize = 8;
const RELOADS: usize = 60;

/// Two handlers that write the name of their configuration.
fn configuration(folder: &str, version: usize) -> Value {
    let format = |handler: &str| format!("{handler}{version} %(message)s");
    let file = |handler: &str| format!("{folder}/{handler}.log");
    json!({
        "version": 1,
        "disable_existing_loggers": false,
        "formatters": { "one": { "format": format("one") }, "two": { "format": format("two") } },
        "handlers": {
            "one": { "class": "file", "filename": file("one"), "formatter": "one" },
            "two": { "class": "file", "filename": file("two"), "formatter": "two" },
        },
        "loggers": { "shop": { "handlers": ["one"], "level": "INFO" } },
        "root": { "handlers": ["two"] },
    })
}

#[test]
fn reload_loses_no_record_and_mixes_no_configurations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    logging.configure(&configuration(path, 0)).unwrap();
    let is_over = AtomicBool::new(false);
    let logged: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (logging, is_over) = (&logging, &is_over);
                scope.spawn(move || {
                    let logger = logging.get_logger(&format!("shop.cart{thread}"));
                    let mut logged = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        logger.info(format!("{thread}-{logged}"));
                        logged += 1;
                        // Slow enough for the two writers.
                        std::thread::sleep(Duration::from_micros(50));
                    }
                    logged
                })
            })
            .collect();
        for version in 1..=RELOADS {
            logging.configure(&configuration(path, version)).unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        is_over.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(logging.flush(TIMEOUT));
    let read = |handler: &str| -> BTreeMap<String, String> {
        let text = std::fs::read_to_string(folder.path().join(format!("{handler}.log"))).unwrap();
        let lines: Vec<_> = text.lines().map(|line| line.split_once(' ').unwrap()).collect();
        let by_message: BTreeMap<_, _> = lines
            .iter()
            .map(|(version, message)| ((*message).to_owned(), version.strip_prefix(handler).unwrap().to_owned()))
            .collect();
        assert_eq!(by_message.len(), lines.len(), "each record was written once");
        by_message
    };
    let (one, two) = (read("one"), read("two"));
    assert!(logged > THREADS && one.len() == logged, "{} of {logged}", one.len());
    assert_eq!(one, two, "both handlers of a record are of one configuration");
    let versions: std::collections::BTreeSet<_> = one.values().collect();
    assert!(versions.len() > 3, "{versions:?}");
}

#[test]
fn watched_file_is_read_again_and_an_invalid_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logging.toml");
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let of_level = |level: &str| {
        format!(
            "version = 1\ndisable_existing_loggers = false\nroot.handlers = ['console']\nroot.level = '{level}'\n\
             [handlers.console]\nclass = 'console'\n"
        )
    };
    std::fs::write(&path, of_level("ERROR")).unwrap();
    let _watch = logging.watch_file(&path, Duration::from_millis(5)).unwrap();
    let logger = logging.get_logger("shop");
    assert!(!logger.is_enabled_for(Level::INFO));
    std::fs::write(&path, of_level("INFO")).unwrap();
    until(|| logger.is_enabled_for(Level::INFO));
    std::fs::write(&path, of_level("VERY LOUD")).unwrap();
    until(|| stderr.text().contains("the configuration does not change"));
    assert!(stderr.text().contains("logging.toml: `root.level`: found `VERY LOUD`"), "{}", stderr.text());
    assert!(logger.is_enabled_for(Level::INFO) && !logger.is_enabled_for(Level::DEBUG));
}

fn until(is_so: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + TIMEOUT;
    while !is_so() {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(2));
    }
}
