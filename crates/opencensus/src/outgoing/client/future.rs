//! The future of an outgoing call.

use std::fmt::{Debug, Display};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use crate::outgoing::call::Call;
use crate::outgoing::client::body::ClientBody;

pin_project! {
    /// Future returned by [`ClientService`](crate::outgoing::ClientService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct ClientFuture<F> {
        #[pin]
        inner: F,
        // If it is dropped with the future, the call is cancelled.
        call: Call,
        takes_body: bool,
    }
}

impl<F> ClientFuture<F> {
    pub(super) fn new(inner: F, call: Call, takes_body: bool) -> Self {
        Self { inner, call, takes_body }
    }

    /// Polls the client's future as a part of the call, and returns the call at its end.
    pub(super) fn poll_call(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(F::Output, Call, bool)>
    where
        F: Future,
    {
        let this = self.project();
        let result = {
            let _entered = this.call.enter();
            ready!(this.inner.poll(cx))
        };
        Poll::Ready((result, std::mem::take(this.call), *this.takes_body))
    }
}

impl<F, B, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: Display + Debug + 'static,
{
    type Output = Result<Response<ClientBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (result, call, takes_body) = ready!(self.poll_call(cx));
        Poll::Ready(match result {
            Ok(response) => Ok(ClientBody::attach(response, call, takes_body)),
            Err(error) => {
                call.fail(&error);
                Err(error)
            }
        })
    }
}
