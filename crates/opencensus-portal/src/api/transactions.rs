//! `/transactions/{id}`: all items of one operation.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use crate::api::error::ApiError;
use crate::api::view::{ItemView, views};
use crate::app_state::AppState;
use crate::store::{Filter, Item};
use crate::transaction::{MAX_ITEMS, Transaction};

#[derive(Serialize)]
pub(super) struct TransactionView {
    operation_id: String,
    /// Whether it is one tree.
    whole: bool,
    /// The portal's ids of the items whose parent was not received.
    orphans: Vec<i64>,
    /// The portal's ids of requests and calls whose span id came before.
    doubles: Vec<i64>,
    items: Vec<ItemView>,
}

pub(super) async fn transaction(
    State(state): State<AppState>,
    Path(operation_id): Path<String>,
) -> Result<Json<TransactionView>, ApiError> {
    let items = state.store.items(Filter::default().of_operation(&operation_id), MAX_ITEMS).await?;
    if items.is_empty() {
        return Err(ApiError::NotFound("transaction"));
    }
    let transaction = Transaction::new(operation_id, items);
    let whole = transaction.is_whole();
    let id = |item: &Item| item.id;
    let orphans = transaction.orphans().map(id).collect();
    let doubles = transaction.doubles().map(id).collect();
    let Transaction { operation_id, items } = transaction;
    Ok(Json(TransactionView { operation_id, whole, orphans, doubles, items: views(items) }))
}
