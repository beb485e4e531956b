//! What is recorded of an outgoing call before it is sent.

use std::borrow::Cow;

use http::Uri;
use http::uri::Authority;
use opencensus_core::{Attribute, SpanKind, SpanRecord, TraceContext};

/// The name of a call, in the extensions of its request: a template such as `GET /stock/{id}`. Default: the method and
/// the host.
///
/// # Examples
///
/// ```
/// use opencensus::CallName;
///
/// let mut request = http::Request::get("http://stock.example/stock/7").body(()).unwrap();
/// request.extensions_mut().insert(CallName::from("GET /stock/{id}"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallName(pub Cow<'static, str>);

impl<T: Into<Cow<'static, str>>> From<T> for CallName {
    fn from(name: T) -> Self {
        Self(name.into())
    }
}

/// The head of an outgoing call, borrowed from its client.
pub(super) struct CallHead<'a> {
    pub(super) method: &'a str,
    /// The host and the port, if it has one. `None`: they are unknown.
    pub(super) authority: Option<Cow<'a, str>>,
    /// The path without the query.
    pub(super) path: &'a str,
    pub(super) is_grpc: bool,
}

impl<'a> CallHead<'a> {
    /// The call of this URI, or of `target`, if the URI has no host.
    pub(super) fn of_uri(method: &'a str, uri: &'a Uri, target: Option<&'a Authority>, is_grpc: bool) -> Self {
        let authority = uri.authority().or(target).map(|authority| Cow::Borrowed(without_user(authority.as_str())));
        Self { method, authority, path: uri.path(), is_grpc }
    }

    /// The record of the call. `url` is called for HTTP.
    pub(super) fn record(
        &self,
        context: TraceContext,
        name: Option<CallName>,
        url: impl FnOnce() -> String,
    ) -> SpanRecord {
        let method = known_method(self.method);
        let name = name.map_or_else(|| self.name(&method), |name| name.0);
        let mut record = SpanRecord::new(context, SpanKind::Client, name);
        record.keeps_name = true;
        if self.is_grpc {
            record.attributes.push(Attribute::new("rpc.system.name", "grpc"));
            self.push_address(&mut record);
            return record;
        }
        let url = url();
        // The status follows.
        record.attributes.reserve_exact(3);
        if !url.contains("://") {
            self.push_address(&mut record);
        }
        record.attributes.push(Attribute::new("http.request.method", method));
        record.attributes.push(Attribute::new("url.full", url));
        record
    }

    fn name(&self, method: &str) -> Cow<'static, str> {
        if self.is_grpc {
            return self.path.trim_start_matches('/').to_owned().into();
        }
        match &self.authority {
            Some(authority) => [method, " ", host_and_port(authority).0].concat().into(),
            None => method.to_owned().into(),
        }
    }

    fn push_address(&self, record: &mut SpanRecord) {
        let Some(authority) = &self.authority else { return };
        let (host, port) = host_and_port(authority);
        record.attributes.push(Attribute::new("server.address", host.to_owned()));
        if let Some(port) = port.and_then(|port| port.parse::<u16>().ok()) {
            record.attributes.push(Attribute::new("server.port", i64::from(port)));
        }
    }
}

/// The URL of a URI, without user name and password.
pub(super) fn url_of(uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => [scheme, "://", without_user(authority.as_str()), path].concat(),
        _ => path.to_owned(),
    }
}

fn without_user(authority: &str) -> &str {
    // A loop over these few bytes is faster than a search.
    authority.bytes().rposition(|byte| byte == b'@').map_or(authority, |at| &authority[at + 1..])
}

fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    // The last colon of an address of IPv6 is inside of its brackets.
    match authority.bytes().rposition(|byte| byte == b':') {
        Some(at) if !authority.ends_with(']') => (&authority[..at], Some(&authority[at + 1..])),
        _ => (authority, None),
    }
}

/// A method without a copy, if it is a usual one.
fn known_method(method: &str) -> Cow<'static, str> {
    const METHODS: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
    match METHODS.into_iter().find(|known| *known == method) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(method.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(method: &str, uri: &str, target: Option<&str>, is_grpc: bool) -> SpanRecord {
        let (uri, target) = (uri.parse().unwrap(), target.map(|target| target.parse().unwrap()));
        let head = CallHead::of_uri(method, &uri, target.as_ref(), is_grpc);
        head.record(TraceContext::root(), None, || url_of(&uri))
    }

    #[test]
    fn name_has_the_host_and_the_url_has_no_user() {
        for (method, uri, target, name, url) in [
            ("GET", "http://stock.example:81/a?b=1", None, "GET stock.example", "http://stock.example:81/a?b=1"),
            ("PURGE", "https://me:pw@[::1]/", Some("other"), "PURGE [::1]", "https://[::1]/"),
            ("PUT", "http://[::1]:8080", None, "PUT [::1]", "http://[::1]:8080/"),
            ("GET", "/a", Some("stock:80"), "GET stock", "/a"),
            ("GET", "/a?b=1", None, "GET", "/a?b=1"),
        ] {
            let record = record(method, uri, target, false);
            assert_eq!(record.name, name, "{uri}");
            assert!(record.attributes.contains(&Attribute::new("url.full", url)), "{:?}", record.attributes);
            assert!(record.attributes.contains(&Attribute::new("http.request.method", method.to_owned())), "{uri}");
        }
    }

    #[test]
    fn call_of_grpc_is_named_by_its_service_and_method() {
        let record = record("POST", "/helloworld.Greeter/SayHello", Some("greeter.example:50051"), true);
        assert_eq!(record.name, "helloworld.Greeter/SayHello");
        let expected = [
            Attribute::new("rpc.system.name", "grpc"),
            Attribute::new("server.address", "greeter.example"),
            Attribute::new("server.port", 50051),
        ];
        assert_eq!(record.attributes, expected);
    }
}
