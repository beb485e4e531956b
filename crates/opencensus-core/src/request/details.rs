//! All details of a request, for error reports.

use std::fmt;
use std::net::IpAddr;

use crate::request::HeaderLines;

/// All details of a request, for error reports. Nothing is redacted: a report must redact the details that it
/// shows.
///
/// # Examples
///
/// ```
/// use opencensus_core::RequestDetails;
///
/// let mut details = RequestDetails::default();
/// details.headers.push("accept", b"text/html");
/// assert!(!format!("{details:?}").contains("text/html"), "debug output shows numbers only");
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestDetails {
    /// `http` or `https`, if the target or the server specifies it.
    pub scheme: Option<String>,
    /// The requested host, with its port.
    pub host: Option<String>,
    /// The address of the connection's other end.
    pub peer: Option<IpAddr>,
    /// The matched route's template, such as `/users/{id}`.
    pub route: Option<String>,
    /// The signed-in user, if the handler sets it.
    pub user: Option<String>,
    /// All header lines, names in lower case.
    pub headers: HeaderLines,
    /// The fields of a form, if the handler sets them: the middleware does not read bodies.
    pub form: Vec<(String, String)>,
    /// The file fields of a form with the files' names, if the handler sets them.
    pub files: Vec<(String, String)>,
}

/// Shows the numbers of entries, not their contents.
impl fmt::Debug for RequestDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestDetails")
            .field("headers", &self.headers)
            .field("form", &self.form.len())
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}
