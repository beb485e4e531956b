//! An [`http::Request`] as the middleware reads it.

use std::cell::OnceCell;
use std::net::SocketAddr;
use std::sync::Arc;

use http::uri::{Authority, PathAndQuery};
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri, Version};
use opencensus_core::current::RequestIdentity;
use opencensus_core::{Header, HttpVersion, RequestHead, RequestSpan};

use crate::middleware::SharedFormData;
use crate::middleware::framework::{Framework, IncomingRequest};
use crate::middleware::header_index::{HeaderIndex, Headers, without_userinfo};
#[cfg(feature = "axum")]
use crate::tower::nested_route::nested_route;
use crate::tower::peer_address::PeerAddress;
use crate::tower::request_scheme::RequestScheme;

/// The frameworks whose services take an [`http::Request`].
#[derive(Debug)]
pub(super) enum Tower {}

impl Framework for Tower {
    type Head = OwnedHead;
    // axum names the route before the handler; elsewhere the handler does.
    type Routes = ();
}

impl<B> IncomingRequest<Tower> for Request<B> {
    #[inline]
    fn method(&self) -> &str {
        self.method().as_str()
    }

    // The borrowed head is large: a call would copy it.
    #[inline(always)]
    fn head(&self, scheme: Option<RequestScheme>) -> impl RequestHead {
        HttpHead::new(self, scheme)
    }

    fn headers(&self) -> impl Headers<'_> {
        self.headers()
    }

    fn owned_head(&self, scheme: Option<RequestScheme>) -> OwnedHead {
        let uri = original_uri(self.extensions()).unwrap_or(self.uri()).clone();
        let (route, peer) = (owned_matched_path(self.extensions()), peer(self.extensions()));
        let scheme = connection_scheme(self.extensions()).or(scheme);
        OwnedHead { method: self.method().clone(), uri, version: self.version(), route, peer, scheme }
    }

    #[inline]
    fn identity(&self) -> RequestIdentity {
        let headers = self.headers().values().next().map_or(0, |value| std::ptr::from_ref(value).addr());
        RequestIdentity::new(headers, target(self.uri()))
    }

    fn original_identity(&self) -> RequestIdentity {
        let uri = original_uri(self.extensions()).unwrap_or(self.uri());
        RequestIdentity::new(0, target(uri))
    }

    // A request that is not recorded has no extension: the table of extensions usually grows with the next
    // entry, which costs more than all other work for such a request.
    #[inline(always)]
    fn join_outer_span(&self) -> bool {
        let span = self.extensions().get::<Arc<RequestSpan>>();
        span.inspect(|span| set_matched_route(span, self.extensions())).is_some()
    }

    fn pass_route(&self) {
        pass_route(self.extensions());
    }

    #[inline]
    fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.extensions_mut().insert(value);
    }
}

/// Sets the route that was matched after the outer layer.
#[cold]
fn set_matched_route(span: &RequestSpan, extensions: &Extensions) {
    if let Some(route) = matched_path(extensions) {
        span.set_route(route.to_owned());
    } else if let Some(route) = nested_route(extensions) {
        span.set_route(route);
    }
}

/// The address of path and query.
#[inline]
fn target(uri: &Uri) -> usize {
    let target = uri.path_and_query().map(PathAndQuery::as_str);
    // All `/` are one static text.
    target.filter(|target| target.len() > 1).map_or(0, |target| target.as_ptr().addr())
}

/// The method and the target of an [`http::Request`].
#[derive(Debug)]
pub(super) struct OwnedHead {
    method: Method,
    uri: Uri,
    version: Version,
    route: Option<MatchedPath>,
    peer: Option<SocketAddr>,
    scheme: Option<RequestScheme>,
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
        self.scheme.map(RequestScheme::as_str).or_else(|| self.uri.scheme_str())
    }

    fn host(&self) -> Option<&[u8]> {
        self.uri.authority().map(|authority| without_userinfo(authority.as_str().as_bytes()))
    }

    fn route(&self) -> Option<&str> {
        self.route.as_ref().map(MatchedPath::as_str)
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

/// An [`http::Request`], borrowed.
struct HttpHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    version: Version,
    headers: &'a HeaderMap,
    index: HeaderIndex<'a>,
    extensions: &'a Extensions,
    // That of the settings.
    scheme: Option<RequestScheme>,
    // A router has handled the request.
    is_routed: bool,
    // The route that the router does not name.
    nested_route: OnceCell<Option<String>>,
}

impl<'a> HttpHead<'a> {
    #[inline(always)]
    fn new<B>(request: &'a Request<B>, scheme: Option<RequestScheme>) -> Self {
        let original_uri = original_uri(request.extensions());
        Self {
            method: request.method(),
            uri: original_uri.unwrap_or(request.uri()),
            version: request.version(),
            headers: request.headers(),
            index: HeaderIndex::of(request.headers()),
            extensions: request.extensions(),
            scheme,
            is_routed: original_uri.is_some(),
            nested_route: OnceCell::new(),
        }
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
        self.get_all(name).iter().map(HeaderValue::as_bytes)
    }
}

