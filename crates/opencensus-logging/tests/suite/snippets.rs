//! The examples of Django's page about logging, in TOML and in JSON.

use opencensus_logging::{Dialect, Level, LoggedError, Logging};
use serde_json::{Value, json};

use super::python::{Deliveries, builder};
use test_support::captured::Captured;
use test_support::exception::Exception;

/// The effect of a configuration on some records.
#[derive(Debug, Eq, PartialEq)]
struct Outcome {
    /// For each record, the names of the handlers that it reached, in order.
    deliveries: Vec<Vec<String>>,
    stderr: String,
    file: String,
}

/// A call: logger, level, message, and the type of the error.
struct Call(&'static str, Level, &'static str, Option<&'static str>);

/// The effect of the configuration in TOML, which must be the same as in JSON.
fn outcome(toml: &str, json: &Value, debug: bool, level: Option<&'static str>, calls: &[Call]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let run = |configure: &dyn Fn(&Logging)| {
        let file = folder.path().join("debug.log");
        let (stdout, stderr, deliveries) = (Captured::default(), Captured::default(), Deliveries::default());
        let path = folder.path().to_str().unwrap().to_owned();
        let variables = move |name: &str| match name {
            "FOLDER" => Some(path.clone()),
            "DJANGO_LOG_LEVEL" => level.map(str::to_owned),
            _ => None,
        };
        let logging = builder(Dialect::Native, &stdout, &stderr, &deliveries).with_variables(variables).build();
        logging.set_debug(debug);
        configure(&logging);
        deliveries.track(&logging);
        let deliveries = calls.iter().map(|call| log(&logging, &deliveries, call)).collect();
        let outcome =
            Outcome { deliveries, stderr: stderr.text(), file: std::fs::read_to_string(&file).unwrap_or_default() };
        let _ = std::fs::remove_file(file);
        outcome
    };
    let of_toml = run(&|logging| logging.configure_toml(toml).unwrap());
    let of_json = run(&|logging| logging.configure_json(&json.to_string()).unwrap());
    assert_eq!(of_toml, of_json);
    of_toml
}

fn log(logging: &Logging, deliveries: &Deliveries, Call(logger, level, message, error): &Call) -> Vec<String> {
    let logger = logging.get_logger(logger);
    let record = logger.at(*level);
    match error {
        Some(type_name) => {
            let error = Exception::from_vector(&json!({ "type": type_name, "message": "cut" }));
            let error: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
            record.error(LoggedError::erased(error)).log(*message);
        }
        None => record.log(*message),
    }
    assert!(logging.flush(test_support::TIMEOUT));
    let mut reached = deliveries.take(true);
    reached.sort();
    reached
}

#[test]
fn first_configuration_writes_requests_to_a_file() {
    let toml = r#"
version = 1
disable_existing_loggers = false

[handlers.file]
level = "DEBUG"
class = "logging.FileHandler"
filename = "${FOLDER}/debug.log"

[loggers."django.request"]
handlers = ["file"]
level = "DEBUG"
propagate = true
"#;
    let json = json!({
        "version": 1,
        "disable_existing_loggers": false,
        "handlers": {
            "file": { "level": "DEBUG", "class": "logging.FileHandler", "filename": "${FOLDER}/debug.log" },
        },
        "loggers": { "django.request": { "handlers": ["file"], "level": "DEBUG", "propagate": true } },
    });
    let calls =
        [Call("django.request", Level::DEBUG, "GET /", None), Call("django.security", Level::ERROR, "elsewhere", None)];
    let outcome = outcome(toml, &json, false, None, &calls);
    assert_eq!(outcome.deliveries, [vec!["file"], vec!["lastResort"]]);
    assert_eq!((outcome.file.as_str(), outcome.stderr.as_str()), ("GET /\n", "elsewhere\n"));
}

#[test]
fn second_configuration_takes_its_level_from_the_environment() {
    let toml = r#"
version = 1
disable_existing_loggers = false

[handlers.console]
class = "logging.StreamHandler"

[loggers.django]
handlers = ["console"]
level = "${DJANGO_LOG_LEVEL:-INFO}"
"#;
    let json = json!({
        "version": 1,
        "disable_existing_loggers": false,
        "handlers": { "console": { "class": "logging.StreamHandler" } },
        "loggers": { "django": { "handlers": ["console"], "level": "${DJANGO_LOG_LEVEL:-INFO}" } },
    });
    let calls = [Call("django.db", Level::DEBUG, "select 1", None), Call("django", Level::INFO, "ready", None)];
    assert_eq!(outcome(toml, &json, false, None, &calls).stderr, "ready\n");
    assert_eq!(outcome(toml, &json, false, Some("DEBUG"), &calls).stderr, "select 1\nready\n");
}

