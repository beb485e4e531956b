//! An [`http::Request`] as the core sees it.

use std::net::SocketAddr;

use http::header::{HOST, USER_AGENT};
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri, Version};
use opencensus_core::{Header, HttpVersion, RequestHead};

use crate::asked;

/// In a request's extensions: the address of the connection's other end, for servers other than
/// axum's (which has `ConnectInfo`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerAddress(pub SocketAddr);

/// Method and target of an [`http::Request`].
#[derive(Debug)]
pub(super) struct Target {
    method: Method,
    uri: Uri,
}

impl Target {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        Self { method: request.method().clone(), uri: request.uri().clone() }
    }
}

impl asked::Target for Target {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        self.uri.path()
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

/// What is wanted of the headers. One walk over a few costs less than one look-up; most requests have
/// no trace headers.
#[derive(Default)]
struct Seen<'a> {
    traceparent: Lines<'a>,
    tracestate: Lines<'a>,
    baggage: Lines<'a>,
    host: Lines<'a>,
    user_agent: Lines<'a>,
}

/// The lines of one header.
#[derive(Clone, Copy, Default)]
enum Lines<'a> {
    #[default]
    None,
    One(&'a HeaderValue),
    /// To be looked up; this is the first.
    Several(&'a HeaderValue),
}

/// So many headers are walked over; more are looked up.
const FEW: usize = 16;

impl<'a> Lines<'a> {
    fn of(headers: &'a HeaderMap, name: Header) -> Self {
        let mut lines = Self::None;
        headers.get_all(name.as_str()).iter().for_each(|line| lines.add(line));
        lines
    }

    #[inline]
    fn add(&mut self, line: &'a HeaderValue) {
        *self = match *self {
            Self::None => Self::One(line),
            Self::One(first) | Self::Several(first) => Self::Several(first),
        };
    }

    #[inline]
    fn first(self) -> Option<&'a [u8]> {
        match self {
            Self::None => None,
            Self::One(line) | Self::Several(line) => Some(line.as_bytes()),
        }
    }
}

impl<'a> Seen<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        if headers.len() > FEW {
            let of = |name| Lines::of(headers, name);
            return Self {
                traceparent: of(Header::TraceParent),
                tracestate: of(Header::TraceState),
                baggage: of(Header::Baggage),
                host: headers.get(HOST).map_or(Lines::None, Lines::One),
                user_agent: headers.get(USER_AGENT).map_or(Lines::None, Lines::One),
            };
        }
        let mut seen = Self::default();
        for (name, value) in headers {
            // Names of other lengths are out at once.
            let lines = match name.as_str() {
                "host" => &mut seen.host,
                "user-agent" => &mut seen.user_agent,
                "traceparent" => &mut seen.traceparent,
                "tracestate" => &mut seen.tracestate,
                "baggage" => &mut seen.baggage,
                _ => continue,
            };
            lines.add(value);
        }
        seen
    }

    /// `None`: it was not looked for.
    #[inline]
    fn get(&self, name: Header) -> Option<Lines<'a>> {
        match name {
            Header::TraceParent => Some(self.traceparent),
            Header::TraceState => Some(self.tracestate),
            Header::Baggage => Some(self.baggage),
            _ => None,
        }
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
        let host = authority.or_else(|| self.seen.host.first())?;
        // A user name and a password in front are nobody's business.
        host.rsplit(|byte| *byte == b'@').next()
    }

    fn route(&self) -> Option<&str> {
        matched_path(self.extensions)
    }

    fn user_agent(&self) -> Option<&[u8]> {
        self.seen.user_agent.first()
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

    #[inline]
    fn may_have(&self, name: Header) -> bool {
        !matches!(self.seen.get(name), Some(Lines::None))
    }

    fn header(&self, name: Header) -> impl Iterator<Item = &[u8]> {
        let (one, others) = match self.seen.get(name) {
            Some(Lines::None) => (None, None),
            Some(Lines::One(line)) => (Some(line), None),
            Some(Lines::Several(_)) | None => (None, Some(self.headers.get_all(name.as_str()))),
        };
        one.into_iter().chain(others.into_iter().flatten()).map(HeaderValue::as_bytes)
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
