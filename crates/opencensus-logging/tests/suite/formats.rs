//! Formats that records do not fit, dates, and colours.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use opencensus_logging::formatters::{Colour, Formatter, HumanFormatter, StandardFormatter};
use opencensus_logging::handlers::Stream;
use opencensus_logging::{Dialect, Level, Logging, Record};
use serde_json::{Value, json};

use test_support::TIMEOUT;
use test_support::captured::Captured;

fn logging(dialect: Dialect, formatter: &Value) -> (Logging, Captured) {
    let stderr = Captured::default();
    let logging = Logging::builder().with_dialect(dialect).with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "f": formatter },
        "handlers": { "console": { "class": "logging.StreamHandler", "formatter": "f" } },
        "root": { "handlers": ["console"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

#[test]
fn values_that_do_not_fit_the_message_are_written_behind_it_and_counted() {
    for (formatter, expected) in [
        (json!({ "format": "%(levelname)s %(message)s" }), "ERROR payment %s of %s failed ('4711',)\n"),
        (
            json!({ "class": "json" }),
            r#""message":"payment %s of %s failed ('4711',)","template":"payment %s of %s failed""#,
        ),
        (json!({ "class": "human" }), "ERROR    shop payment %s of %s failed ('4711',)\n"),
    ] {
        let (logging, stderr) = logging(Dialect::Native, &formatter);
        logging.get_logger("shop").at(Level::ERROR).args(["4711"]).log("payment %s of %s failed");
        logging.get_logger("shop").at(Level::ERROR).args(["4711"]).log("payment %s failed");
        assert!(logging.flush(TIMEOUT));
        assert!(stderr.text().contains(expected), "{}", stderr.text());
        let stats = logging.stats().handlers["console"];
        assert_eq!((stats.handled, stats.unfilled, stats.lost()), (2, 1, 0));
        let complaints = stderr.text().lines().filter(|line| line.contains("with its placeholders")).count();
        assert_eq!(complaints, 1, "{}", stderr.text());
    }
}

#[test]
fn field_that_a_record_lacks_is_written_as_its_placeholder_and_counted() {
    for (format, style, expected) in [
        ("%(user)s|%(message)s", "%", "%(user)s|a chair\n"),
        ("{user:>8}|{message}", "{", "{user}|a chair\n"),
        ("$user|${message}", "$", "$user|a chair\n"),
        ("%(levelname)d|%(message)s", "%", "%(levelname)s|a chair\n"),
    ] {
        let (logging, stderr) = logging(Dialect::Native, &json!({ "format": format, "style": style }));
        logging.get_logger("shop").info("a chair");
        assert!(logging.flush(TIMEOUT));
        assert!(stderr.text().contains(expected), "{}", stderr.text());
        let stats = logging.stats().handlers["console"];
        assert_eq!((stats.handled, stats.unfilled, stats.lost()), (1, 1, 0), "{format}");
    }
}

#[test]
fn record_that_does_not_fit_is_reported_with_its_words_in_pythons_dialect() {
    let (logging, stderr) = logging(Dialect::Python, &json!({ "format": "%(message)s" }));
    logging.get_logger("shop").at(Level::ERROR).args(["4711"]).log("payment %s of %s failed");
    let expected = "not enough arguments for format string\nMessage: 'payment %s of %s failed'\nArguments: ('4711',)\n";
    assert_eq!(stderr.text(), format!("--- Logging error ---\n{expected}"));
    assert_eq!(logging.stats().handlers["console"].failed, 1);
}

fn formatted(formatter: &dyn Formatter, record: &Record) -> String {
    let mut text = String::new();
    formatter.format(record, &mut text).unwrap();
    text
}

#[test]
fn dates_of_the_locale_are_those_of_c() {
    let logging = Logging::builder().with_time_zone("UTC").unwrap();
    let stderr = Captured::default();
    let logging = logging.with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "f": { "format": "%(asctime)s", "datefmt": "%c|%x|%X|%r" } },
        "handlers": { "console": { "class": "console", "formatter": "f" } },
        "root": { "handlers": ["console"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    let logger = logging.get_logger("shop");
    let mut record = logger.new_record(Level::INFO, "");
    record.created = UNIX_EPOCH + Duration::from_secs(1_709_618_828);
    logger.handle(record);
    assert!(logging.flush(TIMEOUT));
    // As `time.strftime` of CPython 3.13 writes it.
    assert_eq!(stderr.text(), "Tue Mar  5 06:07:08 2024|03/05/24|06:07:08|06:07:08 AM\n");
}

#[test]
fn server_time_is_known_to_a_plain_formatter_of_the_server_log() {
    let logging = Logging::builder().with_time_zone("UTC").unwrap();
    let stderr = Captured::default();
    let logging = logging.with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": {
            "plain": { "format": "[%(server_time)s] %(message)s" },
            "server": { "()": "django.utils.log.ServerFormatter", "format": "[{server_time}] {message}", "style": "{" },
        },
        "handlers": {
            "plain": { "class": "console", "formatter": "plain", "background": false },
            "server": { "class": "console", "formatter": "server", "background": false },
        },
        "loggers": { "django.server": { "handlers": ["plain", "server"], "level": "INFO", "propagate": false } },
    });
    logging.configure(&configuration).unwrap();
    let logger = logging.get_logger("django.server");
    let mut record = logger.new_record(Level::INFO, "\"GET / HTTP/1.1\" 200 2");
    record.created = UNIX_EPOCH + Duration::from_micros(1_709_618_828_123_456);
    record.set_field("status_code", 200);
    logger.handle(record);
    let line = "[05/Mar/2024 06:07:08] \"GET / HTTP/1.1\" 200 2\n";
    assert_eq!(stderr.text(), format!("{line}{line}"));
    assert_eq!(logging.stats().handlers["plain"].unfilled, 0);
}

#[test]
fn colours_depend_on_the_target_of_the_handler_alone() {
    let record = Record::new("shop".into(), Level::INFO, "a chair");
    let human = HumanFormatter::new(Colour::Auto);
    assert!(!formatted(&human, &record).contains('\x1b'), "without a target there is no terminal");
    let on_terminal = human.for_terminal().expect("colours on a terminal");
    assert!(formatted(&*on_terminal, &record).contains("\x1b[32m"));
    assert!(HumanFormatter::new(Colour::Never).for_terminal().is_none());
    assert!(formatted(&HumanFormatter::new(Colour::Always), &record).contains("\x1b[32m"));
    let plain = StandardFormatter::message_only();
    assert!(Formatter::for_terminal(&plain).is_none());
    // Whatever standard error is, a file gets no escape codes.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let file = opencensus_logging::handlers::FileHandler::open(&path, Arc::new(human)).unwrap();
    opencensus_logging::handlers::Handler::emit(&file, &Arc::new(record)).unwrap();
    assert!(!std::fs::read_to_string(path).unwrap().contains('\x1b'));
}
