//! An [`http::Request`] as the core sees it.

use std::net::SocketAddr;

use http::header::{HOST, USER_AGENT};
use http::{Extensions, HeaderMap, HeaderName, Method, Request, Uri, Version};
use opencensus_core::{Header, HttpVersion, RequestHead};

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// In a request's extensions: the address of the connection's other end, for servers other than
/// axum's (which has `ConnectInfo`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerAddress(pub SocketAddr);

/// An [`http::Request`], borrowed.
pub(super) struct HttpHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    version: Version,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> HttpHead<'a> {
    pub(super) fn new<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: original_uri(request.extensions()).unwrap_or(request.uri()),
            version: request.version(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
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
        let authority = self.uri.authority().map(|authority| authority.as_str().as_bytes());
        let host = authority.or_else(|| self.headers.get(HOST).map(http::HeaderValue::as_bytes))?;
        // A user name and a password in front are nobody's business.
        host.rsplit(|byte| *byte == b'@').next()
    }

    fn route(&self) -> Option<&str> {
        matched_path(self.extensions)
    }

    fn user_agent(&self) -> Option<&[u8]> {
        self.headers.get(USER_AGENT).map(http::HeaderValue::as_bytes)
    }

    fn peer(&self) -> Option<SocketAddr> {
        connect_info(self.extensions).or_else(|| self.extensions.get::<PeerAddress>().map(|peer| peer.0))
    }

    fn version(&self) -> HttpVersion {
        match self.version {
            Version::HTTP_09 => HttpVersion::Http09,
            Version::HTTP_10 => HttpVersion::Http10,
            Version::HTTP_2 => HttpVersion::Http2,
            Version::HTTP_3 => HttpVersion::Http3,
            _ => HttpVersion::Http11,
        }
    }

    fn header(&self, name: Header) -> impl Iterator<Item = &[u8]> {
        let name = match name {
            Header::TraceParent => Some(&TRACEPARENT),
            Header::TraceState => Some(&TRACESTATE),
            _ => None,
        };
        let values = name.map(|name| self.headers.get_all(name));
        values.into_iter().flatten().map(http::HeaderValue::as_bytes)
    }
}

/// The path before a router took its prefix away.
#[cfg(feature = "axum")]
fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<axum::extract::OriginalUri>().map(|uri| &uri.0)
}

#[cfg(feature = "axum")]
fn matched_path(extensions: &Extensions) -> Option<&str> {
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
fn matched_path(_: &Extensions) -> Option<&str> {
    None
}

#[cfg(not(feature = "axum"))]
fn connect_info(_: &Extensions) -> Option<SocketAddr> {
    None
}
