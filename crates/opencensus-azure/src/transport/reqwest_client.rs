//! The HTTP client of an application, from a builder of `reqwest`.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Proxy};
use url::Url;

use crate::proxy::ProxyUrl;
use crate::transport::post_error::{ClientError, PostError};
use crate::transport::response::{MAX_BODY, Response};

/// Clones share the connections.
#[derive(Clone, Debug)]
pub(crate) struct ReqwestClient {
    client: Client,
    timeout: Duration,
}

impl ReqwestClient {
    /// Must be called inside the runtime that will drive the client. The exporter follows redirects by its own rules;
    /// reqwest would follow them to any host.
    pub(crate) fn new(
        builder: ClientBuilder,
        proxy: Option<&ProxyUrl>,
        timeout: Duration,
    ) -> Result<Self, reqwest::Error> {
        let builder = builder.redirect(Policy::none()).referer(false).timeout(timeout).pool_max_idle_per_host(1);
        let builder = match proxy {
            Some(proxy) => builder.no_proxy().proxy(Proxy::all(proxy.expose())?),
            None => builder,
        };
        Ok(Self { client: builder.build()?, timeout })
    }

    /// Posts a compressed body.
    pub(super) async fn post(&self, url: &Url, body: Bytes) -> Result<Response, PostError> {
        // The service copies the user agent of the POST into items without one, so send an empty one.
        let request = self.client.post(url.clone()).header(USER_AGENT, "").header(CONTENT_TYPE, "application/json");
        let response = request.header(CONTENT_ENCODING, "gzip").body(body).send().await;
        let mut response = response.map_err(|error| match error.is_timeout() {
            true => PostError::Timeout(self.timeout),
            false => ClientError::new(error.without_url()).into(),
        })?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Response { status, headers, body }),
                Ok(Some(_)) | Err(_) => return Ok(Response { status, headers, body: Vec::new() }),
            }
        }
    }
}
