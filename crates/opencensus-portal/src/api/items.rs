//! `/items`, `/items/{id}` and `/count`.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Serialize;

use crate::api::error::ApiError;
use crate::api::query::{ItemQuery, Order};
use crate::api::view::{ItemView, views};
use crate::app_state::AppState;

#[derive(Serialize)]
pub(super) struct ItemsView {
    items: Vec<ItemView>,
}

#[derive(Serialize)]
pub(super) struct CountView {
    count: u64,
    /// The number before sampling.
    weighted: f64,
}

pub(super) async fn items(
    State(state): State<AppState>,
    Query(query): Query<ItemQuery>,
) -> Result<Json<ItemsView>, ApiError> {
    let (filter, limit) = (query.filter(state.store.run()), query.limit());
    let items = match query.order {
        Order::Newest => state.store.items(filter, limit).await?,
        Order::Oldest => state.store.oldest(filter, limit).await?,
    };
    Ok(Json(ItemsView { items: views(items) }))
}

pub(super) async fn item(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<ItemView>, ApiError> {
    let item = state.store.item(id).await?.ok_or(ApiError::NotFound)?;
    Ok(Json(item.into()))
}

pub(super) async fn count(
    State(state): State<AppState>,
    Query(query): Query<ItemQuery>,
) -> Result<Json<CountView>, ApiError> {
    let count = state.store.count(query.filter(state.store.run())).await?;
    Ok(Json(CountView { count: count.items, weighted: count.weight }))
}
