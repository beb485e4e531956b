//! Adds headers and body sizes to a request's telemetry, if the settings list them.

use std::borrow::Cow;

use http::HeaderName;
use opencensus_core::{Attribute, Value};
use opencensus_settings::secret_names::is_secret;

use crate::middleware::header_index::Headers;

/// OpenTelemetry's attributes (stable HTTP conventions, opt-in).
const REQUEST_SIZE: &str = "http.request.body.size";
pub(crate) const RESPONSE_SIZE: &str = "http.response.body.size";
const REQUEST_HEADER: &str = "http.request.header.";
const RESPONSE_HEADER: &str = "http.response.header.";

/// The maximum number of captured lines of one header.
const MAX_LINES: usize = 8;
/// The maximum number of captured bytes of one line.
const MAX_LINE_BYTES: usize = 1024;

/// The names of captured headers, and whether body sizes are captured.
#[derive(Debug, Default)]
pub(crate) struct HeaderCapture {
    request: Vec<Box<str>>,
    response: Vec<Box<str>>,
    body_sizes: bool,
}

/// A header that cannot be captured.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The text is not a header name.
    #[error("`{0}` is not a header name")]
    Name(String),
    /// The header may carry secrets.
    #[error("the header `{0}` may carry secrets and cannot be captured")]
    Secret(String),
}

impl HeaderCapture {
    pub(crate) fn new(request: &[String], response: &[String], body_sizes: bool) -> Result<Self, InvalidHeader> {
        Ok(Self { request: names(request)?, response: names(response)?, body_sizes })
    }

    /// Whether anything is captured.
    pub(crate) fn is_on(&self) -> bool {
        self.body_sizes || !self.request.is_empty() || !self.response.is_empty()
    }

    /// The attributes of a request.
    pub(crate) fn request_attributes<'a>(&self, headers: impl Headers<'a>) -> impl Iterator<Item = Attribute> {
        let length = headers.lines("content-length").next().filter(|_| self.body_sizes);
        let length = length.and_then(|length| std::str::from_utf8(length).ok()?.parse::<i64>().ok());
        let size = length.map(|length| Attribute::new(REQUEST_SIZE, length));
        size.into_iter().chain(attributes(REQUEST_HEADER, &self.request, headers))
    }

    /// The attributes of a response's head.
    pub(crate) fn response_attributes<'a>(&self, headers: impl Headers<'a>) -> impl Iterator<Item = Attribute> {
        attributes(RESPONSE_HEADER, &self.response, headers)
    }
}

/// The name of a header that may be captured, in lower case.
pub(crate) fn name(text: &str) -> Result<Box<str>, InvalidHeader> {
    let name = HeaderName::try_from(text.trim()).map_err(|_| InvalidHeader::Name(text.to_owned()))?;
    if is_secret(name.as_str().as_bytes()) {
        Err(InvalidHeader::Secret(text.to_owned()))
    } else {
        Ok(name.as_str().into())
    }
}

fn names(texts: &[String]) -> Result<Vec<Box<str>>, InvalidHeader> {
    texts.iter().map(|text| name(text)).collect()
}

fn attributes<'a>(prefix: &str, names: &[Box<str>], headers: impl Headers<'a>) -> impl Iterator<Item = Attribute> {
    names.iter().filter_map(move |name| {
        let lines: Vec<_> = headers.lines(name).take(MAX_LINES).map(line).collect();
        (!lines.is_empty()).then(|| Attribute::new(format!("{prefix}{name}"), Value::List(lines)))
    })
}

/// One line, truncated. Bytes that are not UTF-8 are replaced.
fn line(bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_LINE_BYTES)]).into_owned();
    Value::Text(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn secret_headers_are_rejected_in_any_letter_case() {
        for secret in ["Authorization", " cookie", "SET-COOKIE", "Proxy-Authorization"] {
            assert!(matches!(name(secret), Err(InvalidHeader::Secret(_))), "{secret}");
        }
        assert!(matches!(name("no name"), Err(InvalidHeader::Name(_))));
        assert_eq!(name("X-Tenant").as_deref(), Ok("x-tenant"));
    }

    #[test]
    fn number_and_length_of_captured_lines_are_bounded() {
        let mut headers = HeaderMap::new();
        for _ in 0..20 {
            headers.append("x-a", HeaderValue::from_bytes(&[b'x'; 5000]).unwrap());
        }
        let capture = HeaderCapture::new(&["X-A".to_owned(), "x-b".to_owned()], &[], false).unwrap();
        let captured: Vec<_> = capture.request_attributes(&headers).collect();
        assert_eq!((captured.len(), &*captured[0].key), (1, "http.request.header.x-a"));
        let Value::List(lines) = &captured[0].value else { panic!("no list") };
        assert!(lines.len() == MAX_LINES && lines.iter().all(|line| line.to_string().len() == MAX_LINE_BYTES));
    }
}
