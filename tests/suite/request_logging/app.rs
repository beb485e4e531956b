//! The application of the HTTP cases, an axum server with views in Rust.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use opencensus::security::{AllowedHosts, AllowedHostsLayer};
use opencensus::{Failure, OpenCensusLayer, SuspiciousOperation, Telemetry};
use opencensus_logging::database::Statement;
use opencensus_logging::{Level, LoggedError, Logging};
use serde_json::{Value, json};

use test_support::exception::Exception;

/// The state of the views.
#[derive(Clone)]
struct Shop {
    settings: Arc<Value>,
    logging: Logging,
}

/// Builds the application with the settings of a case.
pub(super) fn app(settings: &Value, telemetry: Telemetry, logging: &Logging) -> Router {
    let shop = Shop { settings: Arc::new(settings.clone()), logging: logging.clone() };
    let router = Router::new().fallback(view).with_state(shop);
    let defaults = json!(["testserver", "example.com"]);
    let hosts = settings.get("ALLOWED_HOSTS").unwrap_or(&defaults).as_array().unwrap().clone();
    let hosts = AllowedHosts::new(hosts.iter().map(|host| host.as_str().unwrap()));
    let hosts = AllowedHostsLayer::new(hosts.with_debug(settings["DEBUG"] == true));
    // Django validates the host in a middleware, which a case may leave out.
    let validates = settings["MIDDLEWARE"] != json!([]);
    let router = if validates { router.layer(hosts) } else { router };
    router.layer(OpenCensusLayer::new(telemetry))
}

fn exception(type_name: &str, message: &str) -> Exception {
    Exception::from_vector(&json!({ "type": type_name, "message": message }))
}

fn value_error(message: &str) -> Failure {
    exception("ValueError", message).into()
}

/// Returns the value of a key in the query.
fn argument(request: &Request, key: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let value = query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))?;
    Some(value.replace("%0A", "\n").replace("%20", " "))
}

