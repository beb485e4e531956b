//! The routes, and what every request must fulfil.

use std::net::IpAddr;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::ingest::{self, body::MAX_COMPRESSED};
use crate::store::Store;
use crate::{api, pages};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) connection_string: String,
}

// No frames, no scripts and no styles but our own; a tab's icon is empty.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/v2/track", post(ingest::track))
        .route("/v2.1/track", post(ingest::track))
        .nest("/api/v1", api::routes())
        .merge(pages::routes())
        .layer(DefaultBodyLimit::max(MAX_COMPRESSED))
        .layer(middleware::from_fn(check_host))
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .layer(header(CACHE_CONTROL, "no-store"))
        .with_state(app)
}

fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// A page of a stranger can make his name point to this machine and then ask as if from the same
/// site. So only the names of this machine are answered.
async fn check_host(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str));
    if host.is_some_and(is_this_machine) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "this portal answers to loopback addresses and localhost only").into_response()
    }
}

fn is_this_machine(host: &str) -> bool {
    let Ok(uri) = host.parse::<Uri>() else { return false };
    // No user name in front.
    let Some(authority) = uri.authority().filter(|authority| !authority.as_str().contains('@')) else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    // An address is no name that a stranger could make point here.
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1", "127.0.0.1:8787", "localhost:1", "LOCALHOST", "[::1]:80", "[::1]", "127.0.0.2:80"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "u@127.0.0.1", "128.0.0.1", "::1"]
        {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
