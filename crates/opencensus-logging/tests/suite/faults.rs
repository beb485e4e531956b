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
fn all_faults_of_the_form_are_reported_at_once_and_nothing_changes() {
    let (logging, stderr) = configured();
    let expected = [
        "`version`: found `2`; write the number 1, the only version there is",
        "`loggers.shop.handlers`: found `console`; write a list of names, such as `[\"console\"]`",
        "`loggers.shop.levle`: found an unknown key; did you mean `level`?",
        "`root.level`: found `10.5`; write `DEBUG`, `INFO`, `WARNING`, `ERROR`, `CRITICAL`, or a whole number",
        "`colour`: found an unknown key",
    ];
    let error = assert_faults(&logging, INVALID, &expected);
    // These faults are reported before any object is built.
    assert!(error.starts_with("5 faults in the settings:"), "{error}");
    assert_unchanged(&logging, &stderr);
}

#[test]
fn all_faults_of_objects_are_reported_at_once_and_nothing_changes() {
    let (logging, stderr) = configured();
    let of_valid_form = INVALID
        .replace("version = 2\ncolour = \"red\"", "version = 1")
        .replace("handlers = \"console\"\nlevle = \"INFO\"", "handlers = [\"console\"]")
        .replace("level = 10.5", "level = 10");
    let expected = [
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
        "`root.handlers[0]`: found `consoles`",
    ];
    assert_faults(&logging, &of_valid_form, &expected);
    assert_unchanged(&logging, &stderr);
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
