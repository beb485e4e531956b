//! `/items/{id}`: an item alone. One of an operation links to its transaction.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::frame::Frame;
use crate::pages::link;
use crate::pages::scope::Scope;
use crate::pages::section::SEARCH;
use crate::pages::transaction::address::{Address, Links};
use crate::pages::transaction::detail;
use crate::pages::transaction::not_found::item_not_found;
use crate::store::Item;

pub(in crate::pages) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let frame = Frame::load(&state, scope, Some(SEARCH)).await?;
    let item = match id.parse() {
        Ok(id) => state.store.item(id).await?,
        Err(_) => None,
    };
    let Some(item) = item else { return Ok(item_not_found(&frame, &id)) };
    let address = Address::default();
    let operation_id = item.operation_id.as_deref().unwrap_or_default();
    let links = Links { scope: frame.scope(), operation_id, address: &address };
    let content = html! {
        @if !operation_id.is_empty() {
            p { a href=(transaction(&item, operation_id, state.store.run(), frame.scope())) { "Show it in its transaction" } }
        }
        article.item { (detail::alone(&item, links)) }
        script src="/assets/transaction.js" defer {}
    };
    Ok(frame.page("Item", &content).into_response())
}

/// The address of the item's transaction, in the run that has the item.
fn transaction(item: &Item, operation_id: &str, current_run: i64, scope: &Scope) -> String {
    let mut scope = scope.clone();
    if scope.run != "all" {
        scope.run = if item.run == current_run { String::new() } else { item.run.to_string() };
    }
    scope.link(&link::transaction(operation_id), [("item", item.id.to_string().as_str())])
}
