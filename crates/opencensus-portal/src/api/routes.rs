//! The routes below `/api/v1`.

use axum::Router;
use axum::routing::{get, post};

use crate::api::{certificate, export, import, items, transactions, wait};
use crate::app_state::AppState;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/certificate", get(certificate::certificate))
        .route("/healthz", get(|| async { "ok" }))
        .route("/items", get(items::items))
        .route("/items/{id}", get(items::item))
        .route("/count", get(items::count))
        .route("/transactions/{id}", get(transactions::transaction))
        .route("/export", get(export::export))
        .route("/import", post(import::import))
        .route("/wait", get(wait::wait))
}
