//! The middleware that applies faults to ingestion posts.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::clock;
use crate::faults::fault::{Effect, Fault};
use crate::faults::response::{self, Protocol};
use crate::ingest::body::BodyError;
use crate::ingest::receive;

/// Applies the next fault to an ingestion post once its body has arrived. A fault affects exactly its
/// number of posts, whatever else arrives at the same time.
pub(crate) async fn inject(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let protocol = Protocol::of(request.uri().path(), request.headers());
    let Some(protocol) = protocol.filter(|_| request.method() == Method::POST && state.faults.is_active()) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let (body, turn) = match receive(body, &state.intake).await {
        Ok(received) => received,
        Err(error) => return BodyError::from(error).status().into_response(),
    };
    drop(turn);
    let fault = state.faults.take(clock::now(), parts.uri.path(), body.len());
    let Some(fault) = fault else { return next.run(Request::from_parts(parts, body.into())).await };
    match fault.effect {
        Effect::Status(status) => {
            wait(fault.delay, body).await;
            response::status(&fault, status, protocol)
        }
        Effect::Drop => {
            wait(fault.delay, body).await;
            response::dropped()
        }
        _ => {
            // The bytes of bodies that wait are bounded.
            let turn = state.faults.wait_turn(body.len()).await;
            tokio::time::sleep(fault.delay).await;
            drop(turn);
            pass(fault, Request::from_parts(parts, body.into()), next).await
        }
    }
}

/// Waits without keeping the body.
async fn wait(delay: Duration, body: Bytes) {
    drop(body);
    tokio::time::sleep(delay).await;
}

/// Lets the endpoint respond, and changes its response.
async fn pass(fault: Fault, mut request: Request, next: Next) -> Response {
    if let Effect::Refuse(refusal) = fault.effect {
        request.extensions_mut().insert(refusal);
    }
    let usual = next.run(request).await;
    let mut response = match fault.effect {
        Effect::Cut => response::cut(usual).await,
        Effect::Malformed => response::malformed(usual),
        Effect::Empty => response::empty(usual),
        _ => usual,
    };
    response::add_headers(&fault, response.headers_mut());
    response
}
