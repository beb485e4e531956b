//! All faults of a configuration are reported at once, each with its place.

use opencensus_logging::{Level, Logging};
use serde_json::json;

use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;

/// A configuration with faults of its form, and faults of the objects that it names.
const INVALID: &str = r#"
version = 2
colour = "red"

[formatters.short]
format = "%(message"

[formatters.unknown]
class = "jsn"

[filters.callback]
"()" = "callback"
callback = "unknown"

[handlers.console]
class = "consle"

[handlers.file]
class = "file"
filename = "/no/such/app.log"
formatter = "long"
filters = ["strange"]
level = "LOUD"

[handlers.memory]
class = "memory"
capacity = "many"

[handlers.loop]
class = "memory"
capacity = 1
target = "loop"

[handlers.rotating]
class = "rotating_file"
filename = "x.log"
delay = true
max_byte = 7

[loggers.shop]
handlers = "console"
levle = "INFO"

[root]
handlers = ["consoles"]
level = 10.5
"#;

/// Asserts that a configuration has these faults.
fn assert_faults(logging: &Logging, toml: &str, expected: &[&str]) -> String {
    let error = logging.configure_toml(toml).unwrap_err().to_string();
    for fault in expected {
        assert!(error.contains(fault), "{fault}\n{error}");
    }
    error
}

/// A system whose root writes to the console, and the captured text.
fn configured() -> (Logging, Captured) {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let valid = "version = 1\nroot.handlers = ['console']\nroot.level = 'INFO'\nhandlers.console.class = 'console'\n";
    logging.configure_toml(valid).unwrap();
    (logging, stderr)
}

/// Asserts that the configuration of [`configured`] is in use.
fn assert_unchanged(logging: &Logging, stderr: &Captured) {
    logging.get_logger("shop").info("unchanged");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "unchanged\n");
}

#[test]
fn all_faults_are_reported_at_once_and_nothing_changes() {
    let (logging, stderr) = configured();
    let expected = [
        "`version`: found `2`; write the number 1, the only version there is",
        "`loggers.shop.handlers`: found `console`; write a list of names, such as `[\"console\"]`",
        "`loggers.shop.levle`: found an unknown key; did you mean `level`?",
        "`root.level`: found `10.5`; write `DEBUG`, `INFO`, `WARNING`, `ERROR`, `CRITICAL`, or a whole number",
        "`colour`: found an unknown key",
        "`formatters.short.format`: found an invalid format (Invalid format '%(message' for '%' style)",
        "`formatters.unknown`: found `jsn`, which is not a formatter class; did you mean `json`?",
        "`filters.callback.callback`: found `unknown`, which is not a known function",
        "`handlers.console`: found `consle`, which is not a handler class; did you mean `console`?",
        "`handlers.file.level`: found `LOUD`",
        "`handlers.file.filters[0]`: found `strange`; name one that is defined below `filters`",
        "`handlers.file.formatter`: found `long`; name one that is defined below `formatters`",
        "`handlers.file.filename`: found a file that cannot be opened (No such file or directory",
        "`handlers.memory.capacity`: found `many`; write a whole number from 0",
        "`handlers.loop.target`: found `loop`; name another handler",
        "`handlers.rotating.max_byte`: found an unknown argument; did you mean `max_bytes`?",
        "`root.handlers[0]`: found `consoles`; name one that is defined below `handlers`; did you mean `console`?",
    ];
    let error = assert_faults(&logging, INVALID, &expected);
    assert!(error.starts_with(&format!("{} faults in the settings:", expected.len())), "{error}");
    assert_unchanged(&logging, &stderr);
}

