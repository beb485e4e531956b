//! Requests as mails tell them.

use std::borrow::Cow;
use std::sync::Arc;

use opencensus_core::{HttpVersion, QueryRedaction, RequestDetails, ResponseEvent};
use opencensus_logging::mail::{DeferredReport, RequestReport};

/// The request in full, put together once somebody is mailed.
pub(super) fn deferred(response: &ResponseEvent<'_>, details: &Arc<RequestDetails>) -> DeferredReport {
    let reported = Reported {
        method: response.method.to_owned(),
        path: response.path.to_owned(),
        // The mail hides secrets by itself.
        hides_queries: response.redaction == QueryRedaction::All,
        query: response.query.map(str::to_owned),
        version: response.version,
        details: Arc::clone(details),
    };
    DeferredReport::new(move || reported.report())
}

/// What was asked for.
struct Reported {
    method: String,
    path: String,
    query: Option<String>,
    hides_queries: bool,
    version: HttpVersion,
    details: Arc<RequestDetails>,
}

impl Reported {
    /// A header's value, of which a query may be a part.
    fn redacted<'a>(&self, value: Cow<'a, str>) -> Cow<'a, str> {
        match value.split_once('?').filter(|_| self.hides_queries) {
            Some((before, query)) => format!("{before}?{}", QueryRedaction::All.apply(query)).into(),
            None => value,
        }
    }

    /// In Django's tables.
    fn report(&self) -> RequestReport {
        let details = &*self.details;
        let mut report = RequestReport::new(&self.method, &self.path);
        let scheme = details.scheme.as_deref().unwrap_or("http");
        let query = self.query.as_deref().map(|query| match self.hides_queries {
            true => QueryRedaction::All.apply(query),
            false => query.into(),
        });
        report.set_url(scheme, details.host.as_deref().unwrap_or("-"), query.as_deref());
        report.set_protocol(&format!("HTTP/{}", self.version.as_str()));
        if let Some(peer) = details.peer {
            report.set_remote_address(&peer.to_canonical().to_string());
        }
        if let Some(route) = &details.route {
            report.set_route(route);
        }
        if let Some(user) = &details.user {
            report.set_user(user);
        }
        for (name, value) in details.headers.iter() {
            report.add_header(name, &self.redacted(value));
        }
        if details.headers.left_out() > 0 {
            report.add_omitted_headers(details.headers.left_out());
        }
        details.form.iter().for_each(|(name, value)| report.add_form_field(name, value));
        details.files.iter().for_each(|(name, file)| report.add_file(name, file));
        report
    }
}
