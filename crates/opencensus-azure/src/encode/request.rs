//! `RequestData` of the requests that the middleware records.

use std::fmt::Write as _;
use std::io::Write as _;

use opencensus_core::{RequestRecord, Value};

use crate::encode::encoder::{Encoder, write_operation};
use crate::encode::json::{close_object, duration, member};
use crate::envelope::limits;
use crate::mapping::{self, request};

impl Encoder {
    pub(super) fn write_request(&mut self, out: &mut Vec<u8>, record: &RequestRecord) {
        self.name.clear();
        record.write_name(&mut self.name);
        self.begin(out, "Request", record.start(), Some(record.rate()), None);
        self.write_request_tags(out, record);
        out.extend_from_slice(br#"},"data":{"baseType":"RequestData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.context().span_id().to_hex());
        out.push(b'"');
        member(out, "name", &self.name, limits::REQUEST_NAME);
        duration(out, record.duration());
        out.extend_from_slice(br#","success":"#);
        let success = record.has_succeeded(self.client_errors_succeed);
        out.extend_from_slice(if success { b"true" } else { b"false" });
        // The schema requires a code; 0 stands for an unknown one.
        let _ = write!(out, r#","responseCode":"{}""#, request::response_code(record));
        request::write_url(&mut self.scratch, record);
        if !self.scratch.is_empty() {
            member(out, "url", &self.scratch, limits::REQUEST_URL);
        }
        self.write_request_properties(out, record);
        write_measurements(out, record);
        out.extend_from_slice(b"}}}");
    }

    fn write_request_tags(&mut self, out: &mut Vec<u8>, record: &RequestRecord) {
        write_operation(out, record.context(), record.parent());
        member(out, "ai.operation.name", &self.name, limits::TAG_OPERATION_NAME);
        request::write_client_address(&mut self.scratch, record);
        // Without an address the service would take the one that the POST came from.
        let address = if self.scratch.is_empty() { "0.0.0.0" } else { &self.scratch };
        member(out, "ai.location.ip", address, limits::TAG_LOCATION_IP);
        let user_agent = record.user_agent();
        if let Some(user_agent) = &user_agent {
            member(out, "ai.user.userAgent", user_agent, limits::TAG_USER_AGENT);
        }
        if let Some(source) = mapping::synthetic_source(record.attributes(), user_agent.as_deref()) {
            member(out, "ai.operation.syntheticSource", source, limits::TAG_OPERATION_NAME);
            write_test_tags(out, record);
        }
        for attribute in record.attributes() {
            if let Some((tag, limit)) = mapping::tag_of(&attribute.key) {
                self.scratch.clear();
                let _ = write!(self.scratch, "{}", attribute.value);
                member(out, tag, &self.scratch, limit);
            }
        }
    }

    fn write_request_properties(&mut self, out: &mut Vec<u8>, record: &RequestRecord) {
        let start = out.len();
        let reserved: Vec<_> = request::properties(record).collect();
        for (key, value) in &reserved {
            member(out, key, value, limits::PROPERTY_VALUE);
        }
        let is_mapped = |key: &str| mapping::tag_of(key).is_some() || mapping::is_measurement(key);
        let is_reserved = |key: &str| reserved.iter().any(|(reserved, _)| *reserved == key);
        let is_property = |key: &str| !key.is_empty() && !is_mapped(key) && !is_reserved(key);
        for attribute in record.attributes().iter().filter(|attribute| is_property(&attribute.key)) {
            self.write_property(out, attribute);
        }
        close_object(out, start, "properties");
    }
}

/// The session and the user of an availability test, unless the application sets them.
fn write_test_tags(out: &mut Vec<u8>, record: &RequestRecord) {
    let Some((session, user)) = mapping::test_session_and_user(record.attributes()) else { return };
    for (tag, text) in [("ai.session.id", session), ("ai.user.id", user)] {
        let mut tags = record.attributes().iter().filter_map(|attribute| mapping::tag_of(&attribute.key));
        if !tags.any(|(other, _)| other == tag) {
            let limit = if tag == "ai.user.id" { limits::TAG_USER_ID } else { limits::TAG_SESSION_ID };
            member(out, tag, &text, limit);
        }
    }
}

fn write_measurements(out: &mut Vec<u8>, record: &RequestRecord) {
    let start = out.len();
    for attribute in record.attributes().iter().filter(|attribute| mapping::is_measurement(&attribute.key)) {
        if let Value::I64(number) = attribute.value {
            let _ = write!(out, r#","{}":{number}"#, attribute.key);
        }
    }
    close_object(out, start, "measurements");
}
