//! Rules over the content of a case: which results differ on purpose, and what the runner lacks.

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// Whether the case states no result.
pub(super) fn undecided(expected: &Value) -> bool {
    !expected.is_object() || !expected["deliveries"].is_array()
}

/// Why the result of a case differs on purpose.
pub(super) fn deliberate(case: &Value, expected: &Value) -> Option<&'static str> {
    let has = |rule: fn(&Value) -> bool| events(case).any(rule);
    if has(|event| is_given(&event["exc_info"]) && !event["exception"].is_object()) {
        return Some("`exc_info=True` takes the exception that is being handled, which Rust does not have");
    }
    if has(|event| event.get("warn").is_some() || event.get("capture_warnings").is_some()) {
        return Some("Rust has no warnings at run time that could be captured");
    }
    if case["settings"]["MAILERS"].is_object() && handlers(case).any(|handler| handler.contains_key("email_backend")) {
        return Some(
            "`email_backend` and `using` both name a backend: there is no setting `MAILERS` that excludes one",
        );
    }
    if handlers(case).any(|handler| handler.contains_key("reporter_class")) {
        return Some("the report of a mail is not rendered by a class of Python");
    }
    if expected["error"].to_string().contains("is not a package") {
        return Some("that Python could not import the module again; here classes are registered, not imported");
    }
    let mails = |class: &Value| class.as_str().is_some_and(|class| class.ends_with("AdminEmailHandler"));
    let is_mailed = case["mode"] == "django" || handlers(case).filter_map(|handler| handler.get("class")).any(mails);
    let raises = expected["raised"].as_array().into_iter().flatten().any(|raised| !raised.is_null());
    if is_mailed && raises && !has(|event| event["extra"].is_object()) && !uses_raising_callable(case) {
        return Some("no call returns the error of a mail handler here: the loss is counted and reported");
    }
    None
}

/// Callables of the support module that raise: these panic here as well.
fn uses_raising_callable(case: &Value) -> bool {
    let config = case["config"].to_string();
    ["corpus_ext.raise_in_filter", "corpus_ext.FailingHandler"].iter().any(|name| config.contains(name))
        || events(case).any(|event| event.get("configure").is_some())
}

/// What the runner lacks for the case, by its kind. Classes and functions that a configuration names are found later.
pub(super) fn missing(case: &Value) -> Option<String> {
    const STEPS: [&str; 12] = [
        "configure",
        "setting",
        "set_level",
        "set_handler_level",
        "disable",
        "raise_exceptions",
        "no_last_resort",
        "add_level_name",
        "flush",
        "close",
        "start_listener",
        "stop_listener",
    ];
    const CALL: [&str; 9] =
        ["logger", "level", "message", "args", "extra", "exception", "exc_info", "request", "source"];
    const REQUEST: [&str; 8] =
        ["path", "method", "headers", "cookies", "post", "sensitive_post_parameters", "user", "remote_addr"];
    const SETTINGS: [&str; 12] = [
        "ADMINS",
        "MANAGERS",
        "DEBUG",
        "LOGGING_CONFIG",
        "MAILERS",
        "EMAIL_BACKEND",
        "EMAIL_FILE_PATH",
        "EMAIL_SUBJECT_PREFIX",
        "EMAIL_HOST",
        "EMAIL_PORT",
        "EMAIL_TIMEOUT",
        "SERVER_EMAIL",
    ];
    let mode = case["mode"].as_str().unwrap_or_default();
    if !["python", "django"].contains(&mode) {
        return Some(format!("mode `{mode}`"));
    }
    if let Some(zone) = case["tz"].as_str().filter(|zone| TimeZone::get(zone).is_err()) {
        return Some(format!("time zone `{zone}`"));
    }
    let settings = case["settings"].as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    // Other settings have no effect on logging.
    let mut of_mail = settings.filter(|key| key.starts_with("EMAIL_"));
    if let Some(key) = of_mail.find(|key| !SETTINGS.contains(key)) {
        return Some(format!("setting `{key}`"));
    }
    events(case).find_map(|event| {
        let event = event.as_object()?;
        if !event.contains_key("logger") {
            let step = event.keys().next()?;
            return (!STEPS.contains(&step.as_str()) && step != "remove_file").then(|| format!("step `{step}`"));
        }
        let unknown =
            |of: &Map<String, Value>, known: &[&str]| of.keys().find(|key| !known.contains(&key.as_str())).cloned();
        let request = event.get("request").and_then(Value::as_object);
        unknown(event, &[&CALL[..], &["at"]].concat()).map(|part| format!("part `{part}` of a log call")).or_else(
            || request.and_then(|request| unknown(request, &REQUEST)).map(|part| format!("part `{part}` of a request")),
        )
    })
}

pub(super) fn events(case: &Value) -> impl Iterator<Item = &Value> {
    case["events"].as_array().into_iter().flatten()
}

/// The handlers of the configuration.
fn handlers(case: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    case["config"]["handlers"].as_object().into_iter().flatten().filter_map(|(_, handler)| handler.as_object())
}

fn is_given(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}
