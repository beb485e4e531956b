//! The name of the operation that a request starts.

use std::borrow::Cow;

use crate::request::public_route;
use crate::telemetry::request::RecordHead;
use crate::telemetry::request::text::Field;

/// Methods that may be part of a name: those of IANA's registry, except `PRI` and `*`, which no request has. Others
/// become `_OTHER`, as in OpenTelemetry's HTTP conventions. Sorted.
#[rustfmt::skip]
const KNOWN_METHODS: [&str; 39] = [
    "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL",
    "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS",
    "ORDERPATCH", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "TRACE",
    "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
];

/// Appends the operation's name: `custom`, otherwise the method and the route, otherwise the method alone. `set_route`
/// goes before the route that the head came with.
pub(crate) fn write_name(name: &mut String, head: &RecordHead, custom: Option<&str>, set_route: Option<&str>) {
    match (custom, route(head, set_route)) {
        (Some(custom), _) => name.push_str(custom),
        (None, Some(route)) => name.extend([&*method(head), " ", &*route]),
        (None, None) => name.push_str(&method(head)),
    }
}

/// The method; `_OTHER` if it is neither in IANA's registry nor known to the service.
pub(super) fn method(head: &RecordHead) -> Cow<'static, str> {
    let method = head.text.get(Field::Method);
    // Most requests have one of these, which need no search.
    if let Some(frequent) = ["GET", "POST"].into_iter().find(|frequent| method == *frequent) {
        return Cow::Borrowed(frequent);
    }
    match KNOWN_METHODS.binary_search(&&*method) {
        Ok(position) => Cow::Borrowed(KNOWN_METHODS[position]),
        Err(_) if head.is_known_method => Cow::Owned(method.into_owned()),
        Err(_) => Cow::Borrowed("_OTHER"),
    }
}

/// The matched route's template, without names that are private to the router.
pub(super) fn route<'a>(head: &'a RecordHead, set_route: Option<&'a str>) -> Option<Cow<'a, str>> {
    let route = set_route.map(Cow::Borrowed).or_else(|| head.route())?;
    Some(match public_route(&route) {
        Cow::Borrowed(_) => route,
        Cow::Owned(public) => Cow::Owned(public),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_methods_can_be_searched() {
        assert!(KNOWN_METHODS.is_sorted());
    }
}
