//! `RequestData` and `RemoteDependencyData` of spans from OpenTelemetry or the direct API.

use std::io::Write as _;

use opencensus_core::SpanRecord;

use crate::encode::encoder::{Encoder, write_operation};
use crate::encode::json::{close_object, duration, member};
use crate::envelope::limits;
use crate::mapping::attributes::Attributes;
use crate::mapping::dependency::Dependency;
use crate::mapping::{self, span};

impl Encoder {
    pub(super) fn write_span(&mut self, out: &mut Vec<u8>, record: &SpanRecord) {
        let is_request = span::is_request(record.kind);
        let kind = if is_request { "Request" } else { "RemoteDependency" };
        let name = span::name(record);
        self.begin(out, kind, record.start, record.rate, record.resource.as_ref());
        write_operation(out, record.context, record.parent);
        if is_request {
            member(out, "ai.operation.name", &name, limits::TAG_OPERATION_NAME);
        }
        self.write_span_tags(out, record);
        let _ = write!(out, r#"}},"data":{{"baseType":"{kind}Data","baseData":{{"ver":2,"id":""#);
        out.extend_from_slice(&record.context.span_id().to_hex());
        out.push(b'"');
        member(out, "name", &name, limits::REQUEST_NAME);
        duration(out, record.duration);
        let success = span::has_succeeded(record, self.client_errors_succeed);
        let _ = write!(out, r#","success":{success}"#);
        if is_request {
            write_request_fields(out, record);
        } else {
            write_dependency_fields(out, record);
        }
        self.write_span_properties(out, record);
        out.extend_from_slice(b"}}}");
    }

    fn write_span_tags(&mut self, out: &mut Vec<u8>, record: &SpanRecord) {
        let attributes = Attributes(&record.attributes);
        if let Some(address) = span::client_address(attributes) {
            member(out, "ai.location.ip", &address, limits::TAG_LOCATION_IP);
        }
        let user_agent = attributes.text(&["user_agent.original", "http.user_agent"]);
        if let Some(user_agent) = &user_agent {
            member(out, "ai.user.userAgent", user_agent, limits::TAG_USER_AGENT);
        }
        if let Some(source) = mapping::synthetic_source(&record.attributes, user_agent.as_deref()) {
            member(out, "ai.operation.syntheticSource", source, limits::TAG_OPERATION_NAME);
        }
        for attribute in &record.attributes {
            if let Some((tag, limit)) = mapping::tag_of(&attribute.key) {
                mapping::write_value(&mut self.scratch, &attribute.key, &attribute.value);
                member(out, tag, &self.scratch, limit);
            }
        }
    }

    fn write_span_properties(&mut self, out: &mut Vec<u8>, record: &SpanRecord) {
        let start = out.len();
        if !record.links.is_empty() {
            member(out, "_MS.links", &mapping::links(&record.links), limits::PROPERTY_VALUE);
        }
        self.write_unmapped(out, &record.attributes);
        close_object(out, start, "properties");
    }
}

fn write_request_fields(out: &mut Vec<u8>, record: &SpanRecord) {
    let attributes = Attributes(&record.attributes);
    // The schema requires a code; 0 stands for an unknown one.
    let code = attributes.result_code();
    member(out, "responseCode", code.as_deref().unwrap_or("0"), limits::RESULT_CODE);
    if attributes.http_method().is_some() {
        // Empty if the attributes do not suffice, as in Microsoft's exporters.
        member(out, "url", &attributes.url().unwrap_or_default(), limits::REQUEST_URL);
    }
    if let Some(source) = span::source(record) {
        member(out, "source", &source, limits::REQUEST_SOURCE);
    }
}

fn write_dependency_fields(out: &mut Vec<u8>, record: &SpanRecord) {
    let code = Attributes(&record.attributes).result_code();
    member(out, "resultCode", code.as_deref().unwrap_or("0"), limits::RESULT_CODE);
    let dependency = Dependency::of(record);
    member(out, "type", &dependency.kind, limits::DEPENDENCY_TYPE);
    if let Some(target) = &dependency.target {
        member(out, "target", target, limits::DEPENDENCY_TARGET);
    }
    if let Some(data) = &dependency.data {
        member(out, "data", data, limits::DEPENDENCY_DATA);
    }
}
