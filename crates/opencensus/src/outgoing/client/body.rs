//! The body of the response of an outgoing call.

use std::fmt::{Debug, Display};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::{HeaderValue, Response};
use http_body::{Body, Frame, SizeHint};
use opencensus_core::{GrpcStatus, Outcome};
use pin_project_lite::pin_project;

use crate::middleware::grpc::GrpcCall;
use crate::outgoing::call::Call;
use crate::tower::response_head::HttpResponseHead;

pin_project! {
    /// Body that ends a call which takes longer than the head of its response.
    #[derive(Debug)]
    pub struct ClientBody<B> {
        #[pin]
        inner: B,
        // `None`: the call has ended.
        open: Option<Box<OpenCall>>,
    }

    impl<B> PinnedDrop for ClientBody<B> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(open) = this.project().open.take() {
                open.drop_body();
            }
        }
    }
}

/// A body that another layer makes by itself: no call ends with it.
impl<B: Default> Default for ClientBody<B> {
    fn default() -> Self {
        Self { inner: B::default(), open: None }
    }
}

/// A call whose response has begun.
#[derive(Debug)]
struct OpenCall {
    call: Call,
    status: u16,
    // `None`: a call of HTTP.
    grpc: Option<Box<GrpcCall>>,
}

impl<B: Body> ClientBody<B> {
    /// Ends the call with the response's head, or moves it into the body.
    pub(super) fn attach(response: Response<B>, call: Call, takes_body: bool) -> Response<Self> {
        if !call.is_recorded() {
            call.finish();
            return response.map(|inner| Self { inner, open: None });
        }
        let status = response.status().as_u16();
        let grpc = GrpcCall::of(&HttpResponseHead(&response));
        let has_status = grpc.as_ref().is_some_and(|grpc| grpc.status().is_some());
        let is_over = has_status || grpc.is_none() && !takes_body || response.body().is_end_stream();
        let open = OpenCall { call, status, grpc };
        let open = if is_over {
            open.end();
            None
        } else {
            Some(Box::new(open))
        };
        response.map(|inner| Self { inner, open })
    }
}

impl OpenCall {
    /// Ends the call with the complete response.
    fn end(mut self) {
        match self.grpc.take() {
            None => self.call.set_status(self.status),
            Some(mut grpc) => {
                grpc.end(Some(self.status), &Outcome::Completed);
                self.set_grpc_status(&grpc);
            }
        }
        self.call.finish();
    }

    /// Ends the call whose body is dropped: the caller needs no more of it. The status of a gRPC call is missing.
    fn drop_body(mut self) {
        if self.grpc.is_none() {
            self.call.set_status(self.status);
            self.call.finish();
        }
    }

    fn set_grpc_status(&mut self, grpc: &GrpcCall) {
        // The proxy's status, if the call did not reach the service.
        let Some(status) = grpc.status() else { return self.call.set_status(self.status) };
        let span = self.call.span();
        span.set_attribute("rpc.grpc.status_code", i64::from(status.code()));
        if status != GrpcStatus::OK {
            span.set_failed(grpc.reason());
        }
    }

    fn read<D: Buf>(&mut self, frame: &Frame<D>) {
        let Some(grpc) = &mut self.grpc else { return };
        if let Some(trailers) = frame.trailers_ref() {
            grpc.read_status(|name| trailers.get(name).map(HeaderValue::as_bytes));
        } else if let Some(data) = frame.data_ref().filter(|_| grpc.needs_data()) {
            grpc.read_data(data.chunk());
        }
    }

    fn fail<E: Display + Debug + 'static>(mut self, error: &E) {
        if self.grpc.is_none() {
            self.call.set_status(self.status);
        }
        self.call.fail(error);
    }
}

impl<B: Body<Error: Display + Debug + 'static>> Body for ClientBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.inner.as_mut().poll_frame(cx));
        let Some(open) = this.open else { return Poll::Ready(frame) };
        let is_over = match &frame {
            None | Some(Err(_)) => true,
            Some(Ok(frame)) => {
                open.read(frame);
                frame.is_trailers() || this.inner.is_end_stream()
            }
        };
        if is_over && let Some(open) = this.open.take() {
            match &frame {
                Some(Err(error)) => open.fail(error),
                _ => open.end(),
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
