//! Makes the report of a request for a mail.

use std::borrow::Cow;
use std::sync::Arc;

use opencensus_core::{HttpVersion, QueryRedaction, RequestDetails, ResponseEvent};
use opencensus_logging::mail::{DeferredReport, RequestReport};

/// The report of a request. It is made only when a mail needs it.
pub(super) fn deferred(response: &ResponseEvent<'_>, details: &Arc<RequestDetails>) -> DeferredReport {
    let request = ReportedRequest {
        method: response.method.to_owned(),
        path: response.path.to_owned(),
        // The mail redacts secrets itself.
        hides_queries: response.redaction == QueryRedaction::All,
        query: response.query.map(str::to_owned),
        version: response.version,
        details: Arc::clone(details),
    };
    DeferredReport::new(move || request.report())
}

/// The data of a report.
struct ReportedRequest {
    method: String,
    path: String,
    query: Option<String>,
    hides_queries: bool,
    version: HttpVersion,
    details: Arc<RequestDetails>,
}

impl ReportedRequest {
    /// The value of a header, which may contain a query, as `Referer` does.
    fn redacted<'a>(&self, value: Cow<'a, str>) -> Cow<'a, str> {
        match value.split_once('?').filter(|_| self.hides_queries) {
            Some((before, query)) => format!("{before}?{}", QueryRedaction::All.apply(query)).into(),
            None => value,
        }
    }

    /// The report, in the form of Django's.
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
