//! Posts batches to the ingestion endpoint.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use opencensus_core::Delivery;
use reqwest::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, Response};
use rustls::ClientConfig;
use url::{Host, Url};

use crate::ingestion_response::IngestionResponse;
use crate::proxy::ProxyUrl;
use crate::redirect::{self, CachedRedirect, MAX_HOPS};

/// The most bytes of a response body that are read. A longer body counts as empty.
const MAX_BODY: usize = 256 * 1024;

/// A client of the ingestion endpoint. Clones share the connections.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    client: Client,
    url: Url,
    redirect: Arc<Mutex<Option<CachedRedirect>>>,
}

impl Transport {
    /// Must be called inside the runtime that will drive the client.
    pub(crate) fn new(
        url: Url,
        tls: ClientConfig,
        proxy: Option<&ProxyUrl>,
        timeout: Duration,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .referer(false)
            .timeout(timeout)
            .pool_max_idle_per_host(1);
        let client = match proxy {
            Some(proxy) => client.proxy(Proxy::all(proxy.expose())?),
            // `HTTPS_PROXY` and `HTTP_PROXY` do not apply to loopback addresses.
            None if is_loopback(&url) => client.no_proxy(),
            None => client,
        };
        Ok(Self { client: client.build()?, url, redirect: Arc::default() })
    }

    /// Posts a compressed batch of this many items and returns its outcome.
    pub(crate) async fn post(self, body: Vec<u8>, items: usize) -> Delivery {
        let mut url = self.start();
        for _ in 0..=MAX_HOPS {
            let Ok(response) = self.send(url.clone(), body.clone()).await else {
                // The remembered target may be gone: start again at the endpoint.
                self.remember(None);
                return Delivery::Retry { after: None };
            };
            match followed(&response, &url) {
                Some(target) => {
                    let control = response.headers().get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
                    self.remember(CachedRedirect::new(target.clone(), control, Instant::now()));
                    url = target;
                }
                None => return delivery(response, items).await,
            }
        }
        // A redirect loop: keep the batch and try the endpoint again later.
        self.remember(None);
        Delivery::Retry { after: None }
    }

    /// The URL for the next batch.
    fn start(&self) -> Url {
        let redirect = self.redirect.lock().unwrap_or_else(PoisonError::into_inner);
        let redirect = redirect.as_ref().filter(|redirect| !redirect.is_over(Instant::now()));
        redirect.map_or_else(|| self.url.clone(), |redirect| redirect.url.clone())
    }

    fn remember(&self, redirect: Option<CachedRedirect>) {
        *self.redirect.lock().unwrap_or_else(PoisonError::into_inner) = redirect;
    }

    async fn send(&self, url: Url, body: Vec<u8>) -> Result<Response, reqwest::Error> {
        // The service copies the user agent of the POST into items without one, so send an empty one.
        let request = self.client.post(url).header(USER_AGENT, "").header(CONTENT_TYPE, "application/json");
        request.header(CONTENT_ENCODING, "gzip").body(body).send().await
    }
}

/// The URL to follow, if the response is an allowed redirect.
fn followed(response: &Response, url: &Url) -> Option<Url> {
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok())?;
    matches!(response.status().as_u16(), 307 | 308).then(|| redirect::target(url, location)).flatten()
}

async fn delivery(mut response: Response, items: usize) -> Delivery {
    let (status, now) = (response.status().as_u16(), SystemTime::now());
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY => body.extend_from_slice(&chunk),
            Ok(None) => break,
            // The status has arrived and decides alone: an incomplete body counts as empty.
            Ok(Some(_)) | Err(_) => {
                body.clear();
                break;
            }
        }
    }
    let response = IngestionResponse::new(status, &body);
    let response = match retry_after {
        Some(value) => response.with_retry_after(&value, now),
        None => response,
    };
    response.delivery(items)
}

/// Whether the URL names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
