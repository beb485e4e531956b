//! Requires the portal's token for each request that may change something, besides telemetry.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::forbidden::forbidden;
use crate::multipart_token;
use crate::token::FIELD;

/// The header of the token, which scripts of other sites cannot add without permission.
const HEADER: HeaderName = HeaderName::from_static("x-portal-token");
/// The most bytes of a form.
const MAX_FORM: usize = 128 * 1024;

/// Responds 403 to requests other than GET, HEAD and OPTIONS without the token: in the header `X-Portal-Token`, in the
/// field `token` of a form, or in the first part `token` of a form with files.
pub(crate) async fn check_token(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    let (token, request) = match request.headers().get(&HEADER) {
        Some(token) => (Some(token.as_bytes().to_vec()), request),
        None => match token_of_form(request).await {
            Ok(found) => found,
            Err(status) => return status.into_response(),
        },
    };
    match token {
        Some(token) if state.token.matches(&token) => next.run(request).await,
        Some(_) => forbidden(&path, "the token is not that of this portal: reload the page, or read the token again"),
        None => forbidden(&path, "changes need the portal's token, in the header `X-Portal-Token` or in a form"),
    }
}

/// The token of a form, and the request with its whole body.
async fn token_of_form(request: Request) -> Result<(Option<Vec<u8>>, Request), StatusCode> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    let (parts, body) = request.into_parts();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let form = to_bytes(body, MAX_FORM).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
        let token = field(&form);
        Ok((token, Request::from_parts(parts, Body::from(form))))
    } else if kind.starts_with("multipart/form-data") {
        let (token, body) = multipart_token::peek(body).await.map_err(|_| StatusCode::BAD_REQUEST)?;
        Ok((token, Request::from_parts(parts, body)))
    } else {
        Ok((None, Request::from_parts(parts, body)))
    }
}

fn field(form: &Bytes) -> Option<Vec<u8>> {
    let mut pairs = form_urlencoded::parse(form);
    pairs.find(|(name, _)| name == FIELD).map(|(_, value)| value.into_owned().into_bytes())
}
