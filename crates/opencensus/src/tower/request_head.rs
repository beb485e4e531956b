//! An [`http::Request`] as the middleware reads it.

use std::net::SocketAddr;
use std::sync::Arc;

use http::uri::Authority;
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri, Version};
use opencensus_core::{Header, HttpVersion, RequestHead, RequestSpan};

use crate::middleware::SharedFormData;
use crate::middleware::framework::{Framework, IncomingRequest};
use crate::middleware::header_index::{HeaderIndex, Headers, without_userinfo};
use crate::middleware::identity::RequestIdentity;
use crate::tower::peer_address::PeerAddress;

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
    fn head(&self) -> impl RequestHead {
        HttpHead::new(self)
    }

    fn headers(&self) -> impl Headers<'_> {
        self.headers()
    }

    fn owned_head(&self) -> OwnedHead {
        let uri = original_uri(self.extensions()).unwrap_or(self.uri()).clone();
        let route = owned_matched_path(self.extensions());
        OwnedHead { method: self.method().clone(), uri, version: self.version(), route }
    }

    #[inline]
    fn identity(&self) -> RequestIdentity {
        let headers = self.headers().values().next().map_or(0, |value| std::ptr::from_ref(value).addr());
        let path = self.uri().path();
        // All `/` are one static text.
        let target =
            if path.len() > 1 { (path.as_ptr().addr(), self.method().as_str().as_ptr().addr()) } else { (0, 0) };
        RequestIdentity::new(headers, target)
    }

    // A request that is not recorded has no extension: the table of extensions usually grows with the next
    // entry, which costs more than all other work for such a request.
    #[inline]
    fn join_outer_span(&self) -> bool {
        let Some(span) = self.extensions().get::<Arc<RequestSpan>>() else { return false };
        if let Some(route) = matched_path(self.extensions()) {
            span.set_route(route.to_owned());
        }
        true
    }

    fn pass_route(&self) {
        pass_route(self.extensions());
    }

    #[inline]
    fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.extensions_mut().insert(value);
    }
}

/// The method and the target of an [`http::Request`].
#[derive(Debug)]
pub(super) struct OwnedHead {
    method: Method,
    uri: Uri,
    version: Version,
    route: Option<MatchedPath>,
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
        self.uri.scheme_str()
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
        None
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
}

impl<'a> HttpHead<'a> {
    #[inline(always)]
    fn new<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: original_uri(request.extensions()).unwrap_or(request.uri()),
            version: request.version(),
            headers: request.headers(),
            index: HeaderIndex::of(request.headers()),
            extensions: request.extensions(),
        }
    }
}

impl<'a> Headers<'a> for &'a HeaderMap {
    fn len(self) -> usize {
        HeaderMap::len(self)
    }

    fn all(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
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

    fn scheme(&self) -> Option<&str> {
        self.uri.scheme_str()
    }

    fn host(&self) -> Option<&[u8]> {
        let authority = self.uri.authority().map(Authority::as_str);
        self.index.host(authority)
    }

    fn route(&self) -> Option<&str> {
        matched_path(self.extensions)
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
    let of_server = connect_info(extensions).or_else(|| extensions.get::<PeerAddress>().map(|peer| peer.0));
    of_server.or_else(|| tcp_connect_info(extensions))
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
    if let (Some(form_data), Some(route)) = (extensions.get::<SharedFormData>(), matched_path(extensions)) {
        form_data.set_route(route);
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
            let head = HttpHead::new(&request);
            assert_eq!((head.host(), head.user_agent()), (Some(&b"shop"[..]), Some(&b"curl"[..])), "{others}");
            assert_eq!(head.header(Header::TraceParent).collect::<Vec<_>>(), [b"a", b"b"]);
            assert_eq!(head.header(Header::TraceState).count(), 0);
        }
    }

    #[test]
    fn host_has_no_user_name_and_password() {
        let request = Request::get("http://user:pass@shop:8080/").body(()).unwrap();
        assert_eq!(HttpHead::new(&request).host(), Some(&b"shop:8080"[..]));
    }
}
