//! `/items`, `/items/{id}` and `/count`.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use crate::api::error::ApiError;
use crate::api::parameters::Parameters;
use crate::api::query::{self, Order};
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
    mut parameters: Parameters,
) -> Result<Json<ItemsView>, ApiError> {
    let filter = query::filter(&mut parameters, state.store.run())?;
    let (limit, order) = (query::limit(&mut parameters)?, query::order(&mut parameters)?);
    parameters.finish()?;
    let items = match order {
        Order::Newest => state.store.items(filter, limit).await?,
        Order::Oldest => state.store.oldest(filter, limit).await?,
    };
    Ok(Json(ItemsView { items: views(items) }))
}

pub(super) async fn item(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<ItemView>, ApiError> {
    let id = id.parse().map_err(|_| ApiError::parameter("id", "is the number of an item"))?;
    let item = state.store.item(id).await?.ok_or(ApiError::NotFound("item"))?;
    Ok(Json(item.into()))
}

pub(super) async fn count(
    State(state): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<CountView>, ApiError> {
    let filter = query::filter(&mut parameters, state.store.run())?;
    parameters.finish()?;
    let count = state.store.count(filter).await?;
    Ok(Json(CountView { count: count.items, weighted: count.weight }))
}
