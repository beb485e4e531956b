//! Rejects requests for hosts that are not allowed.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::HOST;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::handler::{Failure, SuspiciousOperation};
use crate::security::AllowedHosts;

/// A [`Layer`], and with the feature `actix` a `Transform` of actix-web, that rejects requests for hosts that are not
/// allowed with the status 400. Place it inside [`OpenCensusLayer`](crate::OpenCensusLayer), which reports them to the
/// logger `opencensus.security.DisallowedHost`.
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
    /// Accepts requests for these hosts.
    #[must_use]
    pub fn new(hosts: AllowedHosts) -> Self {
        Self { hosts, trusts_forwarded: false }
    }

    /// Reads the host from `X-Forwarded-Host` if the request has that header: Django's `USE_X_FORWARDED_HOST`, for
    /// services behind a proxy that sets it. Default: `false`.
    #[must_use]
    pub fn with_x_forwarded_host(mut self, trusted: bool) -> Self {
        self.trusts_forwarded = trusted;
        self
    }

    /// Checks a request. `authority`: that of the target, which HTTP/2 has in place of the header. It goes before the header
    /// ([RFC 9112, section 3.2.2][target]), and a header that differs is refused, because a server behind or in front could
    /// use that one.
    ///
    /// [target]: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
    pub(crate) fn check<'a>(
        &self,
        header: impl Fn(&'static str) -> Option<&'a [u8]>,
        authority: Option<&'a str>,
    ) -> Result<(), SuspiciousOperation> {
        let forwarded = header("x-forwarded-host").filter(|_| self.trusts_forwarded);
        let (authority, host) = (authority.map(str::as_bytes), header(HOST.as_str()));
        if let (Some(authority), Some(host)) = (authority, host)
            && !is_same_host(authority, host)
        {
            self.hosts.check_contradiction(authority, host)?;
        }
        self.hosts.check(forwarded.or(authority).or(host).unwrap_or_default())
    }
}

/// Whether two hosts are equal, apart from letter case and the port of a scheme.
fn is_same_host(one: &[u8], other: &[u8]) -> bool {
    let without_port = |host: &[u8]| {
        let end = [&b":80"[..], b":443"].iter().find_map(|port| host.strip_suffix(*port)).unwrap_or(host).len();
        host[..end].to_ascii_lowercase()
    };
    one.eq_ignore_ascii_case(other) || without_port(one) == without_port(other)
}

/// The only line of a header. Several lines are invalid, because the proxy and this service could read different ones.
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
            Err(rejected) => Err(Ok(Failure::from(rejected).with_body(ResBody::default()))),
        })
    }
}

pin_project! {
    /// Future returned by [`AllowedHostsService`].
    #[derive(Debug)]
    pub struct AllowedHostsFuture<F, R> {
        #[pin]
        inner: Option<F>,
        // The response for a host that is not allowed.
        rejected: Option<R>,
    }
}

impl<F, R> AllowedHostsFuture<F, R> {
    pub(crate) fn new(inner: Result<F, R>) -> Self {
        match inner {
            Ok(inner) => Self { inner: Some(inner), rejected: None },
            Err(rejected) => Self { inner: None, rejected: Some(rejected) },
        }
    }
}

impl<F: Future<Output = R>, R> Future for AllowedHostsFuture<F, R> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let this = self.project();
        match (this.rejected.take(), this.inner.as_pin_mut()) {
            (Some(rejected), _) => Poll::Ready(rejected),
            (None, Some(inner)) => inner.poll(cx),
            // The future was polled again after the response.
            (None, None) => Poll::Pending,
        }
    }
}
