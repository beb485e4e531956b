//! A response body that is sent in chunks.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Sleep, sleep};

const CHUNKS: u32 = 4;
const CHUNK: &[u8] = b"chunk\n";
const EVENT: &[u8] = b"data: tick\n\n";
const PAUSE: Duration = Duration::from_millis(60);

/// Four chunks, 60 ms apart.
#[derive(Debug)]
pub(crate) struct Chunks {
    // `None`: the body has no end.
    left: Option<u32>,
    chunk: &'static [u8],
    pause: Pin<Box<Sleep>>,
}

impl Chunks {
    pub(crate) fn new() -> Self {
        Self { left: Some(CHUNKS), chunk: CHUNK, pause: Box::pin(sleep(Duration::ZERO)) }
    }

    /// Server-sent events without end, 60 ms apart.
    pub(crate) fn events() -> Self {
        Self { left: None, chunk: EVENT, ..Self::new() }
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        ready!(self.pause.as_mut().poll(cx));
        self.left = self.left.map(|left| left - 1);
        self.pause = Box::pin(sleep(PAUSE));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(self.chunk)))))
    }
}
