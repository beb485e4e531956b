//! `/export`: streams the selected items.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::parameters::Parameters;
use crate::api::query;
use crate::app_state::AppState;
use crate::clock::now;
use crate::transfer::{self, Export, ExportFormat};

/// Streams the items that the parameters of `/items` select, except `limit` and `order`, oldest first.
pub(super) async fn export(State(state): State<AppState>, mut parameters: Parameters) -> Result<Response, ApiError> {
    let current = state.store.run();
    let format = format(&mut parameters)?;
    let run = query::run(&mut parameters.clone(), current)?;
    let filter = query::filter(&mut parameters, current)?;
    parameters.finish()?;
    let run = match run {
        Some(id) => state.store.runs().await?.into_iter().find(|run| run.id == id),
        None => None,
    };
    let stem = run.as_ref().map_or_else(|| "portal".to_owned(), |run| format!("portal-run-{}", run.id));
    let suffix = if format == ExportFormat::OtlpJson { "otlp.jsonl" } else { "jsonl" };
    let name = format!("attachment; filename=\"{stem}.{suffix}\"");
    let stream = transfer::export(state.store, Export { filter, format, run, now: now() });
    let headers = [(CONTENT_TYPE, "application/x-ndjson".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// Reads `format`, which is `jsonl` by default.
fn format(parameters: &mut Parameters) -> Result<ExportFormat, ApiError> {
    match parameters.text("format")?.as_deref() {
        None | Some("jsonl") => Ok(ExportFormat::Jsonl),
        Some("otlp-json") => Ok(ExportFormat::OtlpJson),
        Some(_) => Err(ApiError::parameter("format", "is `jsonl` or `otlp-json`")),
    }
}
