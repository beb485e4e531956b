//! `/clear`: deletes items.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::api::error::ApiError;
use crate::api::parameters::Parameters;
use crate::app_state::AppState;

#[derive(Serialize)]
pub(super) struct ClearView {
    /// The number of deleted items.
    deleted: u64,
}

/// Deletes all items, or those of a `run`, or those that arrived `before` a time in microseconds since 1970.
pub(super) async fn clear(
    State(state): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<ClearView>, ApiError> {
    let (before, run) = (parameters.number("before", 0, i64::MAX)?, parameters.number("run", 1, i64::MAX)?);
    parameters.finish()?;
    Ok(Json(ClearView { deleted: state.store.clear(before, run).await? }))
}
