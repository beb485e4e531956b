//! What is kept of a request that somebody may report.

use std::net::SocketAddr;

use opencensus_core::RequestDetails;
use opencensus_core::request::HeaderLines;

use crate::seen::Headers;
use crate::supplement::Supplement;

/// What is kept, beside the target, of a request that somebody may report.
#[derive(Debug)]
pub(crate) struct Reportable {
    headers: HeaderLines,
    peer: Option<SocketAddr>,
    route: Option<String>,
    supplement: Supplement,
}

impl Reportable {
    /// `supplement` is the handler's, too.
    pub(crate) fn new<'a>(
        headers: impl Headers<'a>,
        peer: Option<SocketAddr>,
        route: Option<String>,
        supplement: Supplement,
    ) -> Self {
        let mut lines = HeaderLines::default();
        headers.all().for_each(|(name, line)| lines.push(name, line));
        Self { headers: lines, peer, route, supplement }
    }

    /// The request in full. `scheme` and `authority` are the target's, if it has them.
    pub(crate) fn details(&self, scheme: Option<&str>, authority: Option<&str>) -> RequestDetails {
        let mut details = RequestDetails::default();
        let host = || self.headers.iter().find(|(name, _)| *name == "host").map(|(_, host)| host.into_owned());
        // A user name and a password in front are nobody's business.
        let without_user = |host: String| host.rsplit('@').next().map(str::to_owned);
        details.host = authority.map(str::to_owned).or_else(host).and_then(without_user);
        details.scheme = scheme.map(str::to_owned);
        details.peer = self.peer.map(|peer| peer.ip());
        details.route.clone_from(&self.route);
        details.headers = self.headers.clone();
        self.supplement.add_to(&mut details);
        details
    }
}
