//! `/export`: streams the selected items.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::api::error::ApiError;
use crate::api::query::ItemQuery;
use crate::app_state::AppState;
use crate::clock::now;
use crate::transfer::{self, Export, ExportFormat};

/// `format` is `jsonl` (the default) or `otlp-json`.
#[derive(Debug, Deserialize)]
pub(super) struct ExportQuery {
    #[serde(default)]
    format: ExportFormat,
}

/// Streams the items that the parameters of `/items` select, except `limit` and `order`, oldest first.
pub(super) async fn export(
    State(state): State<AppState>,
    Query(query): Query<ItemQuery>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> Result<Response, ApiError> {
    let current = state.store.run();
    let run = match query.run_id(current) {
        Some(id) => state.store.runs().await?.into_iter().find(|run| run.id == id),
        None => None,
    };
    let name = match &run {
        Some(run) => format!("attachment; filename=\"portal-run-{}.jsonl\"", run.id),
        None => "attachment; filename=\"portal.jsonl\"".to_owned(),
    };
    let stream = transfer::export(state.store, Export { filter: query.filter(current), format, run, now: now() });
    let headers = [(CONTENT_TYPE, "application/x-ndjson".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(stream)).into_response())
}
