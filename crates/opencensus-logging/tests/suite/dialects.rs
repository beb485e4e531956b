//! What the two dialects accept: numbers and switches, classes of other packages, keys that Python ignores, modes and
//! encodings of files.

use opencensus_logging::handlers::Stream;
use opencensus_logging::{Dialect, Logging};
use serde_json::{Value, json};
use test_support::TIMEOUT;
use test_support::captured::Captured;

fn logging(dialect: Dialect) -> (Logging, Captured) {
    let stderr = Captured::default();
    let variables = |name: &str| (name == "EMPTY").then(String::new);
    let builder = Logging::builder().with_dialect(dialect).with_stderr(Stream::new(stderr.clone()));
    (builder.with_variables(variables).build(), stderr)
}

/// A configuration with one handler, whose arguments besides the class are these.
fn with_handler(class: &str, arguments: &Value) -> Value {
    let mut handler = arguments.clone();
    handler["class"] = json!(class);
    json!({ "version": 1, "handlers": { "h": handler }, "root": { "handlers": ["h"], "level": "INFO" } })
}

#[test]
fn numbers_and_switches_from_variables_or_texts_are_read_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.log");
    let (logging, _) = logging(Dialect::Native);
    let configuration = json!({
        "version": "${V:-1}",
        "disable_existing_loggers": "${D:-yes}",
        "incremental": "no",
        "handlers": {
            "file": {
                "class": "rotating_file", "filename": &file, "max_bytes": "${MB:-14}", "backup_count": "2",
                "delay": "${DELAY:-true}", "background": "off", "level": "${N:-30}",
            },
            "timed": {
                "class": "logging.handlers.TimedRotatingFileHandler", "filename": folder.path().join("t.log"),
                "interval": "2", "backupCount": "1_000", "utc": "${UTC:-1}", "delay": 1,
            },
            "memory": {
                "class": "memory", "capacity": "${CAPACITY:-3}", "target": "file", "flush_on_close": "False",
                "flush_level": "40",
            },
            "queue": { "class": "queue", "handlers": ["file"], "capacity": "${QUEUED:-14}", "respect_handler_level": "no" },
            "mail": {
                "class": "mail_admins", "throttle": "${THROTTLE:-no}", "spool": "0", "include_html": "true",
                "window": "60", "cap": "${CAP:-5}",
            },
        },
        "formatters": { "plain": { "format": "fixed", "validate": "${EMPTY}" }, "json": { "class": "json", "flat": "yes" } },
        "loggers": { "shop": { "handlers": ["file"], "level": "${N:-30}", "propagate": "${P:-false}" } },
        "root": { "level": "14" },
    });
    let _existing = logging.get_logger("existing");
    logging.configure(&configuration).unwrap();
    assert!(!file.exists() && !folder.path().join("t.log").exists(), "both are delayed");
    let state = logging.logger_state("shop").unwrap();
    assert_eq!((state.level.number(), state.propagate), (30, false));
    assert_eq!(logging.logger_state("").unwrap().level.number(), 14);
    assert!(logging.logger_state("existing").unwrap().disabled);
    let shop = logging.get_logger("shop");
    shop.info("below the level");
    shop.error("0123456789");
    shop.error("9876543210");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "9876543210\n");
    assert_eq!(std::fs::read_to_string(folder.path().join("app.log.1")).unwrap(), "0123456789\n");
}

#[test]
fn text_that_is_no_number_or_switch_is_a_fault() {
    let (logging, _) = logging(Dialect::Native);
    for (arguments, fault) in [
        (json!({ "capacity": "many" }), "`handlers.h.capacity`: found `many`; write a whole number from 0"),
        (json!({ "capacity": "-1" }), "`handlers.h.capacity`: found `-1`"),
        (json!({ "capacity": "1.5" }), "`handlers.h.capacity`: found `1.5`"),
        (json!({ "capacity": "inf" }), "`handlers.h.capacity`: found `inf`"),
        (json!({ "capacity": true }), "`handlers.h.capacity`: found `true`"),
        (json!({ "capacity": 1, "flush_on_close": "perhaps" }), "`handlers.h.flush_on_close`: found `perhaps`"),
        (json!({ "capacity": 1, "flush_on_close": 2 }), "`handlers.h.flush_on_close`: found `2`"),
        (json!({ "capacity": 1, "level": "30.5" }), "`handlers.h.level`: found `30.5`"),
    ] {
        let error = logging.configure(&with_handler("memory", &arguments)).unwrap_err().to_string();
        assert!(error.starts_with(fault), "{error}");
    }
}

