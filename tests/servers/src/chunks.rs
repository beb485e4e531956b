//! A body in chunks.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Sleep, sleep};

const CHUNKS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(60);

/// Four chunks, 60 ms apart.
#[derive(Debug)]
pub(crate) struct Chunks {
    left: u32,
    pause: Pin<Box<Sleep>>,
}

impl Chunks {
    pub(crate) fn new() -> Self {
        Self { left: CHUNKS, pause: Box::pin(sleep(Duration::ZERO)) }
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        ready!(self.pause.as_mut().poll(cx));
        self.left -= 1;
        self.pause = Box::pin(sleep(PAUSE));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"chunk\n")))))
    }
}
