//! An [`http::Request`] as the core sees it.

use std::net::SocketAddr;

use http::header::{HOST, USER_AGENT};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version};
use opencensus_core::{Header, HttpVersion, RequestHead};

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
static BAGGAGE: HeaderName = HeaderName::from_static("baggage");

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
    seen: Seen<'a>,
    extensions: &'a Extensions,
}

/// What is wanted of the headers. One walk over a few costs less than one look-up; most requests have
/// no trace headers.
#[derive(Default)]
struct Seen<'a> {
    has_traceparent: bool,
    has_tracestate: bool,
    has_baggage: bool,
    host: Option<&'a HeaderValue>,
    user_agent: Option<&'a HeaderValue>,
}

/// So many headers are walked over; more are looked up.
const FEW: usize = 16;

impl<'a> Seen<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        if headers.len() > FEW {
            return Self {
                has_traceparent: headers.contains_key(&TRACEPARENT),
                has_tracestate: headers.contains_key(&TRACESTATE),
                has_baggage: headers.contains_key(&BAGGAGE),
                host: headers.get(HOST),
                user_agent: headers.get(USER_AGENT),
            };
        }
        let mut seen = Self::default();
        for (name, value) in headers {
            if *name == HOST {
                seen.host.get_or_insert(value);
            } else if *name == USER_AGENT {
                seen.user_agent.get_or_insert(value);
            } else if *name == TRACEPARENT {
                seen.has_traceparent = true;
            } else if *name == TRACESTATE {
                seen.has_tracestate = true;
            } else if *name == BAGGAGE {
                seen.has_baggage = true;
            }
        }
        seen
    }
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
        let host = authority.or_else(|| self.seen.host.map(HeaderValue::as_bytes))?;
        // A user name and a password in front are nobody's business.
        host.rsplit(|byte| *byte == b'@').next()
    }

    fn route(&self) -> Option<&str> {
        matched_path(self.extensions)
    }

    fn user_agent(&self) -> Option<&[u8]> {
        self.seen.user_agent.map(HeaderValue::as_bytes)
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
        let values = match name {
            Header::TraceParent => self.seen.has_traceparent.then(|| self.headers.get_all(&TRACEPARENT)),
            Header::TraceState => self.seen.has_tracestate.then(|| self.headers.get_all(&TRACESTATE)),
            Header::Baggage => self.seen.has_baggage.then(|| self.headers.get_all(&BAGGAGE)),
            other => Some(self.headers.get_all(other.as_str())),
        };
        values.into_iter().flatten().map(HeaderValue::as_bytes)
    }
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
