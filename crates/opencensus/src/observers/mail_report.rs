//! Makes the report of a request for a mail, and for filters and handlers in code.

use std::borrow::Cow;
use std::sync::Arc;

use opencensus_core::{HttpVersion, QueryRedaction, RequestDetails, ResponseEvent};
use opencensus_logging::{DeferredReport, RequestReport};

/// The mail's replacement for a secret, which is Django's.
const REDACTED: &str = "********************";

/// The report of a request. It is made only when a handler or a filter reads it.
pub(super) fn deferred(response: &ResponseEvent<'_>, details: &Arc<RequestDetails>) -> DeferredReport {
    let request = ReportedRequest {
        method: response.method.to_owned(),
        path: response.path.to_owned(),
        redaction: response.redaction,
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
    // The mail redacts the built-in names of secrets itself.
    redaction: QueryRedaction,
    version: HttpVersion,
    details: Arc<RequestDetails>,
}

impl ReportedRequest {
    /// A query without what the user hides in addition to the built-in names.
    fn query<'a>(&self, query: &'a str) -> Cow<'a, str> {
        match self.redaction {
            QueryRedaction::All | QueryRedaction::SecretsAnd(_) => self.redaction.apply(query),
            _ => query.into(),
        }
    }

    /// The value of a header, which may contain a query, as `Referer` does, or cookies.
    fn header<'a>(&self, name: &str, value: Cow<'a, str>) -> Cow<'a, str> {
        if name == "cookie" {
            let cookie = |pair: &str| match pair.split_once('=') {
                Some((name, value)) => format!("{name}={}", self.field(name.trim(), value)),
                None => pair.to_owned(),
            };
            return value.split(';').map(cookie).collect::<Vec<_>>().join(";").into();
        }
        match value.split_once('?') {
            Some((before, query)) => format!("{before}?{}", self.query(query)).into(),
            None if self.hides(name) => REDACTED.into(),
            None => value,
        }
    }

    fn field<'a>(&self, name: &str, value: &'a str) -> &'a str {
        if self.hides(name) { REDACTED } else { value }
    }

    /// Whether the user has added a name that occurs in this one.
    fn hides(&self, name: &str) -> bool {
        matches!(self.redaction, QueryRedaction::SecretsAnd(names) if names.contains(name.as_bytes()))
    }

    /// The report, in the form of Django's.
    fn report(&self) -> RequestReport {
        let details = &*self.details;
        let mut report = RequestReport::new(&self.method, &self.path);
        let scheme = details.scheme.as_deref().unwrap_or("http");
        let query = self.query.as_deref().map(|query| self.query(query));
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
            report.add_header(name, &self.header(name, value));
        }
        if details.headers.left_out() > 0 {
            report.add_omitted_headers(details.headers.left_out());
        }
        details.form.iter().for_each(|(name, value)| report.add_form_field(name, self.field(name, value)));
        details.files.iter().for_each(|(name, file)| report.add_file(name, file));
        report
    }
}
