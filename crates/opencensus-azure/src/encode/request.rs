//! `RequestData` of the requests that the middleware records.

use std::io::Write as _;

use opencensus_core::{Attribute, RequestRecord};

use crate::encode::buffer::Buffer;
use crate::encode::encoder::{Encoder, redact, write_operation};
use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::{self, request, tag};

impl Encoder {
    pub(super) fn write_request(&mut self, out: &mut Buffer<'_>, record: &RequestRecord) {
        let attributes = Attributes::new(record.attributes());
        self.name.clear();
        record.write_name(&mut self.name);
        self.begin(out, "Request", record.start(), Some(record.rate()), None);
        self.write_request_tags(out, record, &attributes);
        out.extend_from_slice(br#"},"data":{"baseType":"RequestData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.context().span_id().to_hex());
        out.push(b'"');
        let name = std::mem::take(&mut self.name);
        self.write_name(out, fields::REQUEST_NAME, &name, record.attributes());
        self.name = name;
        out.duration(record.duration());
        out.extend_from_slice(br#","success":"#);
        let success = record.has_succeeded(self.options.client_errors_succeed);
        out.extend_from_slice(if success { b"true" } else { b"false" });
        // The schema requires a code; 0 stands for an unknown one.
        out.extend_from_slice(br#","responseCode":""#);
        out.extend_from_slice(mapping::integer(request::response_code(record).into()).as_bytes());
        out.push(b'"');
        request::write_url(&mut self.scratch, record);
        if !self.scratch.is_empty() {
            out.member(fields::REQUEST_URL, &self.scratch);
        }
        self.write_request_properties(out, record, &attributes);
        write_measurements(out, record.attributes());
        out.extend_from_slice(b"}}}");
    }

    fn write_request_tags(&mut self, out: &mut Buffer<'_>, record: &RequestRecord, attributes: &Attributes<'_>) {
        write_operation(out, record.context(), record.parent());
        if !self.name.is_empty() {
            out.member(fields::OPERATION_NAME, &self.name);
        }
        request::write_client_address(&mut self.scratch, record);
        // Without an address the service would take the one that the POST came from.
        let address = if self.scratch.is_empty() { "0.0.0.0" } else { &self.scratch };
        out.member(fields::LOCATION_IP, address);
        let user_agent = record.user_agent();
        if let Some(user_agent) = &user_agent {
            out.member(fields::USER_AGENT, user_agent);
        }
        self.write_user_tags(out, attributes);
        if let Some(source) = self.synthetic.of(record.attributes(), user_agent.as_deref()) {
            out.member(fields::SYNTHETIC_SOURCE, source);
            write_test_tags(out, attributes);
        }
    }

    fn write_request_properties(&mut self, out: &mut Buffer<'_>, record: &RequestRecord, attributes: &Attributes<'_>) {
        let redaction = self.options.redaction;
        self.options.redaction = record.privacy().redaction();
        for attribute in record.attributes() {
            if tag::measurement(&attribute.key, &attribute.value).is_some() {
                attributes.hold_key(&attribute.key);
            }
        }
        self.write_properties(out, attributes, |encoder, out| {
            for (key, value) in request::properties(record) {
                attributes.hold_key(key);
                out.named(key, &redact(encoder.options.redaction, &value), fields::PROPERTY_VALUE.limit);
            }
        });
        self.options.redaction = redaction;
    }
}

/// The session and the user of an availability test, unless the application sets them.
fn write_test_tags(out: &mut Buffer<'_>, attributes: &Attributes<'_>) {
    let Some((session, user)) = mapping::test_session_and_user(attributes.list()) else { return };
    for (tag, keys) in tag::TAGS {
        let text = match tag {
            fields::SESSION_ID => &session,
            fields::USER_ID => &user,
            _ => continue,
        };
        if attributes.text(keys).is_none() {
            out.member(tag, text);
        }
    }
}

fn write_measurements(out: &mut Buffer<'_>, attributes: &[Attribute]) {
    let start = out.len();
    for attribute in attributes {
        if let Some(number) = tag::measurement(&attribute.key, &attribute.value) {
            out.name(&attribute.key);
            let _ = write!(**out, "{number}");
        }
    }
    out.close_object(start, "measurements");
}