/// Two formats, a custom filter and three loggers.
const THIRD: &str = r#"
version = 1
disable_existing_loggers = false

[formatters.verbose]
format = "%(levelname)s %(asctime)s %(module)s %(process)d %(thread)d %(message)s"

[formatters.simple]
format = "%(levelname)s %(message)s"

[filters.special]
"()" = "project.logging.SpecialFilter"
foo = "bar"

[handlers.null]
level = "DEBUG"
class = "logging.NullHandler"

[handlers.console]
level = "DEBUG"
class = "logging.StreamHandler"
formatter = "simple"

[handlers.mail_admins]
level = "ERROR"
class = "django.utils.log.AdminEmailHandler"
filters = ["special"]

[loggers.django]
handlers = ["null"]
propagate = true
level = "INFO"

[loggers."django.request"]
handlers = ["mail_admins"]
level = "ERROR"
propagate = false

[loggers."myproject.custom"]
handlers = ["console", "mail_admins"]
level = "INFO"
filters = ["special"]
"#;

/// [`THIRD`] in JSON.
fn third_in_json() -> Value {
    json!({
        "version": 1,
        "disable_existing_loggers": false,
        "formatters": {
            "verbose": { "format": "%(levelname)s %(asctime)s %(module)s %(process)d %(thread)d %(message)s" },
            "simple": { "format": "%(levelname)s %(message)s" },
        },
        "filters": { "special": { "()": "project.logging.SpecialFilter", "foo": "bar" } },
        "handlers": {
            "null": { "level": "DEBUG", "class": "logging.NullHandler" },
            "console": { "level": "DEBUG", "class": "logging.StreamHandler", "formatter": "simple" },
            "mail_admins": {
                "level": "ERROR", "class": "django.utils.log.AdminEmailHandler", "filters": ["special"],
            },
        },
        "loggers": {
            "django": { "handlers": ["null"], "propagate": true, "level": "INFO" },
            "django.request": { "handlers": ["mail_admins"], "level": "ERROR", "propagate": false },
            "myproject.custom": { "handlers": ["console", "mail_admins"], "level": "INFO", "filters": ["special"] },
        },
    })
}

#[test]
fn third_configuration_has_two_formats_a_custom_filter_and_three_loggers() {
    let calls = [
        Call("django", Level::INFO, "ready", None),
        Call("django.request", Level::ERROR, "/", None),
        Call("myproject.custom", Level::ERROR, "no chairs", None),
        Call("myproject.custom", Level::ERROR, "not-special", None),
        Call("myproject.custom", Level::INFO, "a chair", None),
    ];
    let outcome = outcome(THIRD, &third_in_json(), false, None, &calls);
    let expected = [vec!["null"], vec!["mail_admins"], vec!["console", "mail_admins"], Vec::new(), vec!["console"]];
    assert_eq!(outcome.deliveries, expected);
    assert_eq!(outcome.stderr, "ERROR no chairs\nINFO a chair\n");
}

#[test]
fn named_logger_logs_that_something_went_wrong() {
    let toml = "version = 1\nhandlers.console.class = 'console'\nroot.handlers = ['console']\n";
    let json =
        json!({ "version": 1, "handlers": { "console": { "class": "console" } }, "root": { "handlers": ["console"] } });
    let calls = [Call("project.interesting.stuff", Level::ERROR, "Something went wrong!", None)];
    assert_eq!(outcome(toml, &json, false, None, &calls).stderr, "Something went wrong!\n");
}

