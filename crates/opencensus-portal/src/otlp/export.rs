//! The handler of the three paths.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue, USER_AGENT};
use axum::response::Response;

use crate::app_state::AppState;
use crate::clock;
use crate::faults::Refusal;
use crate::ingest::body::{Body, BodyError, read_body};
use crate::ingest::refused_body;
use crate::otlp::encoding::Encoding;
use crate::otlp::fault::refuse_items;
use crate::otlp::message::{LogRecord, Metric, Span};
use crate::otlp::post::{Batch, read};
use crate::otlp::record::Record;
use crate::otlp::response::{exported, refused, unsupported};

/// Stores the accepted items of a request to a path that ends with `traces`, `logs` or `metrics`, and what it refused.
pub(crate) async fn export(State(state): State<AppState>, request: Request) -> Response {
    match request.uri().path().trim_end_matches('/').rsplit('/').next() {
        Some("logs") => export_records::<LogRecord>(&state, request).await,
        Some("metrics") => export_records::<Metric>(&state, request).await,
        _ => export_records::<Span>(&state, request).await,
    }
}

async fn export_records<R: Record>(state: &AppState, request: Request) -> Response {
    let Some(encoding) = Encoding::of(request.headers().get(CONTENT_TYPE)) else { return unsupported() };
    let client = request.headers().get(USER_AGENT).and_then(|client| client.to_str().ok()).map(str::to_owned);
    let fault = request.extensions().get::<Refusal>().copied();
    let body = match read_body(state, request).await {
        Ok(body) => body,
        Err(error) => return not_read(state, encoding, client.as_deref(), &error).await,
    };
    let read = tokio::task::spawn_blocking(move || (read_batch::<R>(&body, encoding, client.as_deref()), body)).await;
    match read {
        Ok((Ok(mut batch), _body)) => {
            if let Some(fault) = fault {
                refuse_items(&mut batch, fault);
            }
            store(state, encoding, batch, R::REJECTED).await
        }
        Ok((Err(malformed), _)) => refuse(state, encoding, StatusCode::BAD_REQUEST, malformed).await,
        Err(_) => refused(encoding, BodyError::Stopped.status(), BodyError::Stopped.to_string()),
    }
}

/// The error is a batch that has only the refusal of the body.
fn read_batch<R: Record>(body: &Body, encoding: Encoding, client: Option<&str>) -> Result<Batch, Batch> {
    read::<R>(body, encoding, client, clock::now()).map_err(|reason| {
        let text: &[u8] = if encoding == Encoding::Json { body } else { b"" };
        refusal(text, StatusCode::BAD_REQUEST, reason, client)
    })
}

fn refusal(body: &[u8], status: StatusCode, reason: String, client: Option<&str>) -> Batch {
    let refusal = refused_body(body, status.as_u16(), reason.clone(), client, clock::now());
    Batch { reasons: vec![reason], refusals: vec![refusal], ..Batch::default() }
}

async fn not_read(state: &AppState, encoding: Encoding, client: Option<&str>, error: &BodyError) -> Response {
    let batch = refusal(b"", error.status(), error.to_string(), client);
    let mut response = refuse(state, encoding, error.status(), batch).await;
    if let BodyError::UnsupportedEncoding(_) = error {
        response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, identity"));
    }
    response
}

/// Refuses a body as a whole. A store that is not available does not change the response: the client cannot repair it.
async fn refuse(state: &AppState, encoding: Encoding, status: StatusCode, batch: Batch) -> Response {
    let _ = state.store.insert_with_refusals(Vec::new(), batch.refusals).await;
    refused(encoding, status, batch.reasons.concat())
}

async fn store(state: &AppState, encoding: Encoding, batch: Batch, rejected_name: &str) -> Response {
    match state.store.insert_with_refusals(batch.items, batch.refusals).await {
        Ok(()) => exported(encoding, rejected_name, batch.rejected, &batch.reasons),
        Err(error) => refused(encoding, StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    }
}
