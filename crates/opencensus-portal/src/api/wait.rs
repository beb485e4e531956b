//! `/wait`: waits for items.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use crate::api::error::ApiError;
use crate::api::query::{ItemQuery, MAX_ITEMS};
use crate::api::view::{ItemView, views};
use crate::app_state::AppState;
use crate::store::{Arrived, ItemGroup};

/// The longest wait, in seconds.
const MAX_WAIT: f64 = 60.0;

/// The number of items to wait for (1 by default), and the timeout in seconds (5 by default, at most 60).
#[derive(Debug, Deserialize)]
pub(super) struct WaitQuery {
    count: Option<usize>,
    timeout: Option<f64>,
}

#[derive(Serialize)]
pub(super) struct WaitView {
    /// Whether enough items arrived before the timeout.
    complete: bool,
    items: Vec<ItemView>,
    /// What arrived instead, if it is not complete.
    #[serde(flatten)]
    arrived: Option<ArrivedView>,
}

/// What the portal holds when a wait ends without enough items.
#[derive(Serialize)]
struct ArrivedView {
    /// The number of all items.
    total: u64,
    /// The largest groups of all items by kind, name and code, at most 20.
    arrived: Vec<ItemGroup>,
    /// Items that match all conditions but one, each as a sentence.
    near_misses: Vec<String>,
}

pub(super) async fn wait(
    State(state): State<AppState>,
    Query(query): Query<ItemQuery>,
    Query(wait): Query<WaitQuery>,
) -> Result<Json<WaitView>, ApiError> {
    let (count, seconds) = (wait.count.unwrap_or(1), wait.timeout.unwrap_or(5.0));
    // NaN and negative numbers become 0.
    let timeout = Duration::from_secs_f64(seconds.clamp(0.0, MAX_WAIT).max(0.0));
    let limit = count.max(query.limit()).min(MAX_ITEMS);
    let (complete, items) = state.store.wait_for(query.filter(state.store.run()), count, limit, timeout).await?;
    let arrived = if complete { None } else { Some(state.store.arrived(query.filter(state.store.run())).await?) };
    let arrived =
        arrived.map(|Arrived { total, groups, near_misses }| ArrivedView { total, arrived: groups, near_misses });
    Ok(Json(WaitView { complete, items: views(items), arrived }))
}