#[test]
fn null_handler_silences_disallowed_hosts() {
    let toml = r#"
version = 1
disable_existing_loggers = false

[handlers.null]
class = "logging.NullHandler"

[loggers."django.security.DisallowedHost"]
handlers = ["null"]
propagate = false
"#;
    let json = json!({
        "version": 1,
        "disable_existing_loggers": false,
        "handlers": { "null": { "class": "logging.NullHandler" } },
        "loggers": { "django.security.DisallowedHost": { "handlers": ["null"], "propagate": false } },
    });
    let calls = [
        Call("django.security.DisallowedHost", Level::ERROR, "bad host", None),
        Call("django.security.SuspiciousSession", Level::ERROR, "dubious", None),
    ];
    let outcome = outcome(toml, &json, false, None, &calls);
    assert_eq!(outcome.deliveries, [vec!["null"], vec!["lastResort"]]);
    assert_eq!(outcome.stderr, "dubious\n");
}

/// The effect of a mail handler with one more argument.
fn mailing(key: &str, value: &Value) -> Outcome {
    let toml = format!(
        "version = 1\nroot.handlers = ['mail_admins']\n[handlers.mail_admins]\nlevel = 'ERROR'\n\
         class = 'django.utils.log.AdminEmailHandler'\n{key} = {value}\n"
    );
    let json = json!({
        "version": 1,
        "handlers": {
            "mail_admins": { "level": "ERROR", "class": "django.utils.log.AdminEmailHandler", key: value },
        },
        "root": { "handlers": ["mail_admins"] },
    });
    let calls = [Call("shop", Level::ERROR, "no chairs", None), Call("shop", Level::WARNING, "few chairs", None)];
    outcome(&toml, &json, false, None, &calls)
}

#[test]
fn include_html_is_an_argument_of_the_handler() {
    assert_eq!(mailing("include_html", &json!(true)).deliveries, [vec!["mail_admins"], Vec::new()]);
}

#[test]
fn email_backend_is_an_argument_of_the_handler() {
    let backend = json!("django.core.mail.backends.filebased.EmailBackend");
    assert_eq!(mailing("email_backend", &backend).deliveries, [vec!["mail_admins"], Vec::new()]);
}

#[test]
fn callback_filter_skips_unreadable_posts() {
    let toml = r#"
version = 1

[filters.skip_unreadable_posts]
"()" = "django.utils.log.CallbackFilter"
callback = "ext://corpus_ext.skip_unreadable_post"

[handlers.mail_admins]
level = "ERROR"
filters = ["skip_unreadable_posts"]
class = "django.utils.log.AdminEmailHandler"

[root]
handlers = ["mail_admins"]
"#;
    let json = json!({
        "version": 1,
        "filters": {
            "skip_unreadable_posts": {
                "()": "django.utils.log.CallbackFilter", "callback": "ext://corpus_ext.skip_unreadable_post",
            },
        },
        "handlers": {
            "mail_admins": {
                "level": "ERROR",
                "filters": ["skip_unreadable_posts"],
                "class": "django.utils.log.AdminEmailHandler",
            },
        },
        "root": { "handlers": ["mail_admins"] },
    });
    let calls = [
        Call("django.request", Level::ERROR, "/upload", Some("django.http.UnreadablePostError")),
        Call("django.request", Level::ERROR, "/upload", Some("ValueError")),
        Call("django.request", Level::ERROR, "/upload", None),
    ];
    let outcome = outcome(toml, &json, false, None, &calls);
    assert_eq!(outcome.deliveries, [Vec::new(), vec!["mail_admins"], vec!["mail_admins"]]);
}

#[test]
fn require_debug_false_passes_records_only_without_debug_mode() {
    let toml = r#"
version = 1

[filters.require_debug_false]
"()" = "django.utils.log.RequireDebugFalse"

[handlers.mail_admins]
level = "ERROR"
filters = ["require_debug_false"]
class = "django.utils.log.AdminEmailHandler"

[root]
handlers = ["mail_admins"]
"#;
    let json = json!({
        "version": 1,
        "filters": { "require_debug_false": { "()": "django.utils.log.RequireDebugFalse" } },
        "handlers": {
            "mail_admins": {
                "level": "ERROR", "filters": ["require_debug_false"], "class": "django.utils.log.AdminEmailHandler",
            },
        },
        "root": { "handlers": ["mail_admins"] },
    });
    let calls = [Call("django.request", Level::ERROR, "/", None)];
    assert_eq!(outcome(toml, &json, false, None, &calls).deliveries, [vec!["mail_admins"]]);
    assert_eq!(outcome(toml, &json, true, None, &calls).deliveries, [Vec::<String>::new()]);
}
