//! A [`ServiceRequest`] as the core sees it.

use std::cell::OnceCell;
use std::net::SocketAddr;

use actix_web::HttpMessage as _;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::http::uri::Authority;
use actix_web::http::{Method, Uri, Version};
use opencensus_core::{Header, HttpVersion, RequestHead};

use crate::middleware::Supplement;
use crate::middleware::header_index::{Headers, Seen};
use crate::middleware::observation;
use crate::middleware::report_data::Reportable;

/// Method and target of a request.
#[derive(Debug)]
pub(super) struct Target {
    method: Method,
    uri: Uri,
    version: Version,
    is_secure: bool,
    reportable: Option<Box<Reportable>>,
}

impl Target {
    /// `in_full`: with all that a report shows. Then the handler may add to it.
    pub(super) fn of(request: &ServiceRequest, in_full: bool) -> Self {
        let (method, uri, version) = (request.method().clone(), request.uri().clone(), request.version());
        let (is_secure, reportable) = (request.app_config().secure(), in_full.then(|| Box::new(reportable(request))));
        Self { method, uri, version, is_secure, reportable }
    }
}

fn reportable(request: &ServiceRequest) -> Reportable {
    let supplement = Supplement::default();
    request.extensions_mut().insert(supplement.clone());
    Reportable::new(request.headers(), request.peer_addr(), supplement)
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
        self.uri.scheme_str().or(self.is_secure.then_some("https"))
    }

    fn authority(&self) -> Option<&str> {
        self.uri.authority().map(Authority::as_str)
    }
}

/// A [`ServiceRequest`], borrowed.
pub(super) struct ActixHead<'a> {
    request: &'a ServiceRequest,
    seen: Seen<'a>,
    // Looked for when a rule asks. Nothing is routed yet, so the path decides alone.
    route: OnceCell<Option<String>>,
}

impl<'a> ActixHead<'a> {
    pub(super) fn new(request: &'a ServiceRequest) -> Self {
        Self { request, seen: Seen::of(request.headers()), route: OnceCell::new() }
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
        let secure = self.request.app_config().secure().then_some("https");
        self.request.uri().scheme_str().or(secure)
    }

    fn host(&self) -> Option<&[u8]> {
        let authority = self.request.uri().authority().map(Authority::as_str);
        self.seen.host(authority)
    }

    fn route(&self) -> Option<&str> {
        self.route.get_or_init(|| self.request.match_pattern()).as_deref()
    }

    /// Not what a rule asked for: the request may be routed elsewhere.
    fn known_route(&self) -> Option<&str> {
        None
    }

    fn user_agent(&self) -> Option<&[u8]> {
        self.seen.user_agent.first()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.request.peer_addr()
    }

    fn version(&self) -> HttpVersion {
        version(self.request.version())
    }

    #[inline]
    fn may_have(&self, name: Header) -> bool {
        self.seen.may_have(name)
    }

    fn header(&self, name: Header) -> impl Iterator<Item = &[u8]> {
        self.seen.lines(name, self.request.headers())
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
