//! Reads the lines of the API's stream of items.

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::command::client_error::ClientError;
use crate::store::Item;

/// An item, as JSON and parsed.
pub(super) type ReceivedItem = (Box<RawValue>, Item);

/// What the next bytes of a stream contain.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) items: Vec<ReceivedItem>,
    /// The items that the portal deleted before it could send them.
    pub(super) dropped: u64,
}

#[derive(Deserialize)]
struct Dropped {
    dropped: u64,
}

/// An open stream.
pub(super) struct ItemStream {
    chunks: BodyDataStream,
    /// The start of a line whose end has not arrived.
    line: Vec<u8>,
}

impl ItemStream {
    pub(super) fn new(body: Body) -> Self {
        Self { chunks: body.into_data_stream(), line: Vec::new() }
    }

    /// Waits for the next lines.
    ///
    /// # Errors
    ///
    /// The stream ends, or a line is not that of an item.
    pub(super) async fn next(&mut self) -> Result<Received, ClientError> {
        loop {
            // A portal that stops ends the stream, or the connection in the middle of it.
            let Some(Ok(chunk)) = self.chunks.next().await else { return Err(ClientError::Ended) };
            self.line.extend_from_slice(&chunk);
            let Some(end) = self.line.iter().rposition(|byte| *byte == b'\n') else { continue };
            let rest = self.line.split_off(end + 1);
            let lines = std::mem::replace(&mut self.line, rest);
            let received = parse(&lines)?;
            if received.dropped > 0 || !received.items.is_empty() {
                return Ok(received);
            }
        }
    }
}

/// Parses complete lines. Empty ones keep the connection alive.
fn parse(lines: &[u8]) -> Result<Received, ClientError> {
    let mut received = Received::default();
    for line in lines.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        if let Ok(Dropped { dropped }) = serde_json::from_slice(line) {
            received.dropped += dropped;
            continue;
        }
        received.items.push((serde_json::from_slice(line)?, serde_json::from_slice(line)?));
    }
    Ok(received)
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn lines_are_read_across_chunks_and_the_end_is_an_error() {
        let json = serde_json::to_string(&Item::at(7)).unwrap();
        let text = format!("\n{json}\n\n{{\"dropped\":3}}\n{json}\n{json}");
        for size in [1, 50, 10_000] {
            let chunks: Vec<_> = text.as_bytes().chunks(size).map(|chunk| Ok::<_, io::Error>(chunk.to_vec())).collect();
            let mut stream = ItemStream::new(Body::from_stream(stream::iter(chunks)));
            let (mut ids, mut dropped) = (Vec::new(), 0);
            let error = loop {
                match stream.next().await {
                    Ok(received) => {
                        ids.extend(received.items.iter().map(|(json, item)| (json.get().len(), item.id)));
                        dropped += received.dropped;
                    }
                    Err(error) => break error,
                }
            };
            assert_eq!((ids, dropped), (vec![(json.len(), 7); 2], 3), "{size}");
            assert!(matches!(error, ClientError::Ended), "{error}");
        }
    }
}
