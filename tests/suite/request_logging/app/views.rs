//! The views that read no body.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use opencensus::Failure;
use opencensus::core::request::percent_decode;
use opencensus::security::AllowedHosts;
use opencensus_logging::database::Statement;
use opencensus_logging::{Level, LoggedError, Logging};
use serde_json::json;

use super::exceptions::{Raised, exception, raised, suspicious, value_error};
use super::routes::View;
use test_support::exception::Exception;

/// What a view knows.
pub(super) struct Site<'a> {
    pub(super) logging: &'a Logging,
    pub(super) hosts: &'a AllowedHosts,
}

/// Calls the view. A `Failure` is an exception that the view raises.
pub(super) fn call(site: &Site<'_>, view: View<'_>, request: &Request) -> Result<Response, Failure> {
    let path = request.uri().path();
    match view.name {
        "raise" => Err(raised(view.argument, argument(request, "msg").as_deref())),
        "status" => status(view.argument, argument(request, "reason")),
        "stream503" => Ok((StatusCode::SERVICE_UNAVAILABLE, Body::from("x")).into_response()),
        "none" => {
            Err(value_error("The view app.none_view didn't return an HttpResponse object. It returned None instead."))
        }
        "asyncraise" => Err(value_error("async boom")),
        "sensitive404" => Err(Failure::not_found()),
        "rendererror" => Err(exception("TemplateDoesNotExist", "no_such_template.html").into()),
        "chained" => Err(chained("RuntimeError", "outer", "KeyError", "k")),
        "caught" => Ok((StatusCode::INTERNAL_SERVER_ERROR, "sorry").into_response()),
        "caughtlogged" => {
            let logger = site.logging.get_logger("app");
            logger
                .at(Level::ERROR)
                .error(LoggedError::erased(exception("ValueError", "caught")))
                .args([path])
                .log("handled %s");
            Ok((StatusCode::INTERNAL_SERVER_ERROR, "sorry").into_response())
        }
        "ownlog" => {
            let logger = site.logging.get_logger("app.views");
            logger.at(Level::WARNING).field("request", path).args([path]).log("from view %s");
            Ok("x".into_response())
        }
        "host" => host(site.hosts, request.headers()),
        "redirect" => redirect(argument(request, "to")),
        "cond" => Ok(conditional(request)),
        "sql" | "sqlerror" | "atomic" => database(site.logging, view.name),
        "form" | "nohost" | "slash" => Ok("ok".into_response()),
        name => Ok(for_methods(name, request.method())),
    }
}

/// Returns the last value of a key in the query.
fn argument(request: &Request, key: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let value = query.split('&').filter_map(|pair| pair.strip_prefix(key)?.strip_prefix('=')).next_back()?;
    Some(String::from_utf8_lossy(&percent_decode(&value.replace('+', " "))).into_owned())
}

/// An exception with the one that caused it.
fn chained(type_name: &str, message: &str, cause_type: &str, cause: &str) -> Failure {
    let cause = json!({ "type": cause_type, "message": cause });
    let error = Exception::from_vector(&json!({ "type": type_name, "message": message, "cause": cause }));
    let erased: Raised = Box::new(error);
    erased.into()
}

fn status(code: &str, reason: Option<String>) -> Result<Response, Failure> {
    let status = code.parse::<u16>().ok().filter(|code| (100..=599).contains(code));
    let status = status.and_then(|code| StatusCode::from_u16(code).ok());
    let Some(status) = status else {
        return Err(value_error("HTTP status code must be an integer from 100 to 599."));
    };
    match reason {
        Some(reason) if status.as_u16() >= 400 => Ok(Failure::of_status(status).with_value(reason).into_response()),
        _ => Ok((status, "body").into_response()),
    }
}

fn host(hosts: &AllowedHosts, headers: &HeaderMap) -> Result<Response, Failure> {
    let host = headers.get(header::HOST).map_or(&b""[..], |host| host.as_bytes());
    match hosts.check(host) {
        Ok(_) => Ok(host.to_vec().into_response()),
        Err(error) => Err(error.into()),
    }
}

fn redirect(to: Option<String>) -> Result<Response, Failure> {
    let Some(to) = to else { return Err(exception("MultiValueDictKeyError", "'to'").into()) };
    let is_scheme = |text: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_part)
    };
    let scheme = to.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).filter(|text| is_scheme(text));
    match scheme {
        Some(scheme) if !["http", "https", "ftp"].contains(&&*scheme) => {
            Err(suspicious("DisallowedRedirect", format!("Unsafe redirect to URL with protocol '{scheme}'")))
        }
        _ => Ok((StatusCode::FOUND, [(header::LOCATION, to.into_bytes())]).into_response()),
    }
}

fn conditional(request: &Request) -> Response {
    let etags = |name: HeaderName| {
        let text = request.headers().get(name)?.to_str().ok()?.to_owned();
        let etags: Vec<_> =
            text.split(',').map(|etag| etag.trim().to_owned()).filter(|etag| !etag.is_empty()).collect();
        Some(etags).filter(|etags| etags.iter().any(|etag| etag == "*" || etag.ends_with('"')))
    };
    let matches = |etags: &[String], is_weak: bool| {
        etags.iter().any(|etag| etag == "*" || etag == "\"abc\"" || is_weak && etag == "W/\"abc\"")
    };
    let failed = || Failure::of_status(StatusCode::PRECONDITION_FAILED).with_template("Precondition Failed: %s");
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if etags(header::IF_MATCH).is_some_and(|etags| !matches(&etags, false)) {
        return failed().into_response();
    }
    match etags(header::IF_NONE_MATCH).is_some_and(|etags| matches(&etags, true)) {
        true if is_read => StatusCode::NOT_MODIFIED.into_response(),
        true => failed().into_response(),
        false => "x".into_response(),
    }
}

/// The statements of a driver, and its exception with Django's around it.
fn database(logging: &Logging, view: &str) -> Result<Response, Failure> {
    let execute = |sql: &'static str| Statement::new(sql, Duration::ZERO);
    match view {
        "sql" => {
            execute("SELECT 41 + 1").with_params([41]).log(logging);
            Ok("42".into_response())
        }
        "atomic" => {
            for sql in ["BEGIN", "SELECT 1", "COMMIT"] {
                execute(sql).log(logging);
            }
            Ok("x".into_response())
        }
        _ => {
            execute("SELECT * FROM nowhere").log(logging);
            let message = "no such table: nowhere";
            Err(chained("OperationalError", message, "OperationalError", message))
        }
    }
}

/// The views that accept some methods alone.
fn for_methods(view: &str, method: &Method) -> Response {
    let allowed: &[&str] = match view {
        "requireget" => &["GET"],
        "requirepost" => &["POST"],
        "requiresafe" => &["GET", "HEAD"],
        "requireputdelete" => &["PUT", "DELETE"],
        "onlyget" => &["GET", "HEAD", "OPTIONS"],
        // `/gone/`, a redirect without a target.
        _ => &["GET", "HEAD", "POST", "OPTIONS", "DELETE", "PUT", "PATCH"],
    };
    if !allowed.contains(&method.as_str()) {
        return Failure::method_not_allowed(method.as_str()).into_response();
    }
    match view {
        "gone" => Failure::of_status(StatusCode::GONE).with_template("Gone: %s").into_response(),
        _ => "ok".into_response(),
    }
}
