//! The routes below `/api/v1`.

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use crate::api::error::ApiError;
use crate::api::{certificate, clear, export, faults, import, items, runs, transactions, wait};
use crate::app_state::AppState;

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
        ("/runs", get(runs::runs)),
        ("/transactions/{id}", get(transactions::transaction)),
        ("/wait", get(wait::wait)),
    ]
}

pub(crate) fn routes() -> Router<AppState> {
    let routes = table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    routes.method_not_allowed_fallback(|| async { ApiError::Method }).fallback(|| async { ApiError::NotFound("path") })
}
