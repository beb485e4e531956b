//! The data of the request that a record is about.

use std::fmt;

use opencensus_core::request::percent_decode;
use serde_json::{Map, Value};

/// The data of the request that a record is about, as in Django's error reports. It contains secrets: the handler that
/// mails a report redacts them, and `Debug` shows nothing.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::RequestReport;
///
/// let mut report = RequestReport::new("POST", "/buy");
/// report.set_url("https", "shop.example", Some("campaign=7"));
/// report.add_header("user-agent", "curl");
/// report.add_form_field("item", "chair");
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct RequestReport {
    values: Map<String, Value>,
}

impl RequestReport {
    /// A report of a request with this method and path.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        let mut report = Self::default();
        report.values.insert("method".to_owned(), method.into());
        report.values.insert("path".to_owned(), path.into());
        report
    }

    /// Sets the URL, which is `Request URL` in a report; the decoded pairs of its query are `GET`.
    pub fn set_url(&mut self, scheme: &str, host: &str, query: Option<&str>) {
        let path = self.values.get("path").and_then(Value::as_str).unwrap_or_default();
        let suffix = query.map(|query| format!("?{query}")).unwrap_or_default();
        let url = format!("{scheme}://{host}{path}{suffix}");
        self.set("url", &url);
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.add("get", &decode_form(name), &decode_form(value));
        }
    }

    /// Sets the address of the client's end of the connection: `REMOTE_ADDR`. Mails show by it whether a client is
    /// internal.
    pub fn set_remote_address(&mut self, address: &str) {
        self.set("remote_addr", address);
        self.add("meta", "REMOTE_ADDR", address);
    }

    /// Sets the protocol: `SERVER_PROTOCOL`.
    pub fn set_protocol(&mut self, protocol: &str) {
        self.add("meta", "SERVER_PROTOCOL", protocol);
    }

    /// Sets the template of the matched route: `Raised during`.
    pub fn set_route(&mut self, route: &str) {
        self.set("route", route);
    }

    /// Sets the name of the user who is signed in: `USER`.
    pub fn set_user(&mut self, user: &str) {
        self.set("user", user);
    }

    /// Adds a header line: `META`, under its name in CGI. A `Cookie` line is `COOKIES`, too.
    pub fn add_header(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("cookie") {
            for cookie in value.split(';').map(str::trim).filter(|cookie| !cookie.is_empty()) {
                let (name, value) = cookie.split_once('=').unwrap_or(("", cookie));
                self.add("cookies", name.trim(), value.trim());
            }
        }
        let name = name.to_ascii_uppercase().replace('-', "_");
        let is_own = name == "CONTENT_TYPE" || name == "CONTENT_LENGTH";
        self.add("meta", &if is_own { name } else { format!("HTTP_{name}") }, value);
    }

    /// Adds the number of header lines that the report leaves out.
    pub fn add_omitted_headers(&mut self, lines: usize) {
        self.add("meta", "(left out)", &format!("{lines} lines of headers"));
    }

    /// Adds a form field: `POST`.
    pub fn add_form_field(&mut self, name: &str, value: &str) {
        self.add("post", name, value);
    }

    /// Adds a form field that is a file, by the file's name: `FILES`.
    pub fn add_file(&mut self, name: &str, file: &str) {
        self.add("files", name, file);
    }

    /// The method as the client sent it.
    #[must_use]
    pub fn method(&self) -> &str {
        self.text("method").unwrap_or_default()
    }

    /// The target's path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.text("path").unwrap_or_default()
    }

    /// The URL, with secrets in its query.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.text("url")
    }

    /// The template of the matched route.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.text("route")
    }

    /// The address of the client's end of the connection.
    #[must_use]
    pub fn peer(&self) -> Option<&str> {
        self.text("remote_addr")
    }

    /// The name of the user who is signed in.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.text("user")
    }

    /// The headers, with their names in lower case. Lines of the same name are one, with commas between them.
    pub fn headers(&self) -> impl Iterator<Item = (String, &str)> {
        let meta = self.values.get("meta").and_then(Value::as_array);
        meta.into_iter().flatten().filter_map(|pair| {
            let name = pair.get(0)?.as_str()?;
            let own = || matches!(name, "CONTENT_TYPE" | "CONTENT_LENGTH").then_some(name);
            let name = name.strip_prefix("HTTP_").or_else(own)?;
            Some((name.to_ascii_lowercase().replace('_', "-"), pair.get(1)?.as_str()?))
        })
    }

    /// The value of a header, whose name may have any letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(Value::as_str)
    }

    fn set(&mut self, key: &str, value: &str) {
        self.values.insert(key.to_owned(), value.into());
    }

    /// Values of the same name become one value, with commas between them. A table is a list of pairs, because an
    /// object of `serde_json` keeps the order only if the program asks for it.
    fn add(&mut self, table: &str, name: &str, value: &str) {
        let table = self.values.entry(table).or_insert_with(|| Value::Array(Vec::new()));
        let Some(table) = table.as_array_mut() else { return };
        let known = table.iter_mut().filter_map(Value::as_array_mut).find(|pair| pair[0] == name);
        match known.map(|pair| &mut pair[1]) {
            Some(Value::String(known)) => {
                known.push_str(", ");
                known.push_str(value);
            }
            _ => table.push(Value::from(vec![name, value])),
        }
    }

    /// The data, under the same names as in a record's field `request`. Tables are lists of pairs.
    #[cfg(feature = "mail")]
    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }
}

/// A part of a query or a form, where `+` is a space.
pub(crate) fn decode_form(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode(&text.replace('+', " "))).into_owned()
}

/// Shows nothing of the request.
impl fmt::Debug for RequestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestReport")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn report_has_the_tables_of_django() {
        let mut report = RequestReport::new("POST", "/a%20b");
        report.set_url("https", "shop", Some("q=a+b%21&q=2&flag"));
        report.add_header("cookie", "a=1; b = 2;c");
        report.add_header("content-type", "text/plain");
        report.add_header("x-forwarded-for", "1.2.3.4");
        report.add_header("x-forwarded-for", "5.6.7.8");
        assert_eq!(
            Value::from(report.values.clone()),
            json!({
                "method": "POST",
                "path": "/a%20b",
                "url": "https://shop/a%20b?q=a+b%21&q=2&flag",
                "get": [["q", "a b!, 2"], ["flag", ""]],
                "cookies": [["a", "1"], ["b", "2"], ["", "c"]],
                "meta": [
                    ["HTTP_COOKIE", "a=1; b = 2;c"],
                    ["CONTENT_TYPE", "text/plain"],
                    ["HTTP_X_FORWARDED_FOR", "1.2.3.4, 5.6.7.8"],
                ],
            })
        );
        assert_eq!(format!("{report:?}"), "RequestReport");
        report.set_user("ann");
        report.set_remote_address("203.0.113.7");
        let facts = [report.method(), report.path(), report.user().unwrap(), report.peer().unwrap()];
        assert_eq!(facts, ["POST", "/a%20b", "ann", "203.0.113.7"]);
        assert_eq!(report.headers().count(), 3);
        assert_eq!(report.header("X-Forwarded-For"), Some("1.2.3.4, 5.6.7.8"));
        assert_eq!((report.header("content-type"), report.header("server-protocol")), (Some("text/plain"), None));
    }
}
