//! The examples of Django's page about logging, in TOML and in JSON.

use opencensus_logging::{Dialect, Level, LoggedError, Logging};
use serde_json::{Value, json};

use super::python::{Deliveries, builder};
use test_support::captured::Captured;
use test_support::exception::Exception;

/// What one form of a configuration did with some records.
#[derive(Debug, Eq, PartialEq)]
struct Told {
    /// For each record, in the order of their names, the handlers that it came to.
    deliveries: Vec<Vec<String>>,
    stderr: String,
    file: String,
}

struct Said(&'static str, Level, &'static str, Option<&'static str>);

/// What both forms do; they do the same.
fn told(toml: &str, json: &Value, debug: bool, level: Option<&'static str>, said: &[Said]) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let tell = |configure: &dyn Fn(&Logging)| {
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
        let deliveries = said.iter().map(|said| say(&logging, &deliveries, said)).collect();
        let told = Told { deliveries, stderr: stderr.text(), file: std::fs::read_to_string(&file).unwrap_or_default() };
        let _ = std::fs::remove_file(file);
        told
    };
    let of_toml = tell(&|logging| logging.configure_toml(toml).unwrap());
    let of_json = tell(&|logging| logging.configure_json(&json.to_string()).unwrap());
    assert_eq!(of_toml, of_json);
    of_toml
}

fn say(logging: &Logging, deliveries: &Deliveries, Said(logger, level, message, error): &Said) -> Vec<String> {
    let logger = logging.get_logger(logger);
    let entry = logger.at(*level);
    match error {
        Some(type_name) => {
            let error = Exception::from_vector(&json!({ "type": type_name, "message": "cut" }));
            let error: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
            entry.error(LoggedError::erased(error)).log(*message);
        }
        None => entry.log(*message),
    }
    assert!(logging.flush(test_support::TIMEOUT));
    let mut came_to = deliveries.take(true);
    came_to.sort();
    came_to
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
    let said =
        [Said("django.request", Level::DEBUG, "GET /", None), Said("django.security", Level::ERROR, "elsewhere", None)];
    let told = told(toml, &json, false, None, &said);
    assert_eq!(told.deliveries, [vec!["file"], vec!["lastResort"]]);
    assert_eq!((told.file.as_str(), told.stderr.as_str()), ("GET /\n", "elsewhere\n"));
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
    let said = [Said("django.db", Level::DEBUG, "select 1", None), Said("django", Level::INFO, "ready", None)];
    assert_eq!(told(toml, &json, false, None, &said).stderr, "ready\n");
    assert_eq!(told(toml, &json, false, Some("DEBUG"), &said).stderr, "select 1\nready\n");
}

#[test]
fn third_configuration_has_two_formats_a_filter_of_its_own_and_three_loggers() {
    let toml = r#"
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
    let json = json!({
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
    });
    let said = [
        Said("django", Level::INFO, "ready", None),
        Said("django.request", Level::ERROR, "/", None),
        Said("myproject.custom", Level::ERROR, "no chairs", None),
        Said("myproject.custom", Level::ERROR, "not-special", None),
        Said("myproject.custom", Level::INFO, "a chair", None),
    ];
    let told = told(toml, &json, false, None, &said);
    let wanted = [vec!["null"], vec!["mail_admins"], vec!["console", "mail_admins"], Vec::new(), vec!["console"]];
    assert_eq!(told.deliveries, wanted);
    assert_eq!(told.stderr, "ERROR no chairs\nINFO a chair\n");
}

#[test]
fn named_logger_says_that_something_went_wrong() {
    let toml = "version = 1\nhandlers.console.class = 'console'\nroot.handlers = ['console']\n";
    let json =
        json!({ "version": 1, "handlers": { "console": { "class": "console" } }, "root": { "handlers": ["console"] } });
    let said = [Said("project.interesting.stuff", Level::ERROR, "Something went wrong!", None)];
    assert_eq!(told(toml, &json, false, None, &said).stderr, "Something went wrong!\n");
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
    let said = [
        Said("django.security.DisallowedHost", Level::ERROR, "bad host", None),
        Said("django.security.SuspiciousSession", Level::ERROR, "dubious", None),
    ];
    let told = told(toml, &json, false, None, &said);
    assert_eq!(told.deliveries, [vec!["null"], vec!["lastResort"]]);
    assert_eq!(told.stderr, "dubious\n");
}

/// A handler that mails, with one more argument, on the logger `shop`.
fn mailing(key: &str, value: &Value) -> Told {
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
    let said = [Said("shop", Level::ERROR, "no chairs", None), Said("shop", Level::WARNING, "few chairs", None)];
    told(&toml, &json, false, None, &said)
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
    let said = [
        Said("django.request", Level::ERROR, "/upload", Some("django.http.UnreadablePostError")),
        Said("django.request", Level::ERROR, "/upload", Some("ValueError")),
        Said("django.request", Level::ERROR, "/upload", None),
    ];
    let told = told(toml, &json, false, None, &said);
    assert_eq!(told.deliveries, [Vec::new(), vec!["mail_admins"], vec!["mail_admins"]]);
}

#[test]
fn require_debug_false_lets_records_pass_without_debug_alone() {
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
    let said = [Said("django.request", Level::ERROR, "/", None)];
    assert_eq!(told(toml, &json, false, None, &said).deliveries, [vec!["mail_admins"]]);
    assert_eq!(told(toml, &json, true, None, &said).deliveries, [Vec::<String>::new()]);
}
