//! The routes below `/api/v1`.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post};

use crate::api::error::ApiError;
use crate::api::{certificate, clear, export, faults, import, items, runs, stream, transactions, wait};
use crate::app_state::AppState;

const OPENAPI: &str = include_str!("openapi.json");

/// The paths, each of which `openapi.json` describes.
fn table() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/certificate", get(certificate::certificate)),
        ("/clear", post(clear::clear)),
        ("/count", get(items::count)),
        ("/export", get(export::export)),
        ("/faults", get(faults::faults).post(faults::add).delete(faults::end)),
        ("/healthz", get(|| async { "ok" })),
        ("/import", post(import::import)),
        ("/items", get(items::items)),
        ("/items/{id}", get(items::item)),
        ("/openapi.json", get(openapi)),
        ("/runs", get(runs::runs)),
        ("/stream", get(stream::stream)),
        ("/transactions/{id}", get(transactions::transaction)),
        ("/wait", get(wait::wait)),
    ]
}

pub(crate) fn routes() -> Router<AppState> {
    let routes = table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    routes.method_not_allowed_fallback(|| async { ApiError::Method }).fallback(|| async { ApiError::NotFound("path") })
}

/// The description of the API.
async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;
    use test_support::client::raw;

    use super::*;
    use crate::portal::Portal;

    /// The methods of each path, as the router names them in its response to another method.
    #[tokio::test]
    async fn each_route_is_described_and_each_description_is_a_route() {
        let portal = Portal::start().unwrap();
        let mut routes = BTreeMap::new();
        for (path, _) in table() {
            let request = format!(
                "PATCH /api/v1{} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nx-portal-token: {}\r\n\r\n",
                path.replace("{id}", "1"),
                portal.address(),
                portal.token()
            );
            let response = raw(portal.address(), &request).await;
            assert!(response.starts_with("HTTP/1.1 405"), "{path}: {response}");
            let allowed = response.lines().find_map(|line| line.strip_prefix("allow: ")).unwrap_or_default();
            let mut methods: Vec<_> =
                allowed.split(',').filter(|method| *method != "HEAD").map(str::to_lowercase).collect();
            methods.sort();
            routes.insert(path.to_owned(), methods);
        }
        let description: Value = serde_json::from_str(OPENAPI).unwrap();
        let described: BTreeMap<_, _> = description["paths"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, methods)| {
                let mut methods: Vec<_> = methods.as_object().unwrap().keys().cloned().collect();
                methods.sort();
                (path.clone(), methods)
            })
            .collect();
        assert_eq!(routes, described);
    }

    #[test]
    fn changes_are_described_as_protected_and_the_rest_is_not() {
        let description: Value = serde_json::from_str(OPENAPI).unwrap();
        for (path, methods) in description["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                assert_eq!(operation.get("security").is_some(), method != "get", "{method} {path}");
                assert!(operation["responses"].get("403").is_some(), "{method} {path}");
            }
        }
    }
}
