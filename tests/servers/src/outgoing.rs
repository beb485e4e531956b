//! A client that calls other services and propagates the trace.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::HandlerError;

/// A client that propagates the trace.
#[derive(Clone, Debug)]
pub struct Outgoing {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http() }
    }
}

impl Outgoing {
    /// Sends a GET request, and returns the body.
    pub(crate) async fn get(&self, url: &str) -> Result<Bytes, HandlerError> {
        self.call(Method::GET, url, Bytes::new(), opencensus::inject).await
    }

    /// Makes the calls that the W3C suite's harness requests: `[{"url", "arguments"}]`.
    pub(crate) async fn call_all(&self, calls: &[u8]) -> Result<(), HandlerError> {
        let calls: Vec<Value> = serde_json::from_slice(calls).map_err(|error| HandlerError(error.to_string()))?;
        for call in calls {
            let url = call["url"].as_str().ok_or_else(|| HandlerError("a call has no url".to_owned()))?;
            // The harness expects a new span for every call.
            let inject = |authority: &str, headers: &mut HeaderMap| _ = opencensus::inject_call(authority, headers);
            self.call(Method::POST, url, call["arguments"].to_string().into(), inject).await?;
        }
        Ok(())
    }

    async fn call(
        &self,
        method: Method,
        url: &str,
        body: Bytes,
        inject: impl FnOnce(&str, &mut HeaderMap),
    ) -> Result<Bytes, HandlerError> {
        let request = Request::builder().method(method).uri(url).header(CONTENT_TYPE, "application/json");
        let mut request = request.body(Full::new(body)).map_err(|error| HandlerError(error.to_string()))?;
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        inject(&authority, request.headers_mut());
        let response = self.client.request(request).await.map_err(|error| HandlerError(error.to_string()))?;
        let body = response.into_body().collect().await.map_err(|error| HandlerError(error.to_string()))?;
        Ok(body.to_bytes())
    }
}
