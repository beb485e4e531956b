//! What of headers and bodies is told on request.

use std::borrow::Cow;

use http::HeaderName;
use opencensus_core::{Attribute, Value};
use opencensus_settings::secret_names::is_secret_header;

use crate::middleware::header_index::Headers;

/// OpenTelemetry's attributes (stable HTTP conventions, opt-in).
const REQUEST_SIZE: &str = "http.request.body.size";
pub(crate) const RESPONSE_SIZE: &str = "http.response.body.size";
const REQUEST_HEADER: &str = "http.request.header.";
const RESPONSE_HEADER: &str = "http.response.header.";

/// So many lines of a header are told, and so many bytes of each.
const MOST_LINES: usize = 8;
const LONGEST_LINE: usize = 1024;

/// Headers by name, and sizes of bodies.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    request: Vec<Box<str>>,
    response: Vec<Box<str>>,
    body_sizes: bool,
}

/// A header that cannot be told.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// It is no name of a header.
    #[error("`{0}` is no name of a header")]
    Name(String),
    /// It is made to carry secrets.
    #[error("the header `{0}` carries secrets and is never told")]
    Secret(String),
}

impl Capture {
    pub(crate) fn new(request: &[String], response: &[String], body_sizes: bool) -> Result<Self, InvalidHeader> {
        Ok(Self { request: names(request)?, response: names(response)?, body_sizes })
    }

    /// Whether anything is told.
    pub(crate) fn is_on(&self) -> bool {
        self.body_sizes || !self.request.is_empty() || !self.response.is_empty()
    }

    /// What is told of a request.
    pub(crate) fn of_request<'a>(&self, headers: impl Headers<'a>) -> impl Iterator<Item = Attribute> {
        let length = headers.lines("content-length").next().filter(|_| self.body_sizes);
        let length = length.and_then(|length| std::str::from_utf8(length).ok()?.parse::<i64>().ok());
        let size = length.map(|length| Attribute::new(REQUEST_SIZE, length));
        size.into_iter().chain(told(REQUEST_HEADER, &self.request, headers))
    }

    /// What is told of an answer's head.
    pub(crate) fn of_response<'a>(&self, headers: impl Headers<'a>) -> impl Iterator<Item = Attribute> {
        told(RESPONSE_HEADER, &self.response, headers)
    }
}

/// Whether a text is the name of a header that may be told; it comes back in lower case.
pub(crate) fn name(text: &str) -> Result<Box<str>, InvalidHeader> {
    let name = HeaderName::try_from(text.trim()).map_err(|_| InvalidHeader::Name(text.to_owned()))?;
    if is_secret_header(name.as_str()) { Err(InvalidHeader::Secret(text.to_owned())) } else { Ok(name.as_str().into()) }
}

fn names(texts: &[String]) -> Result<Vec<Box<str>>, InvalidHeader> {
    texts.iter().map(|text| name(text)).collect()
}

fn told<'a>(prefix: &str, names: &[Box<str>], headers: impl Headers<'a>) -> impl Iterator<Item = Attribute> {
    names.iter().filter_map(move |name| {
        let lines: Vec<_> = headers.lines(name).take(MOST_LINES).map(line).collect();
        (!lines.is_empty()).then(|| Attribute::new(format!("{prefix}{name}"), Value::List(lines)))
    })
}

/// One line, cut; bytes that are no UTF-8 are replaced.
fn line(bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_LINE)]).into_owned();
    Value::Text(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn secrets_are_refused_in_any_letter_case() {
        for secret in ["Authorization", " cookie", "SET-COOKIE", "Proxy-Authorization"] {
            assert!(matches!(name(secret), Err(InvalidHeader::Secret(_))), "{secret}");
        }
        assert!(matches!(name("no name"), Err(InvalidHeader::Name(_))));
        assert_eq!(name("X-Tenant").as_deref(), Ok("x-tenant"));
    }

    #[test]
    fn long_and_many_lines_are_cut() {
        let mut headers = HeaderMap::new();
        for _ in 0..20 {
            headers.append("x-a", HeaderValue::from_bytes(&[b'x'; 5000]).unwrap());
        }
        let capture = Capture::new(&["X-A".to_owned(), "x-b".to_owned()], &[], false).unwrap();
        let told: Vec<_> = capture.of_request(&headers).collect();
        assert_eq!((told.len(), &*told[0].key), (1, "http.request.header.x-a"));
        let Value::List(lines) = &told[0].value else { panic!("no list") };
        assert!(lines.len() == MOST_LINES && lines.iter().all(|line| line.to_string().len() == LONGEST_LINE));
    }
}
