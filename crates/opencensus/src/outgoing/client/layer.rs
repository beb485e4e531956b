//! The layer for clients, and its service.

use std::fmt::{Debug, Display};
use std::task::{Context, Poll};

use http::uri::Authority;
use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use http_body::Body;
use opencensus_core::Tracer;
use tower_layer::Layer;
use tower_service::Service;

use crate::Telemetry;
use crate::outgoing::call::Call;
use crate::outgoing::call_head::{CallHead, CallName, url_of};
use crate::outgoing::client::body::ClientBody;
use crate::outgoing::client::future::ClientFuture;

/// Records the calls of an HTTP client as dependencies, and injects their headers: a [`Layer`] around any client that
/// is a tower service, such as hyper-util's legacy client and tonic's channel. With the feature `reqwest-middleware` it
/// is a middleware of reqwest-middleware, and a layer around `reqwest::Client`, too.
///
/// A call is named by its method and host, or by a [`CallName`] in the extensions of its request; a gRPC call by its
/// service and method. It fails with an error, from the status 400 (with any gRPC status but `OK`), and if its future
/// is dropped. It takes until the response's head; a gRPC call takes until its status. Put the layer inside of a layer
/// that retries or follows redirects, and each attempt is a call.
///
/// Below a request the calls follow its decision; outside of a request each call begins a trace, if the sampler keeps
/// it. Calls to [blacklisted hosts](crate::settings::TraceSettings::blacklist_hostnames) are neither recorded nor
/// propagated.
///
/// # Examples
///
/// ```
/// use opencensus::{CallName, ClientLayer, Telemetry};
/// use tower::{Service as _, ServiceBuilder, ServiceExt as _};
/// # use std::convert::Infallible;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = tower::service_fn(|_: http::Request<String>| async {
/// #     Ok::<_, Infallible>(http::Response::new(String::new()))
/// # });
/// let (telemetry, _) = Telemetry::in_memory();
/// // `client` is hyper_util::client::legacy::Client, for example.
/// let mut client = ServiceBuilder::new().layer(ClientLayer::new(telemetry)).service(client);
///
/// let mut request = http::Request::get("http://stock.example/stock/7").body(String::new())?;
/// request.extensions_mut().insert(CallName::from("GET /stock/{id}"));
/// let response = client.ready().await?.call(request).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ClientLayer {
    telemetry: Telemetry,
    name: Option<CallName>,
    target: Option<Authority>,
    until_last_byte: bool,
}

/// [`Service`] made by [`ClientLayer`].
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    pub(super) inner: S,
    pub(super) layer: ClientLayer,
}

impl ClientLayer {
    /// Records into this telemetry's pipeline what no request makes; calls below a request go where the request goes.
    #[must_use]
    pub fn new(telemetry: Telemetry) -> Self {
        Self { telemetry, name: None, target: None, until_last_byte: false }
    }

    /// Names all calls, unless their requests have a [`CallName`]. Default: the method and the host.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<CallName>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the host and the port of calls whose URI has none, as those of tonic. Default: none; then the target of a
    /// gRPC call is `grpc`, and blacklisted hosts cannot be recognized.
    #[must_use]
    pub fn with_target(mut self, target: Authority) -> Self {
        self.target = Some(target);
        self
    }

    /// Whether a call takes until the last byte of its response. Then it fails if the body does; a body that is dropped
    /// early ends it. Default: false, until the head.
    #[must_use]
    pub fn until_last_byte(mut self, until_last_byte: bool) -> Self {
        self.until_last_byte = until_last_byte;
        self
    }

    pub(super) fn takes_body(&self) -> bool {
        self.until_last_byte
    }

    pub(super) fn tracer(&self) -> Option<&Tracer> {
        self.telemetry.tracer()
    }

    /// The name of a call whose request has these extensions.
    pub(super) fn name(&self, extensions: &http::Extensions) -> Option<CallName> {
        extensions.get().or(self.name.as_ref()).cloned()
    }

    fn begin<B>(&self, request: &mut Request<B>) -> Call {
        let uri = request.uri();
        let is_grpc = is_grpc(request.headers());
        let head = CallHead::of_uri(request.method().as_str(), uri, self.target.as_ref(), is_grpc);
        let call = Call::begin(None, self.tracer(), &head, || self.name(request.extensions()), || url_of(uri));
        call.inject(request.headers_mut());
        call
    }
}

/// Whether a request is a call of gRPC.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientService { inner, layer: self.clone() }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ClientService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>, Error: Display + Debug + 'static>,
    ResBody: Body,
{
    type Response = Response<ClientBody<ResBody>>;
    type Error = S::Error;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let call = self.layer.begin(&mut request);
        let future = {
            let _entered = call.enter();
            self.inner.call(request)
        };
        ClientFuture::new(future, call, self.layer.takes_body())
    }
}
