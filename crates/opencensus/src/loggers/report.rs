//! Requests as mails tell them.

use opencensus_core::{Answer, RequestDetails};
use opencensus_logging::mail::RequestReport;

/// The request in full, in Django's tables.
pub(super) fn report(answer: &Answer<'_>, details: &RequestDetails) -> RequestReport {
    let mut report = RequestReport::new(answer.method, answer.path);
    let scheme = details.scheme.as_deref().unwrap_or("http");
    report.set_url(scheme, details.host.as_deref().unwrap_or("-"), answer.query);
    report.set_protocol(&format!("HTTP/{}", answer.version.as_str()));
    if let Some(peer) = details.peer {
        report.set_remote_address(&peer.to_canonical().to_string());
    }
    if let Some(route) = &details.route {
        report.set_route(route);
    }
    if let Some(user) = &details.user {
        report.set_user(user);
    }
    details.headers.iter().for_each(|(name, value)| report.add_header(name, value));
    details.form.iter().for_each(|(name, value)| report.add_form_field(name, value));
    details.files.iter().for_each(|(name, file)| report.add_file(name, file));
    report
}
