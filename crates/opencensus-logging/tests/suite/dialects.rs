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

#[test]
fn keys_that_python_ignores_are_faults_with_a_suggestion_except_in_pythons_dialect() {
    let configuration = json!({
        "version": 1,
        "version_note": "ours",
        "formatters": { "f": { "format": "%(message)s", "datefmt": null, "colour": true } },
        "filters": { "n": { "name": "shop", "qualname": "x" } },
        "handlers": { "c": { "class": "logging.StreamHandler", "formatter": "f" } },
        "loggers": {
            "shop": { "handlers": ["c"], "qualname": "shop", "propogate": "0" },
            "other": { "level": "INFO", "class": "logging.Logger" },
        },
        "root": { "handlers": ["c"], "propagate": "yes" },
    });
    let (python, stderr) = logging(Dialect::Python);
    python.configure(&configuration).unwrap();
    python.get_logger("shop").warning("no chairs left");
    assert_eq!(stderr.text(), "no chairs left\nno chairs left\n", "`propogate` has no effect, as in Python");
    let (native, _) = logging(Dialect::Native);
    let error = native.configure(&configuration).unwrap_err().to_string();
    for fault in [
        "`version_note`: found an unknown key",
        "`formatters.f.colour`: found an unknown argument",
        "`filters.n.qualname`: found an unknown argument",
        "`loggers.shop.qualname`: found an unknown key",
        "`loggers.shop.propogate`: found an unknown key; did you mean `propagate`?",
        "`loggers.other.class`: found an unknown key",
    ] {
        assert!(error.contains(fault), "{fault}\n{error}");
    }
    // Python passes them to the handler's class.
    let unknown = with_handler("logging.StreamHandler", &json!({ "colour": true }));
    assert!(python.configure(&unknown).is_err() && native.configure(&unknown).is_err());
}

#[test]
fn sections_that_references_name_are_known_keys() {
    let (native, stderr) = logging(Dialect::Native);
    let configuration = json!({
        "version": 1,
        "shop": { "level": "WARNING", "formats": ["%(levelname)s %(message)s"] },
        "formatters": { "f": { "format": "cfg://shop.formats[0]" } },
        "handlers": { "c": { "class": "console", "formatter": "f", "level": "cfg://shop.level" } },
        "root": { "handlers": ["c"], "level": "INFO" },
    });
    native.configure(&configuration).unwrap();
    native.get_logger("shop").info("opened");
    native.get_logger("shop").warning("no chairs left");
    assert!(native.flush(TIMEOUT));
    assert_eq!(stderr.text(), "WARNING no chairs left\n");
}

#[test]
fn numbers_and_switches_of_python_are_accepted_in_both_dialects() {
    for dialect in [Dialect::Native, Dialect::Python] {
        let folder = tempfile::tempdir().unwrap();
        let (logging, _) = logging(dialect);
        let rotating =
            json!({ "filename": folder.path().join("r.log"), "maxBytes": 5e6, "backupCount": 3.0, "delay": 1 });
        logging.configure(&with_handler("logging.handlers.RotatingFileHandler", &rotating)).unwrap();
        assert!(!folder.path().join("r.log").exists(), "the file is delayed");
        let memory = json!({ "capacity": 1e2, "flushOnClose": 0 });
        logging.configure(&with_handler("logging.handlers.MemoryHandler", &memory)).unwrap();
    }
    let (python, _) = logging(Dialect::Python);
    for capacity in [json!(2.5), json!(-1), json!(true)] {
        python.configure(&with_handler("logging.handlers.MemoryHandler", &json!({ "capacity": capacity }))).unwrap();
    }
}

