//! Pipelines that export to an endpoint, and requests to export.

use std::time::Duration;

use opencensus_azure::{AzureExporter, ConnectionString};
use opencensus_core::{Attribute, Pipeline, PipelineLimits, Resource, SpanKind, SpanRecord, TraceContext};

/// Limits without waits.
pub(crate) fn quick() -> PipelineLimits {
    let mut limits = PipelineLimits::default();
    limits.first_delay = Duration::from_millis(1);
    limits.batch_age = Duration::from_millis(20);
    limits.retry_base = Duration::from_millis(1);
    limits
}

/// Starts a pipeline to the endpoint of the connection string, also over plain `http`.
pub(crate) fn start(connection_string: &str, limits: PipelineLimits) -> Pipeline {
    let connection: ConnectionString = connection_string.parse().unwrap();
    let exporter = AzureExporter::new(&connection, &Resource::default()).unwrap().with_plain_http(true);
    Pipeline::start(Box::new(exporter), limits, None).unwrap()
}

/// Submits a request for this path of the host `shop`.
pub(crate) fn submit_request(pipeline: &Pipeline, path: &str) {
    let mut request = SpanRecord::new(TraceContext::root(), SpanKind::Server, "GET");
    request.attributes.push(Attribute::new("http.request.method", "GET"));
    request.attributes.push(Attribute::new("url.full", format!("http://shop{path}")));
    pipeline.submit(request.into());
}
