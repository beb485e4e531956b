//! Receives a body within bounds of size and time, without a turn as long as it is small.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use futures_util::StreamExt as _;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::ingest::decompress::MAX_COMPRESSED;
use crate::ingest::intake::Intake;

/// The longest time that a body may take to arrive, without the time that it waits for its turn.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes of a body that needs no turn. Clients that announce a body and send nothing keep no turn.
const SMALL: usize = 64 * 1024;

/// Why a body is not received.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ReceiveError {
    TooLarge,
    Incomplete,
    Late,
}

/// Receives a body. A large one has a turn, which is to be kept as long as the body.
pub(crate) async fn receive(
    body: Body,
    intake: &Intake,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), ReceiveError> {
    if body.size_hint().lower() > MAX_COMPRESSED as u64 {
        return Err(ReceiveError::TooLarge);
    }
    let (mut received, mut turn) = (Vec::new(), None);
    let mut deadline = Instant::now() + BODY_TIMEOUT;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = timeout_at(deadline, chunks.next()).await.map_err(|_| ReceiveError::Late)? {
        let chunk = chunk.map_err(|_| ReceiveError::Incomplete)?;
        let length = received.len() + chunk.len();
        if length > MAX_COMPRESSED {
            return Err(ReceiveError::TooLarge);
        }
        if length > SMALL && turn.is_none() {
            let start = Instant::now();
            turn = intake.body().await;
            deadline += start.elapsed();
        }
        received.extend_from_slice(&chunk);
    }
    Ok((received.into(), turn))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn body(chunks: impl IntoIterator<Item = Result<Vec<u8>, std::io::Error>>) -> Body {
        Body::from_stream(stream::iter(chunks.into_iter().collect::<Vec<_>>()))
    }

    #[tokio::test]
    async fn only_large_bodies_have_a_turn() {
        for (length, has_turn) in [(0, false), (SMALL, false), (SMALL + 1, true)] {
            let chunks = vec![b' '; length].chunks(1000).map(|chunk| Ok(chunk.to_vec())).collect::<Vec<_>>();
            let (received, turn) = receive(body(chunks), &Intake::default()).await.unwrap();
            assert_eq!((received.len(), turn.is_some()), (length, has_turn));
        }
    }

    #[tokio::test]
    async fn bodies_beyond_the_limit_are_refused_whether_or_not_they_announce_their_length() {
        let most = vec![b' '; MAX_COMPRESSED];
        let one_more = || vec![b' '; MAX_COMPRESSED + 1];
        assert_eq!(receive(most.clone().into(), &Intake::default()).await.unwrap().0.len(), MAX_COMPRESSED);
        for body in [Body::from(one_more()), body([Ok(one_more())]), body([Ok(most), Ok(vec![b' '])])] {
            assert_eq!(receive(body, &Intake::default()).await.unwrap_err(), ReceiveError::TooLarge);
        }
    }

    #[tokio::test]
    async fn broken_connection_is_an_error() {
        let broken = body([Ok(b"[".to_vec()), Err(std::io::Error::other("reset"))]);
        assert_eq!(receive(broken, &Intake::default()).await.unwrap_err(), ReceiveError::Incomplete);
    }
}
