//! An [`http::Request`] as the core sees it.

use std::net::SocketAddr;

use http::uri::Authority;
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri, Version};
use opencensus_core::{Header, HttpVersion, RequestHead};

use crate::middleware::Supplement;
use crate::middleware::header_index::{Headers, Seen};
use crate::middleware::observation;
use crate::middleware::report_data::Reportable;

/// In a request's extensions: the address of the connection's other end, for servers other than
/// axum's (which has `ConnectInfo`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerAddress(pub SocketAddr);

/// Method and target of an [`http::Request`].
#[derive(Debug)]
pub(super) struct Target {
    method: Method,
    uri: Uri,
    version: Version,
    reportable: Option<Box<Reportable>>,
}

impl Target {
    /// `in_full`: with all that a report shows. Then the handler may add to it.
    pub(super) fn of<B>(request: &mut Request<B>, in_full: bool) -> Self {
        let uri = original_uri(request.extensions()).unwrap_or(request.uri()).clone();
        let (method, version) = (request.method().clone(), request.version());
        let reportable = in_full.then(|| Box::new(reportable(request)));
        Self { method, uri, version, reportable }
    }
}

fn reportable<B>(request: &mut Request<B>) -> Reportable {
    let supplement = Supplement::default();
    request.extensions_mut().insert(supplement.clone());
    let mut reportable = Reportable::new(request.headers(), peer(request.extensions()), supplement);
    reportable.set_route(matched_path(request.extensions()).map(str::to_owned));
    reportable
}

impl observation::Target for Target {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        self.uri.path()
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    fn version(&self) -> HttpVersion {
        version(self.version)
    }

    fn reportable(&mut self) -> Option<&mut Reportable> {
        self.reportable.as_deref_mut()
    }

    fn scheme(&self) -> Option<&str> {
        self.uri.scheme_str()
    }

    fn authority(&self) -> Option<&str> {
        self.uri.authority().map(Authority::as_str)
    }
}

/// An [`http::Request`], borrowed.
pub(super) struct HttpHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    version: Version,
    headers: &'a HeaderMap,
    seen: Seen<'a>,
    extensions: &'a Extensions,
}

impl<'a> HttpHead<'a> {
    pub(super) fn new<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: original_uri(request.extensions()).unwrap_or(request.uri()),
            version: request.version(),
            headers: request.headers(),
            seen: Seen::of(request.headers()),
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
        self.seen.host(authority)
    }

    fn route(&self) -> Option<&str> {
        matched_path(self.extensions)
    }

    fn user_agent(&self) -> Option<&[u8]> {
        self.seen.user_agent.first()
    }

    fn peer(&self) -> Option<SocketAddr> {
        peer(self.extensions)
    }

    fn version(&self) -> HttpVersion {
        version(self.version)
    }

    #[inline]
    fn may_have(&self, name: Header) -> bool {
        self.seen.may_have(name)
    }

    fn header(&self, name: Header) -> impl Iterator<Item = &[u8]> {
        self.seen.lines(name, self.headers)
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
    connect_info(extensions).or_else(|| extensions.get::<PeerAddress>().map(|peer| peer.0))
}

/// The path before a router took its prefix away.
#[cfg(feature = "axum")]
fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<axum::extract::OriginalUri>().map(|uri| &uri.0)
}

#[cfg(feature = "axum")]
pub(super) fn matched_path(extensions: &Extensions) -> Option<&str> {
    extensions.get::<axum::extract::MatchedPath>().map(axum::extract::MatchedPath::as_str)
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
pub(super) fn matched_path(_: &Extensions) -> Option<&str> {
    None
}

#[cfg(not(feature = "axum"))]
fn connect_info(_: &Extensions) -> Option<SocketAddr> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::middleware::header_index::FEW;

    #[test]
    fn few_and_many_headers_tell_the_same() {
        for others in [0, FEW, 5 * FEW] {
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
    fn user_name_and_password_are_no_part_of_the_host() {
        let request = Request::get("http://user:pass@shop:8080/").body(()).unwrap();
        assert_eq!(HttpHead::new(&request).host(), Some(&b"shop:8080"[..]));
    }
}