impl RequestHead for HttpHead<'_> {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        self.uri.path()
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    #[inline]
    fn scheme(&self) -> Option<&str> {
        let known = connection_scheme(self.extensions).or(self.scheme);
        known.map(RequestScheme::as_str).or_else(|| self.uri.scheme_str())
    }

    fn host(&self) -> Option<&[u8]> {
        let authority = self.uri.authority().map(Authority::as_str);
        self.index.host(authority)
    }

    #[inline]
    fn route(&self) -> Option<&str> {
        let matched = matched_path(self.extensions);
        if matched.is_some() || !self.is_routed { matched } else { self.nested_route() }
    }

    fn user_agent(&self) -> Option<&[u8]> {
        self.index.user_agent.first()
    }

    fn peer(&self) -> Option<SocketAddr> {
        peer(self.extensions)
    }

    fn version(&self) -> HttpVersion {
        version(self.version)
    }

    #[inline]
    fn may_have(&self, name: Header) -> bool {
        self.index.may_have(name)
    }

    fn header(&self, name: Header) -> impl Iterator<Item = &[u8]> {
        self.index.lines(name, self.headers)
    }

    #[inline(always)]
    fn single_header(&self, name: Header) -> Option<&[u8]> {
        self.index.single(name, self.headers)
    }
}

impl HttpHead<'_> {
    #[cold]
    fn nested_route(&self) -> Option<&str> {
        self.nested_route.get_or_init(|| nested_route(self.extensions)).as_deref()
    }
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

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    // The application's own word goes first.
    let own = extensions.get::<PeerAddress>().map(|peer| peer.0);
    own.or_else(|| connect_info(extensions)).or_else(|| tcp_connect_info(extensions))
}

/// The scheme of the connection, if the server knows it.
#[inline]
fn connection_scheme(extensions: &Extensions) -> Option<RequestScheme> {
    if RequestScheme::is_used() { extensions.get::<RequestScheme>().copied() } else { None }
}

/// The target before a router removed its prefix. The types of this extension, of the matched path and of the
/// peer are in axum: axum-core does not have them.
#[cfg(feature = "axum")]
fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<axum::extract::OriginalUri>().map(|uri| &uri.0)
}

/// Passes the route to the outer layer, for reports of a request that is not recorded.
#[cold]
fn pass_route(extensions: &Extensions) {
    let Some(form_data) = extensions.get::<SharedFormData>() else { return };
    if let Some(route) = matched_path(extensions) {
        form_data.set_route(route);
    } else if let Some(route) = nested_route(extensions) {
        form_data.set_route(&route);
    }
}

#[cfg(feature = "axum")]
use axum::extract::MatchedPath;

/// Without axum, nothing matches a path.
#[cfg(not(feature = "axum"))]
#[derive(Debug)]
enum MatchedPath {}

#[cfg(not(feature = "axum"))]
impl MatchedPath {
    fn as_str(&self) -> &str {
        match *self {}
    }
}

#[cfg(feature = "axum")]
fn matched_path(extensions: &Extensions) -> Option<&str> {
    extensions.get::<MatchedPath>().map(MatchedPath::as_str)
}

/// A reference count, no copy.
#[cfg(feature = "axum")]
fn owned_matched_path(extensions: &Extensions) -> Option<MatchedPath> {
    extensions.get::<MatchedPath>().cloned()
}

#[cfg(not(feature = "axum"))]
fn owned_matched_path(_: &Extensions) -> Option<MatchedPath> {
    None
}

#[cfg(feature = "axum")]
fn connect_info(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<axum::extract::ConnectInfo<SocketAddr>>().map(|peer| peer.0)
}

#[cfg(not(feature = "axum"))]
fn nested_route(_: &Extensions) -> Option<String> {
    None
}

#[cfg(not(feature = "axum"))]
fn original_uri(_: &Extensions) -> Option<&Uri> {
    None
}

#[cfg(not(feature = "axum"))]
fn matched_path(_: &Extensions) -> Option<&str> {
    None
}

#[cfg(not(feature = "axum"))]
fn connect_info(_: &Extensions) -> Option<SocketAddr> {
    None
}

/// The address that tonic's server adds, over TLS too.
#[cfg(feature = "tonic")]
fn tcp_connect_info(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<tonic::transport::server::TcpConnectInfo>().and_then(|info| info.remote_addr)
}

#[cfg(not(feature = "tonic"))]
fn tcp_connect_info(_: &Extensions) -> Option<SocketAddr> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::middleware::header_index::MAX_WALKED;

    #[test]
    fn small_and_large_header_tables_are_read_alike() {
        for others in [0, MAX_WALKED, 5 * MAX_WALKED] {
            let mut builder = Request::get("/");
            for n in 0..others {
                builder = builder.header(format!("x-{n}"), "other");
            }
            let builder = builder.header("host", "shop").header("host", "second").header("user-agent", "curl");
            let builder = builder.header("traceparent", "a").header("traceparent", "b");
            let request = builder.body(()).unwrap();
            let head = HttpHead::new(&request, None);
            assert_eq!((head.host(), head.user_agent()), (Some(&b"shop"[..]), Some(&b"curl"[..])), "{others}");
            assert_eq!(head.header(Header::TraceParent).collect::<Vec<_>>(), [b"a", b"b"]);
            assert_eq!(head.header(Header::TraceState).count(), 0);
        }
    }

    #[test]
    fn host_has_no_user_name_and_password() {
        let request = Request::get("http://user:pass@shop:8080/").body(()).unwrap();
        assert_eq!(HttpHead::new(&request, None).host(), Some(&b"shop:8080"[..]));
    }
}
