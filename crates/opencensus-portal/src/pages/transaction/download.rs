//! Envelopes as received, to be saved.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::store::Filter;
use crate::transaction::MAX_ITEMS;

/// A JSON array of the envelopes of a transaction, which can be posted again.
pub(in crate::pages) async fn transaction_envelopes(
    State(state): State<AppState>,
    Path(operation_id): Path<String>,
) -> Result<Response, PageError> {
    let envelopes = state.store.envelopes(Filter::default().of_operation(&operation_id), MAX_ITEMS).await?;
    if envelopes.is_empty() {
        return Err(PageError::NotFound("no such transaction"));
    }
    let envelopes: Vec<_> = envelopes.into_iter().map(|(_, envelope)| envelope).collect();
    Ok(file(&format!("transaction-{operation_id}"), format!("[{}]\n", envelopes.join(",\n"))))
}

pub(in crate::pages) async fn item_envelope(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let item = state.store.item(id).await?.ok_or(PageError::NotFound("no such item"))?;
    Ok(file(&format!("item-{id}"), item.raw))
}

/// A response that is saved under a name, of which only letters, digits and dashes are kept.
fn file(name: &str, body: String) -> Response {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(80).collect();
    let disposition = format!("attachment; filename=\"{name}.json\"");
    ([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, disposition)], body).into_response()
}
