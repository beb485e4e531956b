//! What a record holds: the place in the source, and the error.

use opencensus_logging::filters::{CallbackFilter, Filter};
use opencensus_logging::handlers::Stream;
use opencensus_logging::{Level, Logging, Record};
use serde_json::json;
use std::sync::Arc;

use test_support::TIMEOUT;
use test_support::captured::Captured;

fn logging(format: &str) -> (Logging, Captured) {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "f": { "format": format } },
        "handlers": { "console": { "class": "console", "formatter": "f" } },
        "root": { "handlers": ["console"], "level": "DEBUG" },
    });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

#[test]
fn every_call_that_logs_has_the_place_of_its_caller() {
    let (logging, stderr) = logging("%(pathname)s:%(lineno)d");
    let logger = logging.get_logger("shop");
    let first = line!() + 1;
    logger.debug("x");
    logger.info("x");
    logger.warning("x");
    logger.error("x");
    logger.critical("x");
    logger.log(Level::INFO, "x");
    logger.exception(std::io::Error::other("x"));
    logger.at(Level::ERROR).log("x");
    logger.at(Level::ERROR).field("a", 1).error("e").args(["b"]).log("%s");
    logger.handle(logger.new_record(Level::INFO, "x"));
    logger.handle(Record::new("shop".into(), Level::INFO, "x"));
    logging.set_debug(true);
    opencensus_logging::database::Statement::new("SELECT 1", std::time::Duration::ZERO).log(&logging);
    assert!(logging.flush(TIMEOUT));
    let text = stderr.text();
    let places: Vec<_> = text.lines().filter(|line| line.contains(".rs:")).collect();
    let lines = (0..11).map(|n| first + n).chain([first + 12]);
    let expected: Vec<_> = lines.map(|line| format!("{}:{line}", file!())).collect();
    assert_eq!(places, expected);
}

#[test]
fn exception_takes_concrete_and_boxed_errors_and_those_of_anyhow() {
    use anyhow::Context as _;
    use std::error::Error;
    let (logging, stderr) = logging("%(message)s");
    let logger = logging.get_logger("shop");
    let fails = || "x".parse::<u8>().unwrap_err();
    logger.exception(fails());
    logger.exception(Box::<dyn Error + Send + Sync>::from(fails()));
    logger.exception(Err::<(), _>(fails()).context("no chairs left").unwrap_err());
    logger.exception("only words");
    assert!(logging.flush(TIMEOUT));
    let (invalid, typed) = ("invalid digit found in string", "std::num::ParseIntError: invalid digit found in string");
    let between = "\n\nThe above exception was the direct cause of the following exception:\n\n";
    let of_anyhow = format!("no chairs left\n{typed}{between}std::num::ParseIntError: no chairs left");
    let expected = format!("{invalid}\n{typed}\n{invalid}\n{typed}\n{of_anyhow}\nonly words\nonly words\n");
    assert_eq!(stderr.text(), expected);
}

#[test]
fn callback_decides_about_a_record_and_one_that_changes_it_is_another_kind() {
    let passes = CallbackFilter::new(|record: &Record| record.level >= Level::ERROR);
    let changes = CallbackFilter::changing(|record| {
        Arc::make_mut(record).set_field("shop", "north");
        true
    });
    let mut record = Arc::new(Record::new("shop".into(), Level::INFO, "a chair"));
    assert!(!passes.filter(&mut record) && changes.filter(&mut record));
    assert_eq!(record.field("shop"), Some(&"north".into()));
    let stderr = Captured::default();
    let logging = Logging::builder()
        .with_stderr(Stream::new(stderr.clone()))
        .with_callback("errors", |record| record.level >= Level::ERROR)
        .with_changing_callback("louder", |record| {
            Arc::make_mut(record).message = record.message.to_uppercase().into();
            true
        })
        .build();
    let configuration = json!({
        "version": 1,
        "filters": {
            "errors": { "()": "callback", "callback": "errors" },
            "louder": { "()": "callback", "callback": "louder" },
        },
        "handlers": { "console": { "class": "console", "filters": ["errors", "louder"] } },
        "root": { "handlers": ["console"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    logging.get_logger("shop").info("dropped");
    logging.get_logger("shop").error("kept");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "KEPT\n");
}
