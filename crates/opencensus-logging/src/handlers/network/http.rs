//! A handler that sends records to an HTTP server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::formatters::{FormatContext, Formatter};
use crate::handler_error::HandlerError;
use crate::handlers::Handler;
use crate::handlers::line::line;
use crate::handlers::network::connection::Connection;
use crate::handlers::network::http_request::{Content, HttpMethod, Target, basic, form, status};
use crate::handlers::network::line_sender::TIMEOUT;
use crate::handlers::network::peer::Peer;
use crate::lock::lock;
use crate::record::Record;

/// Sends each record in a request to an HTTP server, as Python's `HTTPHandler`: the attributes and fields of the record
/// are the query of a GET, or a form in a POST; with a formatter, its text is the body.
///
/// Only `http:` is supported, for a collector on the same machine or in the same network: for `https:` register a class
/// with a client of the program by [`with_handler_class`](crate::LoggingBuilder::with_handler_class). Each request has
/// its own connection; redirects are not followed. A record is lost, and counted as failed, if the server does not
/// respond within the timeout, or with a status of 400 or above. [`SocketHandler`](crate::handlers::SocketHandler)
/// describes the pauses after a failure.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::JsonFormatter;
/// use opencensus_logging::handlers::HttpHandler;
/// use opencensus_logging::{Level, Logging};
/// use std::sync::Arc;
///
/// let handler = HttpHandler::post("localhost", 8000, "/logs").with_formatter(Arc::new(JsonFormatter::new()));
/// Logging::builder().build().add_handler("shop", "http", Level::INFO, handler);
/// ```
pub struct HttpHandler {
    connection: Mutex<Connection>,
    target: Target,
    timeout: Duration,
    formatter: Option<Arc<dyn Formatter>>,
    context: Arc<FormatContext>,
}

/// The longest status line that is read, in bytes.
const LONGEST_LINE: u64 = 1024;
const HTTP_PORT: u16 = 80;

impl HttpHandler {
    /// A handler that posts to this path.
    #[must_use]
    pub fn post(host: &str, port: u16, path: &str) -> Self {
        Self::to(host, port, path, HttpMethod::Post, TIMEOUT)
    }

    /// A handler that sends GET requests to this path.
    #[must_use]
    pub fn get(host: &str, port: u16, path: &str) -> Self {
        Self::to(host, port, path, HttpMethod::Get, TIMEOUT)
    }

    pub(crate) fn to(host: &str, port: u16, path: &str, method: HttpMethod, timeout: Duration) -> Self {
        // Control characters would end the request line.
        let clean = |text: &str| text.chars().filter(char::is_ascii_graphic).collect::<String>();
        let authority = if port == HTTP_PORT { clean(host) } else { format!("{}:{port}", clean(host)) };
        let slash = if path.starts_with('/') { "" } else { "/" };
        let target = Target { authority, path: format!("{slash}{}", clean(path)), method, authorization: None };
        let peer = Peer::Tcp(host.trim_matches(['[', ']']).to_owned(), port);
        let connection = Mutex::new(Connection::new(peer, timeout));
        Self { connection, target, timeout, formatter: None, context: Arc::default() }
    }

    /// Sends the text of a formatter instead of a form.
    #[must_use]
    pub fn with_formatter(mut self, formatter: Arc<dyn Formatter>) -> Self {
        self.formatter = Some(formatter);
        self
    }

    /// Sets the name and the password for the server (basic authentication, in clear text).
    #[must_use]
    pub fn with_credentials(mut self, name: &str, password: &str) -> Self {
        self.target.authorization = Some(basic(name, password));
        self
    }

    pub(crate) fn with_context(mut self, context: Arc<FormatContext>) -> Self {
        self.context = context;
        self
    }
}

impl Handler for HttpHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let content = match &self.formatter {
            Some(formatter) => Content::Text(line(&**formatter, record, "")?),
            None => Content::Form(form(record, &self.context)),
        };
        let request = self.target.request(&content);
        let mut stream = lock(&self.connection).stream()?;
        stream.set_read_timeout(Some(self.timeout))?;
        stream.write_all(&request)?;
        let mut line = Vec::new();
        BufReader::new(stream.take(LONGEST_LINE)).read_until(b'\n', &mut line)?;
        match status(&String::from_utf8_lossy(&line)) {
            Some(..400) => Ok(()),
            Some(status) => Err(HandlerError::Other(format!("the server responded with status {status}").into())),
            None => Err(HandlerError::Other("the server's response is not HTTP".into())),
        }
    }
}
