//! A [`ServiceRequest`] as the middleware reads it.

use std::cell::OnceCell;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::HttpMessage as _;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::http::uri::Authority;
use actix_web::http::{Method, Uri, Version};
use opencensus_core::current::RequestIdentity;
use opencensus_core::{Header, HttpVersion, RequestHead, RequestSpan};

use crate::actix::routes::{WorkerRoutes, route_of};
use crate::middleware::framework::{Framework, IncomingRequest};
use crate::middleware::header_index::{HeaderIndex, Headers, without_userinfo};
use crate::{PeerAddress, RequestScheme};

/// The framework actix-web.
#[derive(Debug)]
pub(super) enum Actix {}

impl Framework for Actix {
    type Head = OwnedHead;
    type Routes = WorkerRoutes;
}

impl IncomingRequest<Actix> for ServiceRequest {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn head(&self, scheme: Option<RequestScheme>) -> impl RequestHead {
        ActixHead::new(self, scheme)
    }

    fn headers(&self) -> impl Headers<'_> {
        self.headers()
    }

    fn owned_head(&self, scheme: Option<RequestScheme>) -> OwnedHead {
        let (method, uri, version) = (self.method().clone(), self.uri().clone(), self.version());
        OwnedHead { method, uri, version, peer: peer(self), scheme: known_scheme(self, scheme) }
    }

    // All services around a handler share one head.
    fn identity(&self) -> RequestIdentity {
        RequestIdentity::new(std::ptr::from_ref(self.request().head()).addr(), 0)
    }

    // The outer layer learns the route with the response.
    fn join_outer_span(&self) -> bool {
        self.extensions().contains::<Arc<RequestSpan>>()
    }

    fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.extensions_mut().insert(value);
    }
}

/// The method and the target of a [`ServiceRequest`].
#[derive(Debug)]
pub(super) struct OwnedHead {
    method: Method,
    uri: Uri,
    version: Version,
    peer: Option<SocketAddr>,
    scheme: Option<&'static str>,
}

impl RequestHead for OwnedHead {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        self.uri.path()
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    fn scheme(&self) -> Option<&str> {
        self.scheme.or_else(|| self.uri.scheme_str())
    }

    fn host(&self) -> Option<&[u8]> {
        self.uri.authority().map(|authority| without_userinfo(authority.as_str().as_bytes()))
    }

    fn route(&self) -> Option<&str> {
        None
    }

    fn user_agent(&self) -> Option<&[u8]> {
        None
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    fn version(&self) -> HttpVersion {
        version(self.version)
    }

    fn may_have(&self, _: Header) -> bool {
        false
    }

    fn header(&self, _: Header) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}

/// A [`ServiceRequest`], borrowed.
struct ActixHead<'a> {
    request: &'a ServiceRequest,
    // That of the settings.
    scheme: Option<RequestScheme>,
    index: HeaderIndex<'a>,
    // Looked up when a rule needs it. actix-web has not routed the request yet, so the path decides alone.
    route: OnceCell<Option<String>>,
}

impl<'a> ActixHead<'a> {
    fn new(request: &'a ServiceRequest, scheme: Option<RequestScheme>) -> Self {
        Self { request, scheme, index: HeaderIndex::of(request.headers()), route: OnceCell::new() }
    }
}

impl<'a> Headers<'a> for &'a HeaderMap {
    fn len(self) -> usize {
        HeaderMap::len(self)
    }

    #[inline(always)]
    fn for_each(self, mut each: impl FnMut(&'a str, &'a [u8])) {
        for (name, value) in self {
            each(name.as_str(), value.as_bytes());
        }
    }

    fn lines(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.get_all(name).map(HeaderValue::as_bytes)
    }
}

impl RequestHead for ActixHead<'_> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn path(&self) -> &str {
        self.request.uri().path()
    }

    fn query(&self) -> Option<&str> {
        self.request.uri().query()
    }

    fn scheme(&self) -> Option<&str> {
        known_scheme(self.request, self.scheme).or_else(|| self.request.uri().scheme_str())
    }

    fn host(&self) -> Option<&[u8]> {
        let authority = self.request.uri().authority().map(Authority::as_str);
        self.index.host(authority)
    }

    fn route(&self) -> Option<&str> {
        self.route.get_or_init(|| route_of(self.request.request())).as_deref()
    }

    /// `None`, although rules use the route of the path: guards may route the request elsewhere.
    fn known_route(&self) -> Option<&str> {
        None
    }

    fn user_agent(&self) -> Option<&[u8]> {
        self.index.user_agent.first()
    }

    fn peer(&self) -> Option<SocketAddr> {
        peer(self.request)
    }

    fn version(&self) -> HttpVersion {
        version(self.request.version())
    }

    #[inline]
    fn may_have(&self, name: Header) -> bool {
        self.index.may_have(name)
    }

    fn header(&self, name: Header) -> impl Iterator<Item = &[u8]> {
        self.index.lines(name, self.request.headers())
    }

    #[inline(always)]
    fn single_header(&self, name: Header) -> Option<&[u8]> {
        self.index.single(name, self.request.headers())
    }
}

/// The application's own word goes first.
fn peer(request: &ServiceRequest) -> Option<SocketAddr> {
    let own = request.extensions().get::<PeerAddress>().map(|peer| peer.0);
    own.or_else(|| request.peer_addr())
}

/// The scheme that the application, actix-web or the settings know.
fn known_scheme(request: &ServiceRequest, setting: Option<RequestScheme>) -> Option<&'static str> {
    let own = if RequestScheme::is_used() { request.extensions().get::<RequestScheme>().copied() } else { None };
    let secure = || request.app_config().secure().then_some("https");
    own.map(RequestScheme::as_str).or_else(secure).or(setting.map(RequestScheme::as_str))
}

fn version(version: Version) -> HttpVersion {
    match version {
        Version::HTTP_09 => HttpVersion::Http09,
        Version::HTTP_10 => HttpVersion::Http10,
        Version::HTTP_2 => HttpVersion::Http2,
        Version::HTTP_3 => HttpVersion::Http3,
        _ => HttpVersion::Http11,
    }
}