#[test]
fn faults_of_variables_keys_levels_and_classes_are_one_round_without_those_that_follow_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.log");
    std::fs::write(&old, "kept\n").unwrap();
    let (logging, stderr) = configured();
    let error = assert_faults(
        &logging,
        &format!(
            r#"
            version = 1
            formatters.line.format = "%(message"
            handlers.a = {{ class = "file", filename = "${{LOG_FOLDER}}/a.log", formatter = "line", levle = "INFO" }}
            handlers.b = {{ class = "colsole", formatter = "line", level = "LOUD" }}
            handlers.c = {{ class = "memory", capacity = "many", target = "a", flush_level = "LOUD" }}
            handlers.d = {{ class = "cfg://handlers.e.class" }}
            handlers.e = {{ class = "${{CLASS}}" }}
            handlers.old = {{ class = "file", filename = '{}', mode = "w" }}
            handlers.new = {{ class = "file", filename = '{}' }}
            loggers.shop = {{ handlers = ["a", "b", "c", "d", "e"], level = "${{LEVEL}}", propogate = true }}
            root = {{ handlers = ["a"] }}
            "#,
            old.display(),
            folder.path().join("new.log").display(),
        ),
        &[
            "`handlers.a.filename`: found `${LOG_FOLDER}`, which is not set",
            "`handlers.a.levle`: found an unknown argument",
            "`handlers.b.level`: found `LOUD`",
            "`handlers.b`: found `colsole`, which is not a handler class",
            "`handlers.c.capacity`: found `many`",
            "`handlers.c.flush_level`: found `LOUD`",
            "`handlers.e.class`: found `${CLASS}`, which is not set",
            "`loggers.shop.level`: found `${LEVEL}`, which is not set",
            "`loggers.shop.propogate`: found an unknown key; did you mean `propagate`?",
            "`formatters.line.format`: found an invalid format",
        ],
    );
    assert!(error.starts_with("10 faults in the settings:"), "{error}");
    assert_unchanged(&logging, &stderr);
    assert_eq!(std::fs::read_to_string(old).unwrap(), "kept\n", "no file is opened for a configuration with faults");
    assert!(!folder.path().join("new.log").exists());
}

#[test]
fn faults_of_settings_and_of_their_logging_table_are_one_round() {
    let logging = Logging::builder().build();
    let settings = "EMAIL_PORT = \"many\"\nDEBUG = \"${DEBUG}\"\n[LOGGING]\nversion = 2\n[LOGGING.root]\nlevel = \"LOUD\"\nhandlers = [\"c\"]";
    let error = logging.setup_toml(settings).unwrap_err().to_string();
    for fault in [
        "`EMAIL_PORT`: found",
        "`DEBUG`: found",
        "`LOGGING.version`: found",
        "`LOGGING.root.level`: found",
        "`LOGGING.root.handlers[0]`: found `c`",
    ] {
        assert!(error.contains(fault), "{fault}\n{error}");
    }
    assert!(error.starts_with("5 faults"), "{error}");
}

#[test]
fn configuration_that_grows_by_references_is_a_fault() {
    let (logging, stderr) = configured();
    let twice = json!({ "version": 1, "handlers": { "a": { "x": "cfg://handlers" }, "b": { "x": "cfg://handlers" } } });
    let mut levels = json!({ "version": 1, "filters": { "f": "cfg://l0" } });
    for level in 0..20 {
        let next = format!("cfg://l{}", level + 1);
        levels[format!("l{level}")] = json!([next, next]);
    }
    levels["l20"] = json!("x");
    let texts = json!({ "version": 1, "long": "x".repeat(1 << 20), "many": vec!["cfg://long"; 1000] });
    for grows in [twice, levels, texts] {
        let error = logging.configure(&grows).unwrap_err().to_string();
        let is_bounded = ["more than 100000 values", "inside of more than 128 others", "a reference to itself"];
        assert!(is_bounded.iter().any(|bound| error.contains(bound)), "{error}");
    }
    let mut deep = json!("x");
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let error = logging.configure(&json!({ "version": 1, "handlers": { "a": deep } })).unwrap_err().to_string();
    assert!(error.contains("found values inside of more than 128 others; write fewer levels"), "{error}");
    assert_unchanged(&logging, &stderr);

    let lookup = |name: &str| (name == "LONG").then(|| "x".repeat(1 << 20));
    let logging = Logging::builder().with_variables(lookup).build();
    let error = logging.configure(&json!({ "version": 1, "filters": { "f": { "name": "${LONG}".repeat(1000) } } }));
    assert!(error.unwrap_err().to_string().contains("variables with more than 8388608 bytes"));
}

#[test]
fn places_quote_names_that_are_empty_or_hold_dots() {
    let logging = Logging::builder().build();
    let expected = ["`loggers.\"\".level`", "`loggers.\"a.b\".levle`", "`loggers.\"shop.\\\"x\\\"\".handlers[0]`"];
    let toml = r#"
        version = 1
        loggers."" = { level = "LOUD" }
        loggers."a.b" = { levle = "INFO" }
        loggers.'shop."x"' = { handlers = ["nowhere"] }
    "#;
    assert_faults(&logging, toml, &expected);
}

