//! What is kept of a request that somebody may report.

use std::net::SocketAddr;

use opencensus_core::RequestDetails;
use opencensus_core::request::HeaderLines;

use crate::middleware::Supplement;
use crate::middleware::header_index::Headers;

/// What is kept, beside the target, of a request that somebody may report.
#[derive(Debug, Default)]
pub(crate) struct Reportable {
    headers: HeaderLines,
    peer: Option<SocketAddr>,
    route: Option<String>,
    supplement: Supplement,
}

impl Reportable {
    /// `supplement` is the handler's, too.
    pub(crate) fn new<'a>(headers: impl Headers<'a>, peer: Option<SocketAddr>, supplement: Supplement) -> Self {
        let mut lines = HeaderLines::default();
        headers.all().for_each(|(name, line)| lines.push(name, line));
        Self { headers: lines, peer, route: None, supplement }
    }

    /// The matched route's template, once it is known.
    pub(crate) fn set_route(&mut self, route: Option<String>) {
        self.route = route;
    }

    /// What it says of the request.
    pub(crate) fn details(self) -> RequestDetails {
        let mut details = RequestDetails::default();
        let host = self.headers.iter().find(|(name, _)| *name == "host");
        details.host = host.map(|(_, host)| host.into_owned());
        details.peer = self.peer.map(|peer| peer.ip());
        details.route = self.route;
        details.headers = self.headers;
        self.supplement.move_to(&mut details);
        details
    }
}