async fn view(State(shop): State<Shop>, request: Request) -> Result<Response, Failure> {
    if shop.settings["MIDDLEWARE"] == json!(["raises"]) {
        return Err(value_error("middleware broke"));
    }
    let path = request.uri().path().to_owned();
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    match &*parts {
        ["raise", name] => Err(raised(name, &argument(&request, "msg").unwrap_or_default())),
        ["status", code] => status(code, argument(&request, "reason")),
        ["stream503"] => Ok((StatusCode::SERVICE_UNAVAILABLE, Body::from("x")).into_response()),
        ["none"] => {
            Err(value_error("The view app.none_view didn't return an HttpResponse object. It returned None instead."))
        }
        ["asyncraise"] => Err(value_error("async boom")),
        ["rendererror"] => Err(exception("TemplateDoesNotExist", "no_such_template.html").into()),
        ["caughtlogged"] => {
            let error: Box<dyn std::error::Error + Send + Sync> = Box::new(exception("ValueError", "caught"));
            let logger = shop.logging.get_logger("app");
            logger.at(Level::ERROR).error(LoggedError::erased(error)).args([&*path]).log("handled %s");
            Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
        ["ownlog"] => {
            let logger = shop.logging.get_logger("app.views");
            logger.at(Level::WARNING).field("request", &*path).args([&*path]).log("from view %s");
            Ok("x".into_response())
        }
        ["sql"] => {
            Statement::new("SELECT 41 + 1", Duration::ZERO).with_params([41]).log(&shop.logging);
            Ok("42".into_response())
        }
        ["sqlerror"] => {
            Statement::new("SELECT * FROM nowhere", Duration::ZERO).log(&shop.logging);
            // The driver's exception, and Django's around it.
            let error = json!({ "type": "OperationalError", "message": "no such table: nowhere" });
            let mut around = error.clone();
            around["cause"] = error;
            Err(Exception::from_vector(&around).into())
        }
        ["redirect"] => redirect(&argument(&request, "to").unwrap_or_default()),
        ["cond"] => conditional(&request),
        ["body" | "post"] => upload(&shop, request).await,
        ["form" | "nohost"] => Ok("ok".into_response()),
        ["requireget"] => required(&request, &[Method::GET]),
        ["requirepost"] => required(&request, &[Method::POST]),
        ["requiresafe"] => required(&request, &[Method::GET, Method::HEAD]),
        ["requireputdelete"] => required(&request, &[Method::PUT, Method::DELETE]),
        _ => Err(Failure::not_found()),
    }
}

pub(super) const SUSPICIOUS: [&str; 13] = [
    "CustomSuspicious",
    "DisallowedHost",
    "DisallowedModelAdminLookup",
    "DisallowedModelAdminToField",
    "DisallowedRedirect",
    "InvalidSessionKey",
    "RequestDataTooBig",
    "SuspiciousFileOperation",
    "SuspiciousMultipartForm",
    "SuspiciousOperation",
    "SuspiciousSession",
    "TooManyFieldsSent",
    "TooManyFilesSent",
];

/// Converts an exception of Django to what a handler in Rust returns in the same case.
fn raised(name: &str, message: &str) -> Failure {
    // Django's exception keeps a list of messages.
    let listed = format!("['{message}']");
    let error = exception(name, if name == "ValidationError" { &listed } else { message });
    match name {
        "Http404" => Failure::not_found(),
        "PermissionDenied" | "CustomPermission" => Failure::permission_denied(error),
        "BadRequest" | "SessionInterrupted" => Failure::bad_request(error),
        "MultiPartParserError" => Failure::unreadable_body(error),
        name if SUSPICIOUS.contains(&name) => SuspiciousOperation::new(name.to_owned(), message.to_owned()).into(),
        _ => error.into(),
    }
}

fn status(code: &str, reason: Option<String>) -> Result<Response, Failure> {
    let status: StatusCode = code.parse().unwrap();
    match reason {
        Some(reason) => Err(Failure::of_status(status).with_value(reason)),
        None => Ok((status, "body").into_response()),
    }
}

fn redirect(to: &str) -> Result<Response, Failure> {
    match to.split_once(':') {
        Some((scheme, _)) if !["http", "https", "ftp"].contains(&scheme) => {
            let message = format!("Unsafe redirect to URL with protocol '{scheme}'");
            Err(SuspiciousOperation::new("DisallowedRedirect", message).into())
        }
        _ => Ok((StatusCode::FOUND, [(header::LOCATION, to.to_owned())]).into_response()),
    }
}

fn conditional(request: &Request) -> Result<Response, Failure> {
    let is_same = |name| request.headers().get(name).map(|value| value == "\"abc\"");
    match (is_same(header::IF_MATCH), is_same(header::IF_NONE_MATCH)) {
        (Some(false), _) => {
            Err(Failure::of_status(StatusCode::PRECONDITION_FAILED).with_template("Precondition Failed: %s"))
        }
        (_, Some(true)) => Ok(StatusCode::NOT_MODIFIED.into_response()),
        _ => Ok("x".into_response()),
    }
}

fn required(request: &Request, allowed: &[Method]) -> Result<Response, Failure> {
    if allowed.contains(request.method()) {
        return Ok("ok".into_response());
    }
    Err(Failure::method_not_allowed(request.method().as_str()))
}

/// Reads a body within the limits of the settings.
async fn upload(shop: &Shop, request: Request) -> Result<Response, Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let is_form = kind.is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let body: Bytes = axum::body::to_bytes(request.into_body(), usize::MAX)
        .await
        .map_err(|_| exception("UnreadablePostError", "client went away"))?;
    let limit = |name: &str| shop.settings[name].as_u64().unwrap_or(u64::MAX);
    if !is_form && body.len() as u64 > limit("DATA_UPLOAD_MAX_MEMORY_SIZE") {
        let message = "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.";
        return Err(SuspiciousOperation::new("RequestDataTooBig", message).into());
    }
    let text = String::from_utf8_lossy(&body);
    if is_form && !text.starts_with("--") {
        return Err(Failure::unreadable_body(exception("MultiPartParserError", "Invalid boundary in multipart: None")));
    }
    if text.matches("filename=").count() as u64 > limit("DATA_UPLOAD_MAX_NUMBER_FILES") {
        let message = "The number of files exceeded settings.DATA_UPLOAD_MAX_NUMBER_FILES.";
        return Err(SuspiciousOperation::new("TooManyFilesSent", message).into());
    }
    Ok(body.len().to_string().into_response())
}
