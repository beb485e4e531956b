//! The HTTP client that makes a POST.

use bytes::Bytes;
use url::Url;

use crate::transport::hyper_client::HyperClient;
use crate::transport::post_error::PostError;
#[cfg(feature = "reqwest")]
use crate::transport::reqwest_client::ReqwestClient;
use crate::transport::response::Response;

/// Clones share the connections.
#[derive(Clone, Debug)]
pub(crate) enum HttpClient {
    Hyper(Box<HyperClient>),
    #[cfg(feature = "reqwest")]
    Reqwest(ReqwestClient),
}

impl HttpClient {
    /// Posts a compressed body and reads the response.
    pub(super) async fn post(&self, url: &Url, body: Bytes) -> Result<Response, PostError> {
        match self {
            Self::Hyper(client) => client.post(url, body).await,
            #[cfg(feature = "reqwest")]
            Self::Reqwest(client) => client.post(url, body).await,
        }
    }
}
