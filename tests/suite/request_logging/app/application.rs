//! The server, its middleware, and the call of the view.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use opencensus::security::{AllowedHosts, AllowedHostsLayer};
use opencensus::{Failure, OpenCensusLayer, Telemetry};
use opencensus_logging::Logging;
use serde_json::{Value, json};

use super::exceptions::{exception, value_error};
use super::routes::route;
use super::{upload, views};

/// The state of the application.
#[derive(Clone)]
struct Shop {
    settings: Arc<Value>,
    logging: Logging,
    hosts: AllowedHosts,
}

/// Builds the application with the settings of a case.
pub(in crate::request_logging) fn app(settings: &Value, telemetry: Telemetry, logging: &Logging) -> Router {
    let defaults = json!(["testserver", "example.com"]);
    let allowed = settings.get("ALLOWED_HOSTS").unwrap_or(&defaults).as_array().cloned().unwrap_or_default();
    let hosts = AllowedHosts::new(allowed.iter().filter_map(Value::as_str)).with_debug(settings["DEBUG"] == true);
    let shop = Shop { settings: Arc::new(settings.clone()), logging: logging.clone(), hosts: hosts.clone() };
    // Django validates the host in a middleware, which a case may leave out.
    let is_common = shop.has_common_middleware();
    let router = Router::new().fallback(respond).with_state(shop);
    let hosts = AllowedHostsLayer::new(hosts).with_x_forwarded_host(settings["USE_X_FORWARDED_HOST"] == true);
    let router = if is_common { router.layer(hosts) } else { router };
    router.layer(OpenCensusLayer::new(telemetry))
}

impl Shop {
    fn middleware(&self) -> impl Iterator<Item = &str> {
        self.settings["MIDDLEWARE"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// Django's `CommonMiddleware`, which is there unless a case names others.
    fn has_common_middleware(&self) -> bool {
        self.settings.get("MIDDLEWARE").is_none() || self.middleware().any(|name| name == "common")
    }

    /// The response to a path of a view that lacks its last slash.
    fn with_slash(&self, request: &Request) -> Option<Result<Response, Failure>> {
        let path = request.uri().path();
        let appends = self.has_common_middleware() && self.settings["APPEND_SLASH"] != false;
        let path = Some(format!("{path}/")).filter(|path| appends && route(path).is_some())?;
        let method = request.method();
        let has_data = matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
        if has_data && self.settings["DEBUG"] == true {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            let message = format!(
                "You called this URL via {method}, but the URL doesn't end in a slash and you have APPEND_SLASH set. \
                 Django can't redirect to the slash URL while maintaining {method} data. Change your form to point to \
                 {host}{path} (note the trailing slash), or set APPEND_SLASH=False in your Django settings."
            );
            return Some(Err(exception("RuntimeError", &message).into()));
        }
        Some(Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, path)]).into_response()))
    }

    async fn view(&self, request: Request) -> Result<Response, Failure> {
        let path = request.uri().path().to_owned();
        let Some(view) = route(&path) else {
            return self.with_slash(&request).unwrap_or_else(|| Ok(Failure::not_found().into_response()));
        };
        match view.name {
            "body" => upload::body(&self.settings, request).await,
            "post" => upload::post(&self.settings, request).await,
            _ => views::call(&views::Site { logging: &self.logging, hosts: &self.hosts }, view, &request),
        }
    }
}

/// Calls the view below the middleware of the case.
async fn respond(State(shop): State<Shop>, request: Request) -> Result<Response, Failure> {
    let has = |name: &str| shop.middleware().any(|other| other == name);
    if has("raises") {
        return Err(value_error("middleware broke"));
    }
    let result = shop.view(request).await;
    if has("raises_after") {
        return Err(value_error("after view"));
    }
    match result {
        Err(_) if has("exception_to_response") => Ok((StatusCode::CONFLICT, "conflict").into_response()),
        result => result,
    }
}
