//! Waits for items, so that tests need not sleep.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::api::items::{ApiError, ItemView, MAX_ITEMS, Wanted};
use crate::server::App;
use crate::store::{Filter, Item, Store, StoreError};

/// Longest wait.
const MAX_WAIT: f64 = 60.0;

/// How long to wait for how much: `count` (1), `timeout` in seconds (5, at most 60); what, as in
/// `items`.
#[derive(Debug, Deserialize)]
pub(super) struct Patience {
    count: Option<usize>,
    timeout: Option<f64>,
}

#[derive(Serialize)]
pub(super) struct WaitView {
    /// Whether there were enough items before the time was over.
    complete: bool,
    items: Vec<ItemView>,
}

pub(super) async fn wait(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
    Query(patience): Query<Patience>,
) -> Result<Json<WaitView>, ApiError> {
    let (count, seconds) = (patience.count.unwrap_or(1), patience.timeout.unwrap_or(5.0));
    // NaN and negative times become 0.
    let timeout = Duration::from_secs_f64(seconds.clamp(0.0, MAX_WAIT).max(0.0));
    let limit = count.max(wanted.limit()).min(MAX_ITEMS);
    let (complete, items) = wait_for(&app.store, wanted.filter(), count, limit, timeout).await?;
    Ok(Json(WaitView { complete, items: items.into_iter().map(Into::into).collect() }))
}

/// Whether there were `count` items that the filter accepts before the time was over, and the newest of
/// them, `limit` at most.
pub(crate) async fn wait_for(
    store: &Store,
    filter: Filter,
    count: usize,
    limit: usize,
    timeout: Duration,
) -> Result<(bool, Vec<Item>), StoreError> {
    let deadline = Instant::now() + timeout;
    let mut newest = store.newest();
    loop {
        newest.mark_unchanged();
        let complete = store.count(filter.clone()).await?.items >= count as u64;
        if complete || timeout_at(deadline, newest.changed()).await.is_err() {
            return Ok((complete, store.items(filter, limit).await?));
        }
    }
}
