//! An HTTP client for the API of a running portal.

use std::io;

use axum::body::{Body, to_bytes};
use axum::http::header::HOST;
use axum::http::uri::{Authority, Uri};
use axum::http::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

use crate::command::client_error::ClientError;

/// The portal that subcommands use unless `--url` names another.
pub(super) const DEFAULT_URL: &str = "http://127.0.0.1:8787";
/// The most bytes of a response that is read as a whole.
const MAX_RESPONSE: usize = 256 * 1024 * 1024;

/// A portal that runs in another process, or in this one. Each request uses a connection for itself.
#[derive(Clone, Debug)]
pub(super) struct PortalClient {
    authority: Authority,
}

impl PortalClient {
    /// A client for an address such as `http://127.0.0.1:8787`, of which the path is ignored.
    ///
    /// # Errors
    ///
    /// It is not an address of plain HTTP.
    pub(super) fn new(url: &str) -> Result<Self, ClientError> {
        let invalid = || ClientError::Url(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        if uri.scheme_str().is_some_and(|scheme| scheme != "http") {
            return Err(invalid());
        }
        Ok(Self { authority: uri.authority().cloned().ok_or_else(invalid)? })
    }

    /// The address of the portal's page.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.authority)
    }

    /// The port of the portal.
    pub(super) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(80)
    }

    /// Sends a GET for a path below `/api/v1`, and returns the response once its head has arrived.
    ///
    /// # Errors
    ///
    /// The portal cannot be reached, or responds with an error.
    pub(super) async fn get(&self, path: &str) -> Result<Body, ClientError> {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Sends a GET, and parses the JSON of the response.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get), or the response is not the expected JSON.
    pub(super) async fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        read_json(self.get(path).await?).await
    }

    /// Sends a request with these headers for a path below `/api/v1`, and returns the response once its head has arrived.
    ///
    /// # Errors
    ///
    /// The portal cannot be reached, or responds with an error.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Result<Body, ClientError> {
        let unreachable = |error: io::Error| ClientError::Unreachable { url: self.url(), error };
        let host = self.authority.host().trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((host, self.port())).await.map_err(unreachable)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        request = request.header(HOST, self.authority.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = sender.send_request(request.body(body)?).await?.map(Body::new);
        success(response).await
    }
}

/// The body of a response with a status of success.
async fn success(response: Response<Body>) -> Result<Body, ClientError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response.into_body());
    }
    let text = to_bytes(response.into_body(), 64 * 1024).await.unwrap_or_default();
    Err(ClientError::Status { status, message: reason(&text) })
}

/// The reason of an error response, which is JSON with a field for it.
fn reason(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Reason {
        error: String,
    }
    match serde_json::from_slice(body) {
        Ok(Reason { error }) => error,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

/// Reads a response as JSON.
///
/// # Errors
///
/// The connection fails, or the response is not the expected JSON.
pub(super) async fn read_json<T: DeserializeOwned>(body: Body) -> Result<T, ClientError> {
    let bytes = to_bytes(body, MAX_RESPONSE).await.map_err(ClientError::body)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Formats a query string such as `?q=a%20b`, or an empty one.
pub(super) fn query<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                query.push(byte.into());
            } else {
                query.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_are_encoded() {
        assert_eq!(query([]), "");
        assert_eq!(query([("name", "GET /é&="), ("after", "7")]), "?name=GET%20%2F%C3%A9%26%3D&after=7");
    }

    #[test]
    fn addresses_of_plain_http_are_accepted_with_and_without_a_scheme_and_path() {
        for url in ["http://127.0.0.1:8787", "127.0.0.1:8787", "http://127.0.0.1:8787/search?q=x"] {
            assert_eq!(PortalClient::new(url).unwrap().url(), "http://127.0.0.1:8787/", "{url}");
        }
        for url in ["https://127.0.0.1:8787", "/search", "", "http://"] {
            assert!(matches!(PortalClient::new(url), Err(ClientError::Url(_))), "{url}");
        }
    }
}
