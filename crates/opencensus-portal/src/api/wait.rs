//! `/wait`: waits for items.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::api::error::ApiError;
use crate::api::parameters::Parameters;
use crate::api::query::{self, MAX_ITEMS};
use crate::api::view::{ItemView, views};
use crate::app_state::AppState;
use crate::store::{Arrived, ItemGroup};

/// The longest wait, in seconds.
const MAX_WAIT: f64 = 60.0;
/// The most items to wait for.
const MAX_COUNT: i64 = 1_000_000;

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

/// Waits for `count` items (1 by default), for `timeout` seconds (5 by default, at most 60).
pub(super) async fn wait(
    State(state): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<WaitView>, ApiError> {
    let (filter, limit) = (query::filter(&mut parameters, state.store.run())?, query::limit(&mut parameters)?);
    let count = parameters.number("count", 0, MAX_COUNT)?.unwrap_or(1) as usize;
    let timeout = Duration::from_secs_f64(parameters.seconds("timeout", MAX_WAIT)?.unwrap_or(5.0));
    parameters.finish()?;
    let limit = count.max(limit).min(MAX_ITEMS);
    let (complete, items) = state.store.wait_for(filter.clone(), count, limit, timeout).await?;
    let arrived = if complete { None } else { Some(state.store.arrived(filter).await?) };
    let arrived =
        arrived.map(|Arrived { total, groups, near_misses }| ArrivedView { total, arrived: groups, near_misses });
    Ok(Json(WaitView { complete, items: views(items), arrived }))
}
