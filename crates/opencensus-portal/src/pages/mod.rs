//! The pages: made on the server, readable without script.

mod item;
mod json;
mod layout;
mod live_events;
mod request_list;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::server::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(request_list::page))
        .route("/items/{id}", get(item::page))
        .route("/live", get(live_events::stream))
        .route("/assets/style.css", get(|| async { asset("text/css", include_str!("../assets/style.css")) }))
        .route("/assets/live.js", get(|| async { asset("text/javascript", include_str!("../assets/live.js")) }))
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text)
}
