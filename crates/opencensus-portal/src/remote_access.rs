//! Protects pages and API of a portal that other machines can reach.

use axum::extract::{Request, State};
use axum::http::header::{HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::access::{Access, Decision};
use crate::app_state::AppState;
use crate::connection::Peer;
use crate::forbidden::forbidden;

/// The headers of proxies: behind one on this machine, every client seems to be local.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];
const REASON: &str =
    "pages and API need the access token in the address: ?access=… (the portal printed it at its start)";

/// Responds 403 to requests of other machines without the token. This machine needs none.
pub(crate) async fn check_access(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(access) = &state.access else { return next.run(request).await };
    let is_local = request.extensions().get::<Peer>().is_some_and(|peer| peer.is_local())
        && !FORWARDED.iter().any(|name| request.headers().contains_key(*name));
    match access.decide(is_local, request.uri(), request.headers()) {
        Decision::Allow => next.run(request).await,
        Decision::AllowAt(address) => match address.parse() {
            Ok(uri) => {
                *request.uri_mut() = uri;
                next.run(request).await
            }
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        },
        Decision::Redirect(address) => redirect(&address, access),
        Decision::Refuse => forbidden(request.uri().path(), REASON),
    }
}

fn redirect(address: &str, access: &Access) -> Response {
    let pair = |name: HeaderName, value: Option<HeaderValue>| value.map(|value| (name, value));
    let headers = [pair(LOCATION, HeaderValue::from_str(address).ok()), pair(SET_COOKIE, access.set_cookie())];
    (StatusCode::SEE_OTHER, HeaderMap::from_iter(headers.into_iter().flatten())).into_response()
}
