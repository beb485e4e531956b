//! A request in full.

use std::fmt;
use std::net::IpAddr;

use crate::request::HeaderLines;

/// A request in full, for a report of what went wrong with it. Nothing in it is hidden: whoever shows it hides what
/// nobody should read.
#[derive(Clone, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestDetails {
    /// `http` or `https`, where the target or the server says so.
    pub scheme: Option<String>,
    /// The host that was asked for, with its port.
    pub host: Option<String>,
    /// The address of the connection's other end.
    pub peer: Option<IpAddr>,
    /// The matched route's template, such as `/users/{id}`.
    pub route: Option<String>,
    /// Who is signed in, if the handler says so.
    pub user: Option<String>,
    /// All lines, names in lower case.
    pub headers: HeaderLines,
    /// Fields of a form, if the handler tells them: nobody else reads a body.
    pub form: Vec<(String, String)>,
    /// Fields of a form that are files, with the files' names, if the handler tells them.
    pub files: Vec<(String, String)>,
}

/// How much there is, and nothing of what it is.
impl fmt::Debug for RequestDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestDetails")
            .field("headers", &self.headers)
            .field("form", &self.form.len())
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}