#[test]
fn levels_may_be_in_lower_case_and_have_custom_names() {
    let logging = Logging::builder().build();
    logging.add_level_name(Level::from_number(25), "NOTICE");
    let configuration = json!({
        "version": 1,
        "loggers": { "a": { "level": "debug" }, "b": { "level": "NOTICE" }, "c::d": { "level": 7 } },
    });
    logging.configure(&configuration).unwrap();
    for (name, level) in [("a", 10), ("b", 25), ("c.d", 7), ("c::d", 7)] {
        assert_eq!(logging.logger_state(name).unwrap().level.number(), level, "{name}");
    }
}

#[test]
fn variables_are_replaced_except_in_formats() {
    let stderr = Captured::default();
    let lookup = |name: &str| (name == "TIER").then(|| "gold".to_owned());
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_variables(lookup).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "f": { "format": "${levelname} $message ${tier}", "style": "$", "defaults": { "tier": "${TIER}" } } },
        "handlers": { "console": { "class": "console", "formatter": "f" } },
        "root": { "handlers": ["console"], "level": "${LEVEL:-INFO}" },
    });
    logging.configure(&configuration).unwrap();
    logging.get_logger("shop").info("$x ${TIER} %s {}");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "INFO $x ${TIER} %s {} gold\n");
    let error = logging.configure(&json!({ "version": 1, "root": { "level": "${LEVEL}" } })).unwrap_err();
    assert!(error.to_string().starts_with("`root.level`: found `${LEVEL}`, which is not set"), "{error}");
}

#[test]
fn references_to_themselves_are_faults() {
    let logging = Logging::builder().build();
    let error = logging.configure(&json!({ "version": 1, "a": "cfg://b", "b": "cfg://a" })).unwrap_err();
    assert!(error.to_string().contains("a reference to itself"), "{error}");
    let error =
        logging.configure(&json!({ "version": 1, "handlers": { "f": { "class": "cfg://x[3]" } } })).unwrap_err();
    assert!(error.to_string().starts_with("`handlers.f.class`: found `cfg://x[3]`, which does not exist"), "{error}");
}

#[test]
fn faults_do_not_show_values_of_variables() {
    let lookup = |name: &str| (name == "PIN").then(|| "hunter2".to_owned());
    let logging = Logging::builder().with_variables(lookup).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "memory": { "class": "memory", "capacity": "${PIN}" }, "file": { "class": "${PIN}" } },
        "root": { "level": "x${PIN}", "handlers": ["${PIN}"] },
    });
    let error = logging.configure(&configuration).unwrap_err().to_string();
    assert!(!error.contains("hunter2") && error.contains("`root.level`: found `x${PIN}`"), "{error}");
}

#[test]
fn configurator_may_call_configure() {
    let logging = Logging::builder()
        .with_configurator("levels", |logging, levels| {
            let configuration = json!({ "version": 1, "disable_existing_loggers": false, "root": levels });
            logging.configure(&configuration).map_err(|invalid| invalid.faults().to_vec())
        })
        .build();
    let mut setup = opencensus_logging::config::Setup::default();
    setup.logging = json!({ "level": "DEBUG" });
    setup.logging_config = opencensus_logging::config::LoggingConfig::Named("levels".to_owned());
    logging.setup(&setup).unwrap();
    assert_eq!(logging.logger_state("").unwrap().level, Level::DEBUG);
}

#[test]
fn increment_enables_loggers_and_a_new_configuration_removes_filters() {
    let logging = Logging::builder().build();
    let _ = logging.get_logger("shop");
    logging.configure(&json!({ "version": 1 })).unwrap();
    assert!(!logging.logger_state("shop").unwrap().disabled, "existing loggers stay enabled by default");
    logging.configure(&json!({ "version": 1, "disable_existing_loggers": true })).unwrap();
    assert!(logging.logger_state("shop").unwrap().disabled);
    logging.configure(&json!({ "version": 1, "incremental": true, "loggers": { "shop": {} } })).unwrap();
    assert!(!logging.logger_state("shop").unwrap().disabled);

    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = |filters: serde_json::Value| {
        json!({
            "version": 1,
            "filters": { "stock": { "name": "stock" } },
            "handlers": { "console": { "class": "console" } },
            "loggers": { "shop": { "handlers": ["console"], "level": "INFO", "filters": filters } },
        })
    };
    for (filters, message) in [(json!(["stock"]), "rejected"), (json!(null), "passed")] {
        logging.configure(&configuration(filters)).unwrap();
        logging.get_logger("shop").info(message);
        assert!(logging.flush(TIMEOUT));
    }
    assert_eq!(stderr.text(), "passed\n");
}
