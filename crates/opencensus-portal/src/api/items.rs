//! The JSON API for tests and scripts, below `/api/v1`.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::server::App;
use crate::store::{Filter, Item, Kind, StoreError};

/// Most items of one answer.
pub(super) const MAX_ITEMS: usize = 1000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/items", get(items))
        .route("/items/{id}", get(item))
        .route("/count", get(count))
        .route("/wait", get(crate::api::wait::wait))
}

/// Which items one wants: `kind`, `q` (text), `name`, `code`, `operation_id`, `after` (a number),
/// `limit` (100, at most 1000).
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    kind: Option<Kind>,
    q: Option<String>,
    name: Option<String>,
    code: Option<String>,
    operation_id: Option<String>,
    after: Option<i64>,
    limit: Option<usize>,
}

impl Wanted {
    pub(super) fn filter(&self) -> Filter {
        let mut filter = Filter::default().with_text(self.q.as_deref().unwrap_or_default());
        if let Some(kind) = self.kind {
            filter = filter.of_kind(kind);
        }
        if let Some(name) = &self.name {
            filter = filter.named(name);
        }
        if let Some(code) = &self.code {
            filter = filter.with_code(code);
        }
        if let Some(operation_id) = &self.operation_id {
            filter = filter.of_operation(operation_id);
        }
        if let Some(after) = self.after {
            filter = filter.after(after);
        }
        filter
    }

    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(100).min(MAX_ITEMS)
    }
}

/// An item with its envelope as JSON instead of text.
#[derive(Serialize)]
pub(super) struct ItemView {
    #[serde(flatten)]
    item: Item,
    envelope: Box<RawValue>,
}

impl From<Item> for ItemView {
    fn from(mut item: Item) -> Self {
        let envelope =
            RawValue::from_string(std::mem::take(&mut item.raw)).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self { item, envelope }
    }
}

#[derive(Serialize)]
struct Items {
    items: Vec<ItemView>,
}

#[derive(Serialize)]
struct CountView {
    count: u64,
    /// What the items stand for, by their sample rates.
    weighted: f64,
}

async fn items(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Response, ApiError> {
    let items = app.store.items(wanted.filter(), wanted.limit()).await?;
    Ok(Json(Items { items: items.into_iter().map(Into::into).collect() }).into_response())
}

async fn item(State(app): State<App>, Path(id): Path<i64>) -> Result<Response, ApiError> {
    match app.store.item(id).await? {
        Some(item) => Ok(Json(ItemView::from(item)).into_response()),
        None => Err(ApiError::NotFound),
    }
}

async fn count(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<CountView>, ApiError> {
    let count = app.store.count(wanted.filter()).await?;
    Ok(Json(CountView { count: count.items, weighted: count.weight }))
}

pub(super) enum ApiError {
    NotFound,
    Store(StoreError),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "no such item").into_response(),
            Self::Store(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}
