//! The routes of the pages and their assets.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::app_state::AppState;
use crate::pages::section::{AVAILABILITY, FAILURES, MAP, OVERVIEW, PERFORMANCE, REFUSED, SEARCH, SETTINGS};
use crate::pages::{
    availability, failures, faults, live_events, map, overview, performance, refused, search, settings, transaction,
};

/// The style sheets, joined: that of the frame first.
const STYLE: &str = concat!(
    include_str!("../assets/style.css"),
    include_str!("../assets/chart.css"),
    include_str!("../assets/faults.css"),
    include_str!("../assets/overview.css"),
    include_str!("../assets/transaction.css"),
    include_str!("../assets/map.css"),
    include_str!("../assets/failures.css"),
    include_str!("../assets/performance.css"),
    include_str!("../assets/search.css"),
    include_str!("../assets/availability.css")
);

const SETTINGS_SCRIPT: &str = include_str!("../assets/settings.js");
const TRANSACTION_SCRIPT: &str = include_str!("../assets/transaction.js");

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(OVERVIEW.path, get(overview::page))
        .route(MAP.path, get(map::page))
        .route(FAILURES.path, get(failures::page))
        .route(PERFORMANCE.path, get(performance::page))
        .route(SEARCH.path, get(search::page))
        .route(AVAILABILITY.path, get(availability::page))
        .route(REFUSED.path, get(refused::page))
        .route(SETTINGS.path, get(settings::page))
        .route("/transactions/", get(transaction::page_without_id))
        .route(settings::CLEAR_PATH, post(settings::clear))
        .route("/transactions/{operation_id}", get(transaction::page))
        .route("/transactions/{operation_id}/envelopes", get(transaction::transaction_envelopes))
        .route("/items/{id}", get(transaction::item_page))
        .route("/items/{id}/envelope", get(transaction::item_envelope))
        .route(faults::PATH, get(faults::page).post(faults::add))
        .route(faults::END_PATH, post(faults::end))
        .route("/live", get(live_events::stream))
        .route("/assets/style.css", get(|| async { asset("text/css", STYLE) }))
        .route("/assets/keys.js", get(|| async { asset("text/javascript", include_str!("../assets/keys.js")) }))
        .route("/assets/list.js", get(|| async { asset("text/javascript", include_str!("../assets/list.js")) }))
        .route("/assets/search.js", get(|| async { asset("text/javascript", include_str!("../assets/search.js")) }))
        .route("/assets/live.js", get(|| async { asset("text/javascript", include_str!("../assets/live.js")) }))
        .route("/assets/settings.js", get(|| async { asset("text/javascript", SETTINGS_SCRIPT) }))
        .route("/assets/transaction.js", get(|| async { asset("text/javascript", TRANSACTION_SCRIPT) }))
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text)
}
