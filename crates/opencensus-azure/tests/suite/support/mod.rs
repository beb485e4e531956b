//! Pipelines that export to an endpoint, and requests to export.

pub(crate) mod head;
pub(crate) mod log_lines;

use std::sync::Arc;
use std::time::Duration;

use opencensus_azure::{AzureExporter, ConnectionString};
use opencensus_core::{Attribute, Pipeline, PipelineLimits, Resource, SpanKind, SpanRecord, TraceContext};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// Limits without waits.
pub(crate) fn quick() -> PipelineLimits {
    let mut limits = PipelineLimits::default();
    limits.first_delay = Duration::from_millis(1);
    limits.batch_age = Duration::from_millis(20);
    limits.retry_base = Duration::from_millis(1);
    limits
}

/// The HTTP client that sends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Client {
    BuiltIn,
    Reqwest,
}

impl Client {
    pub(crate) const ALL: [Self; 2] = [Self::BuiltIn, Self::Reqwest];
}

/// An exporter to the endpoint of the connection string, also over plain `http`.
pub(crate) fn exporter(client: Client, connection_string: &str) -> AzureExporter {
    let connection: ConnectionString = connection_string.parse().unwrap();
    let exporter = AzureExporter::new(&connection, &Resource::default()).unwrap().with_plain_http(true);
    match client {
        Client::BuiltIn => exporter,
        Client::Reqwest => exporter.with_client_builder(trusting(&[])),
    }
}

/// A builder of `reqwest` that trusts these authorities alone.
pub(crate) fn trusting(authorities: &[CertificateDer<'static>]) -> reqwest::ClientBuilder {
    let mut roots = RootCertStore::empty();
    assert_eq!(roots.add_parsable_certificates(authorities.iter().cloned()).1, 0);
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls)
}

/// Starts a pipeline to the endpoint of the connection string.
pub(crate) fn start(client: Client, connection_string: &str, limits: PipelineLimits) -> Pipeline {
    log_lines::install();
    Pipeline::start(Box::new(exporter(client, connection_string)), limits, None).unwrap()
}

/// Submits a request for this path of the host `shop`.
pub(crate) fn submit_request(pipeline: &Pipeline, path: &str) {
    let mut request = SpanRecord::new(TraceContext::root(), SpanKind::Server, "GET");
    request.attributes.push(Attribute::new("http.request.method", "GET"));
    request.attributes.push(Attribute::new("url.full", format!("http://shop{path}")));
    pipeline.submit(request.into());
}
