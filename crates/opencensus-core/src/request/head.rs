//! The head of a request.

use std::net::SocketAddr;

use crate::request::client_header::ClientHeader;

/// A view of a request's head that copies nothing.
///
/// Every integration implements it for its framework's request type. Methods return values as the request
/// carries them, without checks. `&dyn RequestHead` gives access to everything except the headers. The [crate
/// documentation](crate) has an example.
pub trait RequestHead {
    /// The method, such as `GET`.
    fn method(&self) -> &str;

    /// The target's path; `*` for `OPTIONS *`, empty for `CONNECT`.
    fn path(&self) -> &str;

    /// The target's query without `?`.
    fn query(&self) -> Option<&str>;

    /// The scheme, if the target or the connection specifies it.
    fn scheme(&self) -> Option<&str>;

    /// The host, with a port if one was sent: from the target, else from the `Host` header.
    fn host(&self) -> Option<&[u8]>;

    /// The matched route's template, such as `/users/{id}`.
    fn route(&self) -> Option<&str>;

    /// The route that a record begins with, if it is available without a search. For frameworks that must search
    /// for the route and have it without cost later. Default: [`route`](Self::route).
    fn known_route(&self) -> Option<&str> {
        self.route()
    }

    /// The value of the `User-Agent` header.
    fn user_agent(&self) -> Option<&[u8]>;

    /// The address of the connection's other end.
    fn peer(&self) -> Option<SocketAddr>;

    /// The protocol's version.
    fn version(&self) -> HttpVersion;

    /// Whether the request may have this header. `false` is certain and saves a lookup. Default: true.
    fn may_have(&self, name: Header) -> bool {
        let _ = name;
        true
    }

    /// The values of a header, one for each line, in their order.
    fn header(&self, name: Header) -> impl Iterator<Item = &[u8]>
    where
        Self: Sized;

    /// The value of a header that has one line. `None`: the request does not have the header, or has several lines of it.
    /// Default: by [`header`](Self::header). For frameworks that find it with less work.
    #[inline]
    fn single_header(&self, name: Header) -> Option<&[u8]>
    where
        Self: Sized,
    {
        let mut lines = self.header(name);
        lines.next().filter(|_| lines.next().is_none())
    }
}

/// A header that the middleware reads. Integrations look it up in [`RequestHead::header`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Header {
    /// `traceparent`
    TraceParent,
    /// `tracestate`
    TraceState,
    /// `Forwarded`
    Forwarded,
    /// A header that states the client's address.
    Client(ClientHeader),
    /// `X-Forwarded-For`
    XForwardedFor,
    /// `X-Forwarded-Proto`
    XForwardedProto,
    /// `X-Forwarded-Host`
    XForwardedHost,
    /// `baggage`
    Baggage,
    /// `b3`
    B3,
    /// `X-B3-TraceId`
    B3TraceId,
    /// `X-B3-SpanId`
    B3SpanId,
    /// `X-B3-ParentSpanId`
    B3ParentSpanId,
    /// `X-B3-Sampled`
    B3Sampled,
    /// `X-B3-Flags`
    B3Flags,
    /// `Request-Id`
    RequestId,
    /// `X-Cloud-Trace-Context`
    CloudTraceContext,
    /// `opencensus-trace-traceid`
    TextTraceId,
    /// `opencensus-trace-spanid`
    TextSpanId,
    /// `opencensus-trace-traceoptions`
    TextTraceOptions,
    /// `grpc-trace-bin`
    GrpcTraceBin,
    /// `SyntheticTest-RunId`, which Azure's availability tests send
    SyntheticTestRunId,
    /// `SyntheticTest-Id`
    SyntheticTestId,
    /// `SyntheticTest-Location`
    SyntheticTestLocation,
    /// `SyntheticTest-OperationName`
    SyntheticTestOperationName,
}

impl Header {
    /// The header's name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TraceParent => "traceparent",
            Self::TraceState => "tracestate",
            Self::Forwarded => "forwarded",
            Self::Client(name) => name.as_str(),
            Self::XForwardedFor => "x-forwarded-for",
            Self::XForwardedProto => "x-forwarded-proto",
            Self::XForwardedHost => "x-forwarded-host",
            Self::Baggage => "baggage",
            Self::B3 => "b3",
            Self::B3TraceId => "x-b3-traceid",
            Self::B3SpanId => "x-b3-spanid",
            Self::B3ParentSpanId => "x-b3-parentspanid",
            Self::B3Sampled => "x-b3-sampled",
            Self::B3Flags => "x-b3-flags",
            Self::RequestId => "request-id",
            Self::CloudTraceContext => "x-cloud-trace-context",
            Self::TextTraceId => "opencensus-trace-traceid",
            Self::TextSpanId => "opencensus-trace-spanid",
            Self::TextTraceOptions => "opencensus-trace-traceoptions",
            Self::GrpcTraceBin => "grpc-trace-bin",
            Self::SyntheticTestRunId => "synthetictest-runid",
            Self::SyntheticTestId => "synthetictest-id",
            Self::SyntheticTestLocation => "synthetictest-location",
            Self::SyntheticTestOperationName => "synthetictest-operationname",
        }
    }
}

/// Version of HTTP.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum HttpVersion {
    /// HTTP/0.9
    Http09,
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    #[default]
    Http11,
    /// HTTP/2
    Http2,
    /// HTTP/3
    Http3,
}

impl HttpVersion {
    /// The value of OpenTelemetry's attribute `network.protocol.version`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http09 => "0.9",
            Self::Http10 => "1.0",
            Self::Http11 => "1.1",
            Self::Http2 => "2",
            Self::Http3 => "3",
        }
    }
}
