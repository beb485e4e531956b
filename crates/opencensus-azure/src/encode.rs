//! JSON by hand, straight into the open batch: no tree in between, and no allocation but for texts
//! that must be put together, such as a name.

use std::fmt::Write as _;
use std::io::Write as _;

use opencensus_core::{RequestRecord, Resource, Value};

use crate::connection_string::InstrumentationKey;
use crate::envelope::{cut, limits, write_duration, write_time};
use crate::mapping;

/// Writes items as envelopes. Not `Debug`: it holds the key.
pub(crate) struct Encoder {
    // `"iKey":…,"tags":{…`, the same for every item.
    common: Vec<u8>,
    pub(crate) client_errors_succeed: bool,
    scratch: String,
}

impl Encoder {
    pub(crate) fn new(key: &InstrumentationKey, resource: &Resource) -> Self {
        Self { common: common(key, resource), client_errors_succeed: false, scratch: String::new() }
    }

    /// Appends one envelope, a comma in front.
    pub(crate) fn write_request(&mut self, out: &mut Vec<u8>, record: &RequestRecord) {
        let name = record.name();
        out.extend_from_slice(br#",{"ver":1,"name":"Microsoft.ApplicationInsights.Request","time":""#);
        write_time(out, record.start());
        out.extend_from_slice(br#"","sampleRate":"#);
        let _ = write!(out, "{}", record.rate().percent());
        out.extend_from_slice(&self.common);
        self.write_tags(out, record, &name);
        out.extend_from_slice(br#"},"data":{"baseType":"RequestData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.context().span_id().to_hex());
        out.push(b'"');
        member(out, "name", &name, limits::REQUEST_NAME);
        out.extend_from_slice(br#","duration":""#);
        write_duration(out, record.duration());
        out.extend_from_slice(br#"","success":"#);
        let success = record.has_succeeded(self.client_errors_succeed);
        out.extend_from_slice(if success { b"true" } else { b"false" });
        // Required; "0" stands for unknown.
        let _ = write!(out, r#","responseCode":"{}""#, record.status().unwrap_or(0));
        mapping::write_url(&mut self.scratch, record);
        if !self.scratch.is_empty() {
            member(out, "url", &self.scratch, limits::REQUEST_URL);
        }
        self.write_properties(out, record);
        write_measurements(out, record);
        out.extend_from_slice(b"}}}");
    }

    fn write_tags(&mut self, out: &mut Vec<u8>, record: &RequestRecord, name: &str) {
        out.extend_from_slice(br#","ai.operation.id":""#);
        out.extend_from_slice(&record.context().trace_id().to_hex());
        out.push(b'"');
        if let Some(parent) = record.parent() {
            out.extend_from_slice(br#","ai.operation.parentId":""#);
            out.extend_from_slice(&parent.to_hex());
            out.push(b'"');
        }
        member(out, "ai.operation.name", name, limits::TAG_OPERATION_NAME);
        mapping::write_client_address(&mut self.scratch, record);
        // Absent, the service would fill in the sender's address, which is ours.
        let address = if self.scratch.is_empty() { "0.0.0.0" } else { &self.scratch };
        member(out, "ai.location.ip", address, limits::TAG_LOCATION_IP);
        if let Some(user_agent) = record.user_agent() {
            member(out, "ai.user.userAgent", &user_agent, limits::TAG_USER_AGENT);
        }
        if mapping::is_synthetic(record) {
            out.extend_from_slice(br#","ai.operation.syntheticSource":"True""#);
        }
        for attribute in record.attributes() {
            if let Some((tag, limit)) = mapping::tag_of(&attribute.key) {
                self.scratch.clear();
                let _ = write!(self.scratch, "{}", attribute.value);
                member(out, tag, &self.scratch, limit);
            }
        }
    }

    fn write_properties(&mut self, out: &mut Vec<u8>, record: &RequestRecord) {
        let start = out.len();
        let own: Vec<_> = mapping::own_properties(record).collect();
        for (key, value) in &own {
            member(out, key, value, limits::PROPERTY_VALUE);
        }
        let is_elsewhere = |key: &str| mapping::tag_of(key).is_some() || mapping::is_measurement(key);
        let is_free = |key: &str| !key.is_empty() && !is_elsewhere(key) && own.iter().all(|(own, _)| *own != key);
        for attribute in record.attributes().iter().filter(|attribute| is_free(&attribute.key)) {
            mapping::write_value(&mut self.scratch, &attribute.value);
            member(out, cut(&attribute.key, limits::PROPERTY_KEY), &self.scratch, limits::PROPERTY_VALUE);
        }
        if out.len() > start {
            // The first member's comma becomes the opening.
            out.splice(start..=start, *br#","properties":{"#);
            out.push(b'}');
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
    if out.len() > start {
        // The first member's comma becomes the opening.
        out.splice(start..=start, *br#","measurements":{"#);
        out.push(b'}');
    }
}

/// What is the same for every item of a process.
fn common(key: &InstrumentationKey, resource: &Resource) -> Vec<u8> {
    let mut out = Vec::new();
    member(&mut out, "iKey", key.expose(), 40);
    out.extend_from_slice(br#","tags":{"ai.internal.sdkVersion":"#);
    text(&mut out, concat!("rust-opencensus:", env!("CARGO_PKG_VERSION")), limits::TAG_SDK_VERSION);
    if let Some(role) = resource.role() {
        member(&mut out, "ai.cloud.role", &role, limits::TAG_CLOUD_ROLE);
    }
    let host = gethostname::gethostname();
    let instance = resource.get("service.instance.id").map_or_else(|| host.to_string_lossy(), Into::into);
    member(&mut out, "ai.cloud.roleInstance", &instance, limits::TAG_CLOUD_ROLE_INSTANCE);
    if let Some(version) = resource.get("service.version") {
        member(&mut out, "ai.application.ver", version, limits::TAG_APPLICATION_VERSION);
    }
    out
}

/// `,"name":"value"`, the value cut at its limit.
fn member(out: &mut Vec<u8>, name: &str, value: &str, limit: usize) {
    out.push(b',');
    text(out, name, usize::MAX);
    out.push(b':');
    text(out, value, limit);
}

fn text(out: &mut Vec<u8>, value: &str, limit: usize) {
    out.push(b'"');
    let mut rest = cut(value, limit).as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', byte]),
            byte => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
