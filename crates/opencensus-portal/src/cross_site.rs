//! Refuses what pages of other sites send, except telemetry of the SDKs for browsers.

use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::cors;
use crate::forbidden::forbidden;
use crate::host::is_loopback;
use crate::ingest::Endpoint;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    /// A program, the browser's address bar, a link, or a page of this portal.
    Trusted,
    /// A page of another site.
    OtherSite,
}

/// Responds 403 to requests that a page of another site sends, unless the path is one that SDKs for browsers use and the
/// page's origin is allowed. Links from other sites work.
pub(crate) async fn check_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if source(request.method(), request.headers()) == Source::Trusted {
        return next.run(request).await;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let origin = origin.filter(|origin| is_allowed(origin, &state.allowed_origins));
    let (Some(origin), Some(endpoint)) = (origin, Endpoint::of(request.uri().path())) else {
        return forbidden(request.uri().path(), "this portal refuses requests of pages of other sites");
    };
    let mut response = if *request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        cors::add_preflight_headers(response.headers_mut(), request.headers(), endpoint);
        response
    } else {
        next.run(request).await
    };
    cors::add_headers(response.headers_mut(), origin);
    response
}

fn source(method: &Method, headers: &HeaderMap) -> Source {
    let is =
        |name: &HeaderName, value: &str| headers.get(name).is_some_and(|found| found.as_bytes() == value.as_bytes());
    let is_other_site = headers.get(ORIGIN).is_some_and(|origin| !is_own(origin, headers))
        || headers.contains_key(&SITE) && !is(&SITE, "same-origin") && !is(&SITE, "none");
    let is_link = *method == Method::GET && is(&MODE, "navigate");
    if is_other_site && !is_link { Source::OtherSite } else { Source::Trusted }
}

/// Whether the origin is that of this portal's pages, which have both schemes.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let own = headers.get(HOST).map(HeaderValue::as_bytes);
    let origin = origin.as_bytes();
    own.is_some() && [b"http://".as_slice(), b"https://"].iter().any(|scheme| origin.strip_prefix(*scheme) == own)
}

/// Pages of this machine are allowed, and those of the listed origins.
fn is_allowed(origin: &HeaderValue, allowed: &[String]) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(is_loopback) || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn pages_of_other_sites_are_distinguished_from_programs_and_links() {
        let own = ("host", "127.0.0.1:8787");
        for (method, lines, source) in [
            (Method::POST, vec![own], Source::Trusted),
            (Method::POST, vec![own, ("origin", "http://127.0.0.1:8787")], Source::Trusted),
            (Method::POST, vec![own, ("origin", "https://127.0.0.1:8787")], Source::Trusted),
            (Method::POST, vec![own, ("origin", "ftp://127.0.0.1:8787")], Source::OtherSite),
            (Method::GET, vec![own, ("sec-fetch-site", "same-origin")], Source::Trusted),
            (Method::GET, vec![own, ("sec-fetch-site", "none")], Source::Trusted),
            (Method::GET, vec![own, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], Source::Trusted),
            (
                Method::GET,
                vec![own, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
                Source::OtherSite,
            ),
            (
                Method::POST,
                vec![own, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
                Source::OtherSite,
            ),
            (Method::POST, vec![own, ("sec-fetch-site", "same-site")], Source::OtherSite),
            (Method::POST, vec![own, ("origin", "http://127.0.0.1:3000")], Source::OtherSite),
            (Method::POST, vec![own, ("origin", "null")], Source::OtherSite),
            (Method::POST, vec![("origin", "http://127.0.0.1:8787")], Source::OtherSite),
        ] {
            assert_eq!(super::source(&method, &headers(&lines)), source, "{method} {lines:?}");
        }
    }

    #[test]
    fn origins_of_this_machine_and_of_the_list_are_allowed() {
        let list = ["https://shop.example".to_owned()];
        for origin in ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:1", "https://shop.example"] {
            assert!(is_allowed(&HeaderValue::from_static(origin), &list), "{origin}");
        }
        for origin in [
            "null",
            "https://evil.example",
            "http://localhost.evil.example",
            "file://localhost",
            "https://shop.example:444",
        ] {
            assert!(!is_allowed(&HeaderValue::from_static(origin), &list), "{origin}");
        }
    }
}
