//! Receives and decompresses the body of a post, within bounds of size, time and number.

use std::ops::Deref;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;

use crate::app_state::AppState;
use crate::ingest::decompress::{DecompressError, decompress};
use crate::ingest::encoding::Encoding;
use crate::ingest::receive::{ReceiveError, receive};

/// A received body, decompressed. It holds its turns: large bodies that are received, and bodies that are read, are
/// bounded in number as long as each is kept until its items are stored.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: Bytes,
    _turns: [Option<OwnedSemaphorePermit>; 2],
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is larger than 8 MiB")]
    TooLargeCompressed,
    #[error("the body is incomplete")]
    Incomplete,
    #[error("the body is late")]
    Late,
    #[error("the content encoding `{0}` is not supported: use gzip, deflate or none")]
    UnsupportedEncoding(String),
    #[error("the body is not {0}")]
    Malformed(&'static str),
    #[error("the body is larger than 16 MiB after decompression")]
    TooLarge,
    #[error("the portal is being stopped")]
    Stopped,
}

impl BodyError {
    /// The status of the response.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::UnsupportedEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Malformed(_) | Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::TooLarge | Self::TooLargeCompressed => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<ReceiveError> for BodyError {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::TooLarge => Self::TooLargeCompressed,
            ReceiveError::Incomplete => Self::Incomplete,
            ReceiveError::Late => Self::Late,
        }
    }
}

impl From<DecompressError> for BodyError {
    fn from(error: DecompressError) -> Self {
        match error {
            DecompressError::Malformed(Encoding::Deflate) => Self::Malformed("deflate"),
            DecompressError::Malformed(_) => Self::Malformed("gzip"),
            DecompressError::TooLarge => Self::TooLarge,
        }
    }
}

/// Receives the body of a request and decompresses it. Keep the result until the items of the body are stored.
///
/// # Errors
///
/// The body is too large, late, incomplete, or its encoding is unknown or malformed.
pub(crate) async fn read_body(state: &AppState, request: Request) -> Result<Body, BodyError> {
    let encoding = Encoding::of(request.headers()).map_err(BodyError::UnsupportedEncoding)?;
    let (bytes, receive_turn) = receive(request.into_body(), &state.intake).await?;
    let read_turn = state.intake.read().await;
    let decompressed = tokio::task::spawn_blocking(move || decompress(bytes, encoding)).await;
    let bytes = decompressed.map_err(|_| BodyError::Stopped)??;
    Ok(Body { bytes, _turns: [receive_turn, read_turn] })
}
