//! Rules over the content of a case: which results differ on purpose, and what the application lacks.

use serde_json::Value;

use crate::request_logging::app::{RAISES, View, route};

/// Whether the case states no result.
pub(super) fn undecided(case: &Value) -> bool {
    let expected = &case["expected"];
    let counts = |key: &str| expected[key].as_array().map(Vec::len);
    counts("responses") != Some(requests(case).count()) || counts("records").is_none()
}

fn requests(case: &Value) -> impl Iterator<Item = &Value> {
    case["requests"].as_array().into_iter().flatten()
}

fn middleware(case: &Value) -> impl Iterator<Item = &str> {
    case["settings"]["MIDDLEWARE"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Why the result of a case differs on purpose.
pub(super) fn deliberate(case: &Value) -> Option<&'static str> {
    let settings = &case["settings"];
    let count = |key: &str| case["expected"][key].as_array().map_or(0, Vec::len);
    if requests(case).any(|request| request["broken_body"] == true) {
        return Some("a client that disconnects receives no response here, and its request is recorded as cancelled");
    }
    if settings["DEBUG_PROPAGATE_EXCEPTIONS"] == true {
        return Some("Rust's errors have nowhere to propagate to");
    }
    if middleware(case).any(|name| name == "unused") && settings["DEBUG"] == true {
        return Some("a layer cannot remove itself at start");
    }
    if middleware(case).any(|name| name == "raises_after") && count("records") > count("responses") {
        return Some("one response is one record: the response that was sent");
    }
    if settings["ROOT_URLCONF"] == "urls_bad_404" {
        return Some("a handler here builds the response itself, and its error is part of the record");
    }
    requests(case).filter_map(|request| request["raw"].as_str()).find_map(raw_difference)
}

/// Why the response to these bytes differs on purpose.
fn raw_difference(raw: &str) -> Option<&'static str> {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((raw, ""));
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let headers: Vec<_> = lines.map(|line| line.split_once(':')).collect();
    let parts: Vec<_> = first.split(' ').collect();
    let is_request = parts.len() == 3 && ["HTTP/1.0", "HTTP/1.1"].contains(&parts[2]);
    if !is_request || headers.contains(&None) || first.len() > 65_536 {
        return Some("hyper responds to malformed HTTP, and no layer is called");
    }
    if parts[1].bytes().any(|byte| byte.is_ascii_control() || !byte.is_ascii()) {
        return Some("hyper responds to control characters in a target, and no layer is called");
    }
    let header = |name: &str| {
        headers.iter().flatten().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    if header("host").is_none() {
        return Some("a missing host is refused: a server here does not know its own name");
    }
    let announced = header("content-length").and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > body.len()) {
        return Some("hyper's reader fails for a body that is cut short, so the view returns an error");
    }
    None
}

/// What the application lacks for the case, by its kind.
pub(super) fn missing(case: &Value) -> Option<String> {
    const CASE: [&str; 9] =
        ["name", "topic", "about", "kind", "settings", "driver", "debug_loggers", "requests", "expected"];
    missing_setting(case)
        .or_else(|| unknown(case, &CASE, "key"))
        .or_else(|| {
            let driver = case["driver"].as_str().filter(|driver| *driver != "server");
            driver.map(|driver| format!("driver `{driver}`"))
        })
        .or_else(|| {
            let expected = case["expected"]["responses"].as_array().into_iter().flatten();
            requests(case).zip(expected).find_map(|(request, response)| missing_for_request(case, request, response))
        })
}

/// The first key of an object that is not in the list, as a kind.
fn unknown(object: &Value, known: &[&str], kind: &str) -> Option<String> {
    let key = object.as_object()?.keys().find(|key| !known.contains(&&***key))?;
    Some(format!("{kind} `{key}`"))
}

