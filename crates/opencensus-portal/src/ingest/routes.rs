//! The paths of the ingestion endpoint.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use crate::app_state::AppState;
use crate::ingest::track::track;

/// The path that the SDKs for browsers post to.
pub(crate) const BROWSER_PATH: &str = "/v2/track";

const PATHS: [&str; 2] = [BROWSER_PATH, "/v2.1/track"];

/// The ingestion endpoint.
pub(crate) fn routes() -> Router<AppState> {
    PATHS.iter().fold(Router::new(), |router, path| router.route(path, post(track))).fallback(with_more_slashes)
}

/// The path without all but one of the slashes in front. OpenCensus for Python joins an endpoint that ends with a slash
/// and a path that begins with one.
pub(crate) fn with_one_slash(path: &str) -> &str {
    let rest = path.trim_start_matches('/');
    if rest.len() == path.len() { path } else { &path[path.len() - rest.len() - 1..] }
}

async fn with_more_slashes(state: State<AppState>, request: Request) -> Response {
    let is_endpoint = PATHS.contains(&with_one_slash(request.uri().path()));
    match *request.method() {
        Method::POST if is_endpoint => track(state, request).await,
        _ if is_endpoint => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_in_front_become_one() {
        for (path, one) in
            [("/", "/"), ("///v2/track", "/v2/track"), ("/v2//track", "/v2//track"), ("", ""), ("*", "*")]
        {
            assert_eq!(with_one_slash(path), one);
        }
    }
}
