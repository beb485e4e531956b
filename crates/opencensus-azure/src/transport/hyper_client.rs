//! The default HTTP client: hyper's.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::proxy::OutboundProxy;
use crate::transport::connector::Connector;
use crate::transport::post_error::{ClientError, PostError};
use crate::transport::response::{MAX_BODY, Response};

/// Clones share the connections.
#[derive(Clone, Debug)]
pub(crate) struct HyperClient {
    client: Client<Connector, Full<Bytes>>,
    proxy: Arc<OutboundProxy>,
    timeout: Duration,
}

impl HyperClient {
    /// Must be called inside the runtime that will drive the client. `tls` may be `None` if no URL, also of a proxy, is
    /// `https`.
    pub(crate) fn new(tls: Option<ClientConfig>, proxy: OutboundProxy, timeout: Duration) -> Self {
        let proxy = Arc::new(proxy);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(1)
            .build(Connector::new(tls, Arc::clone(&proxy), timeout));
        Self { client, proxy, timeout }
    }

    /// Posts a compressed body.
    pub(super) async fn post(&self, url: &Url, body: Bytes) -> Result<Response, PostError> {
        let deadline = Instant::now() + self.timeout;
        let request = self.request(url, body)?;
        let response = timeout_at(deadline, self.client.request(request)).await;
        let response = response.map_err(|_| PostError::Timeout(self.timeout))?.map_err(ClientError::new)?;
        let (head, body) = response.into_parts();
        let body = timeout_at(deadline, read(body)).await.ok().flatten().unwrap_or_default();
        Ok(Response { status: head.status, headers: head.headers, body })
    }

    fn request(&self, url: &Url, body: Bytes) -> Result<Request<Full<Bytes>>, ClientError> {
        let uri = url.as_str().parse::<Uri>().map_err(ClientError::new)?;
        let is_forwarded = uri.scheme_str() == Some("http");
        let proxy = if is_forwarded { self.proxy.of(&uri) } else { None };
        let request = Request::post(uri)
            // The service copies the user agent of the POST into items without one, so send an empty one.
            .header(USER_AGENT, HeaderValue::from_static(""))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let request = match proxy.as_ref().and_then(|proxy| proxy.basic_auth()) {
            Some(credentials) => request.header(PROXY_AUTHORIZATION, credentials),
            None => request,
        };
        request.body(Full::new(body)).map_err(ClientError::new)
    }
}

/// The whole body. `None` if it is too long or incomplete.
async fn read(mut body: Incoming) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.ok()?.into_data() else { continue };
        if bytes.len() + chunk.len() > MAX_BODY {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}