#[test]
fn modes_of_files_are_those_of_python() {
    for (mode, expected) in [
        ("a", "old\nnew\n"),
        ("a+", "old\nnew\n"),
        ("at", "old\nnew\n"),
        ("+ta", "old\nnew\n"),
        ("w", "new\n"),
        ("w+", "new\n"),
        ("wt", "new\n"),
    ] {
        for dialect in [Dialect::Native, Dialect::Python] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("app.log");
            std::fs::write(&file, "old\n").unwrap();
            let (logging, _) = logging(dialect);
            logging
                .configure(&with_handler("logging.FileHandler", &json!({ "filename": &file, "mode": mode })))
                .unwrap();
            logging.get_logger("shop").info("new");
            assert!(logging.flush(TIMEOUT));
            assert_eq!(std::fs::read_to_string(&file).unwrap(), expected, "{mode}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (logging, _) = logging(Dialect::Native);
    let with_mode = |name: &str, mode: &str| {
        let arguments = json!({ "filename": folder.path().join(name), "mode": mode });
        logging.configure(&with_handler("file", &arguments)).map_err(|error| error.to_string())
    };
    std::fs::write(folder.path().join("old.log"), "").unwrap();
    with_mode("new.log", "x").unwrap();
    assert!(with_mode("old.log", "x+").unwrap_err().contains("found a file that exists already"));
    for mode in ["r+", "ab", "q", ""] {
        assert!(with_mode("other.log", mode).unwrap_err().starts_with("`handlers.h.mode`"), "{mode}");
    }
}

#[test]
fn encodings_of_files_are_those_of_python() {
    for (encoding, expected) in [
        ("utf-8", "é€\n".as_bytes()),
        ("utf-8-sig", "\u{feff}é€\n".as_bytes()),
        ("cp1252", b"\xe9\x80\n"),
        ("windows-1252", b"\xe9\x80\n"),
        ("iso8859_15", b"\xe9\xa4\n"),
        ("gb18030", b"\xa8\xa6\xa2\xe3\n"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.log");
        let arguments = json!({ "filename": &file, "encoding": encoding });
        for _start in 0..2 {
            let (logging, _) = logging(Dialect::Native);
            logging.configure(&with_handler("logging.FileHandler", &arguments)).unwrap();
            logging.get_logger("shop").info("é€");
            assert!(logging.shutdown(TIMEOUT));
        }
        let mut twice = expected.to_vec();
        twice.extend(expected.strip_prefix("\u{feff}".as_bytes()).unwrap_or(expected));
        assert_eq!(std::fs::read(&file).unwrap(), twice, "{encoding}");
    }
    let (logging, _) = logging(Dialect::Native);
    let error =
        logging.configure(&with_handler("file", &json!({ "filename": "x", "delay": true, "encoding": "klingon" })));
    assert!(error.unwrap_err().to_string().starts_with("`handlers.h.encoding`: found `klingon`; write `utf-8`"));
}

#[test]
fn fields_in_braces_may_name_their_parts() {
    let format = "{levelname[0]}|{request.path}|{request[method]:>5}|{items[1]}|{message}";
    for dialect in [Dialect::Native, Dialect::Python] {
        let (logging, stderr) = logging(dialect);
        logging.configure(&with_formatter(&json!({ "format": format, "style": "{" }))).unwrap();
        let logger = logging.get_logger("shop");
        let request = json!({ "path": "/chairs", "method": "GET" });
        logger.at(opencensus_logging::Level::INFO).field("request", request).field("items", json!([1, "x"])).log("m");
        assert!(logging.flush(TIMEOUT));
        assert_eq!(stderr.text(), "I|/chairs|  GET|x|m\n");
    }
}

#[test]
fn part_that_a_field_does_not_have_loses_no_words() {
    let (native, stderr) = logging(Dialect::Native);
    native
        .configure(&with_formatter(&json!({ "format": "{levelname[99]} {request.path} {message}", "style": "{" })))
        .unwrap();
    native.get_logger("shop").warning("no chairs left");
    assert!(native.flush(TIMEOUT));
    assert!(stderr.text().contains("no chairs left"), "{}", stderr.text());
    let (python, stderr) = logging(Dialect::Python);
    python.configure(&with_formatter(&json!({ "format": "{levelname[99]} {message}", "style": "{" }))).unwrap();
    python.get_logger("shop").warning("no chairs left");
    assert!(stderr.text().starts_with("--- Logging error ---\nstring index out of range\n"), "{}", stderr.text());
}

#[test]
fn positional_fields_are_faults_except_in_pythons_dialect_where_each_record_is_lost() {
    for format in ["{} {message}", "{0} {message}"] {
        let (native, _) = logging(Dialect::Native);
        let error = native.configure(&with_formatter(&json!({ "format": format, "style": "{" }))).unwrap_err();
        assert!(error.to_string().contains("a positional field; fields have names"), "{error}");
        let (python, stderr) = logging(Dialect::Python);
        python.configure(&with_formatter(&json!({ "format": format, "style": "{" }))).unwrap();
        python.get_logger("shop").warning("no chairs left");
        let expected = "--- Logging error ---\nReplacement index 0 out of range for positional args tuple\n";
        assert!(stderr.text().starts_with(expected), "{}", stderr.text());
    }
    let (python, stderr) = logging(Dialect::Python);
    python.configure(&with_formatter(&json!({ "format": "" }))).unwrap();
    python.get_logger("shop").warning("an empty format is none");
    assert_eq!(stderr.text(), "an empty format is none\n");
}
