//! `RequestData` and `RemoteDependencyData` of spans from OpenTelemetry or the direct API.

use opencensus_core::SpanRecord;

use crate::encode::buffer::Buffer;
use crate::encode::encoder::{Encoder, write_operation};
use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::dependency::Dependency;
use crate::mapping::span_url::take_url;
use crate::mapping::tag::{CLIENT_ADDRESS, CLIENT_OR_PEER_ADDRESS};
use crate::mapping::{self, span};

impl Encoder {
    pub(super) fn write_span(&mut self, out: &mut Buffer<'_>, record: &SpanRecord) {
        let is_request = span::is_request(record.kind);
        let kind = if is_request { "Request" } else { "RemoteDependency" };
        let attributes = Attributes::new(&record.attributes);
        let name = span::name(record, &attributes);
        self.begin(out, kind, record.start, record.rate, record.resource.as_ref());
        write_operation(out, record.context, record.parent);
        // A request is an operation itself.
        let operation = if is_request { Some(&*name) } else { record.operation.as_deref() };
        if let Some(operation) = operation.filter(|operation| !operation.is_empty()) {
            out.member(fields::OPERATION_NAME, &self.redact(operation));
        }
        self.write_tags(out, &attributes, if is_request { &CLIENT_OR_PEER_ADDRESS } else { &CLIENT_ADDRESS });
        for part in [r#"},"data":{"baseType":""#, kind, r#"Data","baseData":{"ver":2,"id":""#] {
            out.extend_from_slice(part.as_bytes());
        }
        out.extend_from_slice(&record.context.span_id().to_hex());
        out.push(b'"');
        let field = if is_request { fields::REQUEST_NAME } else { fields::DEPENDENCY_NAME };
        self.write_name(out, field, &name, &record.attributes);
        out.duration(record.duration);
        let success = span::has_succeeded(record, self.options.client_errors_succeed);
        out.extend_from_slice(if success { br#","success":true"# } else { br#","success":false"# });
        if is_request {
            self.write_request_fields(out, record, &attributes);
        } else {
            self.write_dependency_fields(out, record, &attributes);
        }
        self.write_properties(out, &attributes, |_, out| {
            if !record.links.is_empty() {
                out.named("_MS.links", &mapping::links(&record.links), fields::PROPERTY_VALUE.limit);
            }
        });
        out.extend_from_slice(b"}}}");
    }

    fn write_request_fields(&self, out: &mut Buffer<'_>, record: &SpanRecord, attributes: &Attributes<'_>) {
        let code = span::take_result_code(attributes);
        // The schema requires a code; 0 stands for an unknown one.
        out.member(fields::RESPONSE_CODE, code.as_deref().unwrap_or("0"));
        if attributes.text(&span::HTTP_METHOD).is_some() {
            // Empty if the attributes do not suffice, as in Microsoft's exporters.
            let url = take_url(attributes, fields::REQUEST_URL).unwrap_or_default();
            out.member(fields::REQUEST_URL, &self.options.redaction.apply_to_url(&url));
        }
        if let Some(source) = span::take_source(record, attributes) {
            out.member(fields::REQUEST_SOURCE, &self.redact(&source));
        }
    }

    fn write_dependency_fields(&self, out: &mut Buffer<'_>, record: &SpanRecord, attributes: &Attributes<'_>) {
        let code = span::take_result_code(attributes);
        out.member(fields::RESULT_CODE, code.as_deref().unwrap_or("0"));
        let dependency = Dependency::take(record.kind, attributes);
        out.member(fields::DEPENDENCY_TYPE, &dependency.kind);
        if let Some(target) = &dependency.target {
            out.member(fields::DEPENDENCY_TARGET, &self.redact(target));
        }
        if let Some(data) = &dependency.data {
            out.member(fields::DEPENDENCY_DATA, &self.redact(data));
        }
    }
}
