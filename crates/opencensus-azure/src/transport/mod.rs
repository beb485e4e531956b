//! Posts batches to the ingestion endpoint.
//!
//! [`Transport`] follows redirects and interprets responses. Below it an HTTP client makes one POST: by default
//! hyper's, with this crate's `Connector` for TLS and proxies; with the feature `reqwest` also one that the application
//! has configured.

mod client;
mod connector;
mod http_client;
mod hyper_client;
mod post_error;
#[cfg(feature = "reqwest")]
mod reqwest_client;
mod response;
mod stream;

pub(crate) use client::Transport;
pub(crate) use http_client::HttpClient;
pub(crate) use hyper_client::HyperClient;
#[cfg(feature = "reqwest")]
pub(crate) use reqwest_client::ReqwestClient;
