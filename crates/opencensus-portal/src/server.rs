//! The routes of the portal, and the headers of every response.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::middleware;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::app_state::AppState;
use crate::cross_site::check_site;
use crate::faults::inject;
use crate::forbidden::API;
use crate::host::check_host;
use crate::remote_access::check_access;
use crate::write_protection::check_token;
use crate::{api, ingest, pages};

// Frames, scripts and styles come from the portal alone. `data:` allows the empty icon of the pages.
const CONTENT_POLICY: &str =
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

pub(crate) fn router(state: AppState) -> Router {
    let ingestion = ingest::routes().layer(middleware::from_fn_with_state(state.clone(), inject));
    let own = Router::new().nest(API, api::routes()).merge(pages::routes());
    let own = own.route_layer(middleware::from_fn_with_state(state.clone(), check_token));
    let own = own.route_layer(middleware::from_fn_with_state(state.clone(), check_access));
    Router::new()
        .merge(ingestion)
        .merge(own)
        .layer(DefaultBodyLimit::max(ingest::MAX_COMPRESSED))
        .layer(middleware::from_fn_with_state(state.clone(), check_site))
        .layer(middleware::from_fn_with_state(state.clone(), check_host))
        .layer(header(CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .layer(header(CACHE_CONTROL, "no-store"))
        .with_state(state)
}

fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