#[test]
fn python_takes_texts_for_true_and_not_for_numbers() {
    let (logging, _) = logging(Dialect::Python);
    let loggers = json!({ "version": 1, "loggers": { "a": { "propagate": "no" }, "b": { "propagate": "" } } });
    logging.configure(&loggers).unwrap();
    assert!(logging.logger_state("a").unwrap().propagate && !logging.logger_state("b").unwrap().propagate);
    for (arguments, place) in [
        (json!({ "capacity": "14" }), "handlers.h.capacity"),
        (json!({ "capacity": 1, "level": "30" }), "handlers.h.level"),
    ] {
        let error = logging.configure(&with_handler("logging.handlers.MemoryHandler", &arguments)).unwrap_err();
        assert_eq!(error.faults()[0].place(), place);
    }
    assert!(logging.configure(&json!({ "version": "1" })).is_err());
    for version in [json!(1), json!(1.0), json!(true)] {
        logging.configure(&json!({ "version": version })).unwrap();
    }
}

/// A configuration whose console has a formatter with this table.
fn with_formatter(formatter: &Value) -> Value {
    json!({
        "version": 1,
        "formatters": { "f": formatter },
        "handlers": { "c": { "class": "logging.StreamHandler", "formatter": "f" } },
        "root": { "handlers": ["c"], "level": "INFO" },
    })
}

#[test]
fn well_known_formatters_of_other_packages_need_no_conversion() {
    for (formatter, is_json) in [
        (json!({ "()": "pythonjsonlogger.jsonlogger.JsonFormatter", "fmt": "%(asctime)s %(message)s" }), true),
        (json!({ "class": "pythonjsonlogger.json.JsonFormatter", "rename_fields": { "levelname": "severity" } }), true),
        (json!({ "()": "json_log_formatter.JSONFormatter" }), true),
        (
            json!({ "()": "logstash_async.formatter.DjangoLogstashFormatter", "message_type": "django", "fqdn": false }),
            true,
        ),
        (
            json!({ "()": "structlog.stdlib.ProcessorFormatter", "processor": "structlog.processors.JSONRenderer" }),
            true,
        ),
        (json!({ "()": "structlog.stdlib.ProcessorFormatter", "processor": "structlog.dev.ConsoleRenderer" }), false),
        (json!({ "()": "colorlog.ColoredFormatter", "format": "%(log_color)s%(message)s", "log_colors": {} }), false),
        (
            json!({ "()": "uvicorn.logging.DefaultFormatter", "fmt": "%(levelprefix)s %(message)s", "use_colors": null }),
            false,
        ),
        (json!({ "()": "uvicorn.logging.AccessFormatter", "fmt": "%(client_addr)s - %(request_line)s" }), false),
    ] {
        let (logging, stderr) = logging(Dialect::Native);
        logging.configure(&with_formatter(&formatter)).unwrap();
        logging.get_logger("shop").warning("hardly any chairs left");
        assert!(logging.flush(TIMEOUT));
        let line = stderr.text();
        assert!(line.contains("hardly any chairs left") && line.contains("shop"), "{formatter} {line}");
        assert_eq!(serde_json::from_str::<Value>(&line).is_ok(), is_json, "{formatter} {line}");
    }
}

#[test]
fn well_known_handlers_of_other_packages_are_replaced_or_have_advice() {
    let (logging, _) = logging(Dialect::Native);
    let folder = tempfile::tempdir().unwrap();
    let rotating = json!({ "filename": folder.path().join("app.log"), "maxBytes": 1000, "use_gzip": true });
    logging.configure(&with_handler("concurrent_log_handler.ConcurrentRotatingFileHandler", &rotating)).unwrap();
    for class in ["django.utils.log.NullHandler", "colorlog.StreamHandler"] {
        logging.configure(&with_handler(class, &json!({}))).unwrap();
    }
    for (class, advice) in [
        ("sentry_sdk.integrations.logging.EventHandler", "by `class = \"application_insights\"`"),
        ("raven.contrib.django.raven_compat.handlers.SentryHandler", "by `class = \"application_insights\"`"),
        ("logstash.TCPLogstashHandler", "with a formatter of the class `json`"),
        ("watchtower.CloudWatchLogHandler", "write to standard output"),
        ("application_insights", "start the telemetry with this logging system first"),
        ("opencensus.ext.azure.log_exporter.AzureLogHandler", "start the telemetry with this logging system first"),
        ("shop.logs.StreamHandler", "did you mean `console`?"),
        ("logging.RotatingFileHandler", "did you mean `rotating_file`?"),
        ("shop.logs.Carrier", "or add a custom class by `with_handler_class`"),
    ] {
        let error = logging.configure(&with_handler(class, &json!({ "x": 1 }))).unwrap_err().to_string();
        assert!(error.contains(advice) && error.contains("with_handler_class"), "{error}");
    }
    let error = logging.configure(&with_formatter(&json!({ "()": "shop.JsonFormatter" }))).unwrap_err().to_string();
    let expected = "found `shop.JsonFormatter`, which is not a formatter class; did you mean `json`? Or add a custom class \
         by `with_formatter_class`";
    assert!(error.contains(expected), "{error}");
    let filter = json!({ "version": 1, "filters": { "id": { "()": "asgi_correlation_id.CorrelationIdFilter" } } });
    let error = logging.configure(&filter).unwrap_err().to_string();
    assert!(error.contains("a format has `trace_id`") && error.contains("with_filter_class"), "{error}");
}
