//! Copies the data of a request that a report of it shows, such as a mail.

use std::net::SocketAddr;

use opencensus_core::request::HeaderLines;
use opencensus_core::{Privacy, RequestDetails, RequestHead};

use crate::middleware::form_data::SharedFormData;
use crate::middleware::header_index::Headers;

/// The data of a request, besides its method and target, for [`RequestDetails`].
#[derive(Debug, Default)]
pub(crate) struct ReportData {
    headers: HeaderLines,
    peer: Option<SocketAddr>,
    form_data: SharedFormData,
}

impl ReportData {
    /// Copies the headers and the peer of a request. The handler fills in `form_data`.
    pub(crate) fn new<'a>(head: &impl RequestHead, headers: impl Headers<'a>, form_data: SharedFormData) -> Self {
        let mut lines = HeaderLines::default();
        headers.for_each(|name, line| lines.push(name, line));
        Self { headers: lines, peer: head.peer(), form_data }
    }

    /// The route that the handler has set.
    pub(crate) fn take_route(&self) -> Option<String> {
        self.form_data.take_route()
    }

    /// The details for observers. `head`: the request's target.
    pub(crate) fn details(self, head: &impl RequestHead, route: Option<String>, privacy: Privacy) -> RequestDetails {
        let mut details = RequestDetails::default();
        details.scheme = head.scheme().map(str::to_owned);
        let authority = head.host().map(|host| String::from_utf8_lossy(host).into_owned());
        details.host = authority.or_else(|| self.host());
        details.peer = self.peer.map(|peer| peer.ip());
        details.route = route;
        details.headers = self.headers;
        self.form_data.move_to(&mut details);
        if privacy.mask_client_address {
            details.peer = None;
            details.headers.remove(&CLIENT_ADDRESS);
        }
        details
    }

    fn host(&self) -> Option<String> {
        let (_, host) = self.headers.iter().find(|(name, _)| *name == "host")?;
        // A user name and a password in front are secrets.
        host.rsplit('@').next().map(str::to_owned)
    }
}

/// Headers in which proxies state the client's address.
const CLIENT_ADDRESS: [&str; 10] = [
    "cf-connecting-ip",
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "true-client-ip",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-forwarded-for",
    "x-real-ip",
];