fn missing_setting(case: &Value) -> Option<String> {
    const SETTINGS: [&str; 15] = [
        "ADMINS",
        "ALLOWED_HOSTS",
        "APPEND_SLASH",
        "DATA_UPLOAD_MAX_MEMORY_SIZE",
        "DATA_UPLOAD_MAX_NUMBER_FIELDS",
        "DATA_UPLOAD_MAX_NUMBER_FILES",
        "DEBUG",
        "DEBUG_PROPAGATE_EXCEPTIONS",
        "EMAIL_SUBJECT_PREFIX",
        "INTERNAL_IPS",
        "MANAGERS",
        "MIDDLEWARE",
        "ROOT_URLCONF",
        "SERVER_EMAIL",
        "USE_X_FORWARDED_HOST",
    ];
    const PARTS: [(&str, &str); 4] = [
        ("CSRF_", "Django's CSRF middleware"),
        ("DATABASE", "Django's ORM"),
        ("SESSION_", "Django's sessions"),
        ("TEMPLATE", "Django's templates"),
    ];
    let names = case["settings"].as_object().into_iter().flatten().map(|(name, _)| name);
    let part = names.filter_map(|name| PARTS.iter().find(|(prefix, _)| name.starts_with(prefix))).next();
    part.map(|(_, part)| (*part).to_owned()).or_else(|| missing_middleware(case)).or_else(|| {
        let urls = case["settings"]["ROOT_URLCONF"].as_str().filter(|urls| *urls != "urls_own_404");
        urls.map(|urls| format!("URL configuration `{urls}`"))
            .or_else(|| unknown(&case["settings"], &SETTINGS, "setting"))
    })
}

fn missing_middleware(case: &Value) -> Option<String> {
    middleware(case).find_map(|name| match name {
        "csrf" => Some("Django's CSRF middleware".to_owned()),
        "session" => Some("Django's sessions".to_owned()),
        "common" | "exception_to_response" | "raises" | "raises_after" | "unused" => None,
        name => Some(format!("middleware `{name}`")),
    })
}

fn missing_for_request(case: &Value, request: &Value, response: &Value) -> Option<String> {
    const REQUEST: [&str; 10] = [
        "path",
        "method",
        "headers",
        "body",
        "cookies",
        "raw",
        "content_type",
        "body_repeat",
        "close_after_send",
        "environ",
    ];
    let raised = response["raised"].is_string().then(|| "a response that raises".to_owned());
    raised
        .or_else(|| unknown(request, &REQUEST, "request key"))
        .or_else(|| unknown(&request["environ"], &["REMOTE_ADDR"], "variable of the environment"))
        .or_else(|| {
            let target = match (request["path"].as_str(), request["raw"].as_str()) {
                (Some(path), _) => path,
                (None, raw) => raw?.split(' ').nth(1)?,
            };
            missing_for_target(case, target, response)
        })
}

fn missing_for_target(case: &Value, target: &str, response: &Value) -> Option<String> {
    if !target.starts_with('/') {
        return Some("a target that is no path".to_owned());
    }
    let path = target.split('?').next().unwrap_or_default();
    match route(path) {
        Some(view) => missing_for_view(view),
        None if is_explained(case, path, response) => None,
        None => Some(format!("view `{path}`")),
    }
}

fn missing_for_view(view: View<'_>) -> Option<String> {
    match (view.name, view.argument) {
        ("oncommit", _) => Some("Django's ORM".to_owned()),
        ("session", _) => Some("Django's sessions".to_owned()),
        ("signal", _) => Some("Django's signals".to_owned()),
        ("template" | "templatebroken", _) => Some("Django's templates".to_owned()),
        ("raise", name) if !RAISES.contains(&name) => Some(format!("exception `{name}`")),
        ("status", code) if code.len() == 3 && code.starts_with('1') => Some("a final response of 1xx".to_owned()),
        _ => None,
    }
}

/// Whether a path without a view explains the response: not found, a missing slash, a refused host, a middleware.
fn is_explained(case: &Value, path: &str, response: &Value) -> bool {
    let status = super::compare::status_of(response);
    let records = case["expected"]["records"].as_array().into_iter().flatten();
    let is_host_refused = records.into_iter().any(|record| record["logger"] == "django.security.DisallowedHost");
    status == 404
        || route(&format!("{path}/")).is_some()
        || status == 400 && is_host_refused
        || middleware(case).any(|name| name.starts_with("raises"))
}
