//! The handler of the ingestion endpoint.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT_ENCODING, HeaderValue, USER_AGENT};
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::clock;
use crate::faults::Refusal;
use crate::ingest::body::{BodyError, read_body};
use crate::ingest::fault::refuse_items;
use crate::ingest::post::{self, Post};
use crate::ingest::refused::refused_body;
use crate::ingest::response::IngestionResponse;

/// Stores the accepted items of a post, and what it refused.
pub(crate) async fn track(State(state): State<AppState>, request: Request) -> Response {
    let client = request.headers().get(USER_AGENT).and_then(|client| client.to_str().ok()).map(str::to_owned);
    let fault = request.extensions().get::<Refusal>().copied();
    let body = match read_body(&state, request).await {
        Ok(body) => body,
        Err(error) => return not_read(&state, client.as_deref(), &error).await,
    };
    let read = tokio::task::spawn_blocking(move || (post::read(&body, client.as_deref(), clock::now()), body)).await;
    match read {
        Ok((mut post, _body)) => {
            if let Some(fault) = fault {
                refuse_items(&mut post, fault);
            }
            store(&state, post).await
        }
        Err(_) => unavailable(BodyError::Stopped.to_string()),
    }
}

async fn not_read(state: &AppState, client: Option<&str>, error: &BodyError) -> Response {
    let (status, reason) = (error.status(), error.to_string());
    let refusal = refused_body(b"", status.as_u16(), reason.clone(), client, clock::now());
    let refused =
        Post { items: Vec::new(), refusals: vec![refusal], response: IngestionResponse::refused(status, reason) };
    let mut response = store(state, refused).await;
    if let BodyError::UnsupportedEncoding(_) = error {
        response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, identity"));
    }
    response
}

async fn store(state: &AppState, post: Post) -> Response {
    match state.store.insert_with_refusals(post.items, post.refusals).await {
        Ok(()) => post.response.into_response(),
        Err(error) => unavailable(error.to_string()),
    }
}

/// 503 makes the client keep the batch and retry.
fn unavailable(reason: impl Into<String>) -> Response {
    IngestionResponse::refused(StatusCode::SERVICE_UNAVAILABLE, reason).into_response()
}
