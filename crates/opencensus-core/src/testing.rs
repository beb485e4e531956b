//! A request head for unit tests.

use std::net::SocketAddr;

use crate::request::{Header, HttpVersion, RequestHead};

#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) route: Option<&'static str>,
    pub(crate) traceparent: Vec<&'static [u8]>,
    pub(crate) tracestate: Vec<&'static [u8]>,
}

impl Head {
    pub(crate) fn get(path: &'static str) -> Self {
        Self { method: "GET", path, ..Self::default() }
    }
}

impl RequestHead for Head {
    fn method(&self) -> &str {
        self.method
    }

    fn path(&self) -> &str {
        self.path
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn scheme(&self) -> Option<&str> {
        None
    }

    fn host(&self) -> Option<&[u8]> {
        Some(b"shop.example")
    }

    fn route(&self) -> Option<&str> {
        self.route
    }

    fn user_agent(&self) -> Option<&[u8]> {
        None
    }

    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    fn version(&self) -> HttpVersion {
        HttpVersion::Http11
    }

    fn header(&self, name: Header) -> impl Iterator<Item = &[u8]> {
        let lines: &[&[u8]] = match name {
            Header::TraceParent => &self.traceparent,
            Header::TraceState => &self.tracestate,
            _ => &[],
        };
        lines.iter().copied()
    }
}
