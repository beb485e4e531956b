//! The layer for reqwest.

use std::borrow::Cow;
use std::fmt::{Debug, Display};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Extensions;
use http_body::Body as _;
use pin_project_lite::pin_project;
use reqwest::{Body, Request, Response, ResponseBuilderExt as _, Url};
use reqwest_middleware::{Middleware, Next};
use tower_service::Service;

use crate::outgoing::call::Call;
use crate::outgoing::call_head::{CallHead, CallName};
use crate::outgoing::client::body::ClientBody;
use crate::outgoing::client::future::ClientFuture;
use crate::outgoing::client::layer::{ClientLayer, ClientService, is_grpc};

/// A middleware of [`reqwest_middleware`]. Attach it after a middleware that retries, and each attempt is a call. The
/// extensions of a request may have a [`CallName`]. Redirects that reqwest follows by itself are a part of their call.
///
/// # Examples
///
/// ```no_run
/// use opencensus::{CallName, ClientLayer, Telemetry};
/// use reqwest_middleware::ClientBuilder;
///
/// # async fn stock(telemetry: Telemetry) -> Result<(), reqwest_middleware::Error> {
/// let client = ClientBuilder::new(reqwest::Client::new()).with(ClientLayer::new(telemetry)).build();
/// let request = client.get("http://stock.example/stock/7").with_extension(CallName::from("GET /stock/{id}"));
/// let stock = request.send().await?;
/// # Ok(())
/// # }
/// ```
impl Middleware for ClientLayer {
    fn handle<'a, 'b, 'c, 'f>(
        &'a self,
        mut request: Request,
        extensions: &'b mut Extensions,
        next: Next<'c>,
    ) -> Pin<Box<dyn Future<Output = reqwest_middleware::Result<Response>> + Send + 'f>>
    where
        Self: 'f,
        'a: 'f,
        'b: 'f,
        'c: 'f,
    {
        let mut call = begin(self, &mut request, || self.name(extensions));
        Box::pin(async move {
            match call.instrument(next.run(request, extensions)).await {
                Ok(response) => Ok(attach(response, call, self.takes_body())),
                Err(error) => {
                    call.fail_with_causes(&error);
                    Err(error)
                }
            }
        })
    }
}

impl<S> Service<Request> for ClientService<S>
where
    S: Service<Request, Response = Response, Error: Display + Debug + 'static>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ReqwestFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let call = begin(&self.layer, &mut request, || self.layer.name(&Extensions::new()));
        let future = {
            let _entered = call.enter();
            self.inner.call(request)
        };
        ReqwestFuture { inner: ClientFuture::new(future, call, self.layer.takes_body()) }
    }
}

pin_project! {
    /// Future of a call of reqwest, returned by [`ClientService`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct ReqwestFuture<F> {
        #[pin]
        inner: ClientFuture<F>,
    }
}

impl<F, E> Future for ReqwestFuture<F>
where
    F: Future<Output = Result<Response, E>>,
    E: Display + Debug + 'static,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (result, call, takes_body) = ready!(self.project().inner.poll_call(cx));
        Poll::Ready(match result {
            Ok(response) => Ok(attach(response, call, takes_body)),
            Err(error) => {
                fail(call, &error);
                Err(error)
            }
        })
    }
}

/// reqwest's own error shows its causes only through `Error`.
fn fail<E: Display + Debug + 'static>(call: Call, error: &E) {
    match (error as &dyn std::any::Any).downcast_ref::<reqwest::Error>() {
        Some(error) => call.fail_with_causes(error),
        None => call.fail(error),
    }
}

fn begin(layer: &ClientLayer, request: &mut Request, name: impl FnOnce() -> Option<CallName>) -> Call {
    let url = request.url();
    let head = CallHead {
        method: request.method().as_str(),
        authority: authority(url),
        path: url.path(),
        is_grpc: is_grpc(request.headers()),
    };
    let call = Call::begin(None, layer.tracer(), &head, name, || without_user(url));
    call.inject(request.headers_mut());
    call
}

fn authority(url: &Url) -> Option<Cow<'_, str>> {
    let host = url.host_str()?;
    Some(url.port().map_or(Cow::Borrowed(host), |port| Cow::Owned(format!("{host}:{port}"))))
}

fn without_user(url: &Url) -> String {
    let mut url = Cow::Borrowed(url);
    if !url.username().is_empty() || url.password().is_some() {
        // They can be removed from every URL that has them.
        let _ = url.to_mut().set_username("");
        let _ = url.to_mut().set_password(None);
    }
    url.as_str().to_owned()
}

/// Ends the call with the response's head, or with its body.
fn attach(response: Response, call: Call, takes_body: bool) -> Response {
    let is_grpc = is_grpc(response.headers());
    if !call.is_recorded() || !takes_body && !is_grpc {
        call.end(response.status().as_u16());
        return response;
    }
    let url = response.url().clone();
    let (mut parts, body) = ClientBody::attach(http::Response::<Body>::from(response), call, takes_body).into_parts();
    // reqwest keeps the URL in the extensions while the response is one of `http`.
    if let Ok(response) = http::Response::builder().url(url).body(()) {
        parts.extensions.extend(response.into_parts().0.extensions);
    }
    let body = if body.is_end_stream() { Body::default() } else { Body::wrap(body) };
    Response::from(http::Response::from_parts(parts, body))
}
