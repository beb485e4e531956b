//! Posts batches: redirects, and the interpretation of responses.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER};
use opencensus_core::{Delivery, FailureCause, SendOutcome};
use url::Url;

use crate::failure::cause_of_error;
use crate::ingestion_response::IngestionResponse;
use crate::redirect::{self, CachedRedirect, MAX_HOPS};
use crate::transport::http_client::HttpClient;
use crate::transport::response::Response;

/// A client of the ingestion endpoint. Clones share the connections.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    client: HttpClient,
    url: Url,
    redirect: Arc<Mutex<Option<CachedRedirect>>>,
}

impl Transport {
    /// Posts to this URL.
    pub(crate) fn new(client: HttpClient, url: Url) -> Self {
        Self { client, url, redirect: Arc::default() }
    }

    /// Posts a compressed batch of this many items and returns its outcome.
    pub(crate) async fn post(self, body: Vec<u8>, items: usize) -> SendOutcome {
        let body = Bytes::from(body);
        let mut url = self.start();
        for _ in 0..=MAX_HOPS {
            let response = match self.client.post(&url, body.clone()).await {
                Ok(response) => response,
                Err(error) => {
                    // The remembered target may be gone: start again at the endpoint.
                    self.remember(None);
                    return Delivery::Retry { after: None }.because(cause_of_error(&error).with_endpoint(host(&url)));
                }
            };
            match followed(&response, &url) {
                Some(target) => {
                    let control = response.header(CACHE_CONTROL);
                    let status = response.status.as_u16();
                    self.remember(CachedRedirect::new(status, target.clone(), control, Instant::now()));
                    url = target;
                }
                None => {
                    let mut outcome = outcome(&response, items);
                    outcome.cause = outcome.cause.map(|cause| cause.with_endpoint(host(&url)));
                    return outcome;
                }
            }
        }
        // A redirect loop: keep the batch and try the endpoint again later.
        self.remember(None);
        let cause = FailureCause::new("the endpoint redirects in circles").with_endpoint(host(&url));
        Delivery::Retry { after: None }.because(cause)
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
}

/// The host with its port unless that is the scheme's default, and without credentials.
fn host(url: &Url) -> &str {
    url.authority().rsplit('@').next().unwrap_or_default()
}

/// The URL to follow, if the response is an allowed redirect.
fn followed(response: &Response, url: &Url) -> Option<Url> {
    let location = response.header(LOCATION)?;
    matches!(response.status.as_u16(), 307 | 308).then(|| redirect::target(url, location)).flatten()
}

fn outcome(response: &Response, items: usize) -> SendOutcome {
    let interpreted = IngestionResponse::new(response.status.as_u16(), &response.body);
    let interpreted = match response.header(RETRY_AFTER) {
        Some(value) => interpreted.with_retry_after(value, SystemTime::now()),
        None => interpreted,
    };
    interpreted.outcome(items)
}
