//! Converts resources in both directions.

use opencensus_core::Resource;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource as OtelResource;

/// Converts a resource from OpenTelemetry.
pub(crate) fn from_otel_resource(resource: &OtelResource) -> Resource {
    let mut converted = Resource::default();
    resource.iter().for_each(|(key, value)| converted.set(key.as_str(), value.as_str()));
    converted
}

/// Converts a resource to OpenTelemetry.
pub(crate) fn to_otel_resource(resource: &Resource) -> OtelResource {
    let attributes = resource.iter().map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()));
    OtelResource::builder_empty().with_attributes(attributes).build()
}
