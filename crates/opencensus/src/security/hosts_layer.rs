//! Requests for hosts that are not allowed are answered at once.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::HOST;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::handler::Failure;
use crate::handler::SuspiciousOperation;
use crate::security::AllowedHosts;

/// A [`Layer`] that answers requests for hosts that are not allowed with 400, and tells the security logger
/// `opencensus.security.DisallowedHost`. It stands inside of [`OpenCensusLayer`](crate::OpenCensusLayer).
///
/// # Examples
///
/// ```
/// use axum::{Router, routing::get};
/// use opencensus::security::{AllowedHosts, AllowedHostsLayer};
/// use opencensus::OpenCensusLayer;
///
/// let (telemetry, _) = opencensus::Telemetry::in_memory();
/// let app: Router = Router::new()
///     .route("/", get(|| async { "home" }))
///     .layer(AllowedHostsLayer::new(AllowedHosts::new(["shop.example"])))
///     .layer(OpenCensusLayer::new(telemetry));
/// ```
#[derive(Clone, Debug)]
pub struct AllowedHostsLayer {
    hosts: AllowedHosts,
    trusts_forwarded: bool,
}

impl AllowedHostsLayer {
    /// Lets requests for these hosts pass.
    #[must_use]
    pub fn new(hosts: AllowedHosts) -> Self {
        Self { hosts, trusts_forwarded: false }
    }

    /// Whether `X-Forwarded-Host`, where it is there, says which host it is: Django's `USE_X_FORWARDED_HOST`, for
    /// services behind a proxy that sets it. Default: no.
    #[must_use]
    pub fn with_x_forwarded_host(mut self, trusted: bool) -> Self {
        self.trusts_forwarded = trusted;
        self
    }

    /// Whether the request may pass. `authority`: that of the target, which HTTP/2 has instead of a header.
    pub(crate) fn check<'a>(
        &self,
        header: impl Fn(&'static str) -> Option<&'a [u8]>,
        authority: Option<&'a str>,
    ) -> Result<(), SuspiciousOperation> {
        let forwarded = header("x-forwarded-host").filter(|_| self.trusts_forwarded);
        let host = forwarded.or_else(|| header(HOST.as_str())).or(authority.map(str::as_bytes));
        self.hosts.check(host.unwrap_or_default())
    }
}

/// The line of a header. Several are none that a host could be: one may be meant for the proxy, another for here.
pub(crate) fn single_line<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<&'a [u8]> {
    let first = lines.next()?;
    Some(if lines.next().is_some() { b"," } else { first })
}

impl<S> Layer<S> for AllowedHostsLayer {
    type Service = AllowedHostsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AllowedHostsService::new(inner, self.clone())
    }
}

/// [`Service`] made by [`AllowedHostsLayer`].
#[derive(Clone, Debug)]
pub struct AllowedHostsService<S> {
    inner: S,
    layer: AllowedHostsLayer,
}

impl<S> AllowedHostsService<S> {
    pub(crate) fn new(inner: S, layer: AllowedHostsLayer) -> Self {
        Self { inner, layer }
    }

    #[cfg(feature = "actix")]
    pub(crate) fn inner(&self) -> &S {
        &self.inner
    }

    #[cfg(feature = "actix")]
    pub(crate) fn rules(&self) -> &AllowedHostsLayer {
        &self.layer
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for AllowedHostsService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = AllowedHostsFuture<S::Future, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let header = |name| single_line(request.headers().get_all(name).iter().map(http::HeaderValue::as_bytes));
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        let checked = self.layer.check(header, authority);
        AllowedHostsFuture::new(match checked {
            Ok(()) => Ok(self.inner.call(request)),
            Err(refused) => Err(Ok(Failure::from(refused).with_body(ResBody::default()))),
        })
    }
}

pin_project! {
    /// Future returned by [`AllowedHostsService`].
    #[derive(Debug)]
    pub struct AllowedHostsFuture<F, R> {
        #[pin]
        inner: Option<F>,
        // Of a host that is not allowed.
        refused: Option<R>,
    }
}

impl<F, R> AllowedHostsFuture<F, R> {
    pub(crate) fn new(inner: Result<F, R>) -> Self {
        match inner {
            Ok(inner) => Self { inner: Some(inner), refused: None },
            Err(refused) => Self { inner: None, refused: Some(refused) },
        }
    }
}

impl<F: Future<Output = R>, R> Future for AllowedHostsFuture<F, R> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let this = self.project();
        match (this.refused.take(), this.inner.as_pin_mut()) {
            (Some(refused), _) => Poll::Ready(refused),
            (None, Some(inner)) => inner.poll(cx),
            // Somebody asks again after the answer.
            (None, None) => Poll::Pending,
        }
    }
}
