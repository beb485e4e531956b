//! A request of HTTP/1.1 about a record.

use crate::formatters::{FormatContext, attributes};
use crate::record::Record;

/// The request line's method.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum HttpMethod {
    #[default]
    Get,
    Post,
}

/// The parts of a request that are the same for all records.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// With the port, as in `Host`.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
    pub(super) method: HttpMethod,
    /// The value of `Authorization`.
    pub(super) authorization: Option<String>,
}

/// The content of a request.
pub(super) enum Content {
    /// The attributes and fields of a record.
    Form(String),
    /// A formatter's text.
    Text(String),
}

impl Target {
    /// The bytes of a request with this content.
    pub(super) fn request(&self, content: &Content) -> Vec<u8> {
        let (text, content_type) = match content {
            Content::Form(form) => (form, "application/x-www-form-urlencoded"),
            Content::Text(text) if text.starts_with('{') => (text, "application/json"),
            Content::Text(text) => (text, "text/plain; charset=utf-8"),
        };
        let (method, path, body) = match self.method {
            HttpMethod::Get => {
                let sign = if self.path.contains('?') { '&' } else { '?' };
                let query = if let Content::Form(form) = content { form.clone() } else { percent_encoded(text) };
                ("GET", format!("{}{sign}{query}", self.path), "")
            }
            HttpMethod::Post => ("POST", self.path.clone(), text.as_str()),
        };
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.authority);
        if self.method == HttpMethod::Post {
            head.push_str(&format!("Content-Type: {content_type}\r\nContent-Length: {}\r\n", body.len()));
        }
        if let Some(authorization) = &self.authorization {
            head.push_str(&format!("Authorization: {authorization}\r\n"));
        }
        head.push_str("\r\n");
        let mut request = head.into_bytes();
        request.extend_from_slice(body.as_bytes());
        request
    }
}

/// The attributes of a record under Python's names, and its fields, as a form.
pub(super) fn form(record: &Record, context: &FormatContext) -> String {
    let pairs = attributes(record, context).into_iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", percent_encoded(&name), percent_encoded(&value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// As `urllib.parse.quote_plus` of Python.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The value of `Authorization` for a name and a password (RFC 7617).
pub(super) fn basic(name: &str, password: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("{name}:{password}");
    let mut out = String::from("Basic ");
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) as usize & 63;
            out.push(if digit <= chunk.len() { char::from(DIGITS[index]) } else { '=' });
        }
    }
    out
}

/// The status of a response, by its first line.
pub(super) fn status(line: &str) -> Option<u16> {
    line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_in_base64_and_texts_are_encoded_as_in_python() {
        for (name, password, expected) in [
            ("a", "b", "Basic YTpi"),
            ("ann", "x", "Basic YW5uOng="),
            ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ] {
            assert_eq!(basic(name, password), expected);
        }
        assert_eq!(percent_encoded("a b&é/~"), "a+b%26%C3%A9%2F~");
        assert_eq!((status("HTTP/1.1 204 No Content"), status("no HTTP")), (Some(204), None));
    }

    #[test]
    fn value_of_a_record_cannot_add_a_header() {
        let target =
            Target { authority: "h".into(), path: "/log?k=1".into(), method: HttpMethod::Get, authorization: None };
        let mut record = Record::new("shop".into(), crate::level::Level::INFO, "a\r\nX-Evil: 1");
        record.set_field("chairs", 3);
        let content = Content::Form(form(&record, &FormatContext::default()));
        let request = String::from_utf8(target.request(&content)).unwrap();
        assert!(request.starts_with("GET /log?k=1&name=shop&msg=a%0D%0AX-Evil%3A+1&"), "{request}");
        assert!(request.contains("&chairs=3") && request.matches("\r\n").count() == 4, "{request}");
    }
}
