//! `/runs`: the runs of the database.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::api::error::ApiError;
use crate::app_state::AppState;
use crate::store::Run;

#[derive(Serialize)]
pub(super) struct RunsView {
    /// The id of the run that goes on.
    current: i64,
    runs: Vec<Run>,
}

pub(super) async fn runs(State(state): State<AppState>) -> Result<Json<RunsView>, ApiError> {
    Ok(Json(RunsView { current: state.store.run(), runs: state.store.runs().await? }))
}
