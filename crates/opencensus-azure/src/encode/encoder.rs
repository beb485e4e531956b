//! The part that all envelopes share: header, tags of the process, place in the trace.

use std::io::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use opencensus_core::{Origin, Resource, SamplingRate, SpanId, TraceContext};

use crate::connection_string::InstrumentationKey;
use crate::encode::json::{member, text};
use crate::envelope::{limits, write_time};

/// Writes telemetry items as envelopes. Not `Debug`: it holds the instrumentation key.
pub(crate) struct Encoder {
    key: InstrumentationKey,
    // `"iKey":…,"tags":{…`, the same for every item of the exporter's own resource.
    common: Vec<u8>,
    // The same for the last other resource; an SDK has one.
    other: Option<(Arc<Resource>, Vec<u8>)>,
    pub(crate) client_errors_succeed: bool,
    // Reused between items, so that encoding does not allocate.
    pub(super) name: String,
    pub(super) scratch: String,
}

impl Encoder {
    pub(crate) fn new(key: &InstrumentationKey, resource: &Resource) -> Self {
        let common = common(key, resource, false);
        Self {
            key: key.clone(),
            common,
            other: None,
            client_errors_succeed: false,
            name: String::new(),
            scratch: String::new(),
        }
    }

    /// Writes the envelope up to its tags, which stay open. An unknown rate is written as 100 %.
    pub(super) fn begin(
        &mut self,
        out: &mut Vec<u8>,
        name: &str,
        time: SystemTime,
        rate: Option<SamplingRate>,
        resource: Option<&Arc<Resource>>,
    ) {
        out.extend_from_slice(br#",{"ver":1,"name":"Microsoft.ApplicationInsights."#);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(br#"","time":""#);
        write_time(out, time);
        out.push(b'"');
        let _ = write!(out, r#","sampleRate":{}"#, rate.unwrap_or_default().percent());
        let Some(resource) = resource else { return out.extend_from_slice(&self.common) };
        let is_known = self.other.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, resource));
        if !is_known {
            self.other = Some((Arc::clone(resource), common(&self.key, resource, true)));
        }
        if let Some((_, common)) = &self.other {
            out.extend_from_slice(common);
        }
    }

    /// Writes the envelope of an item below a span up to its tags, which stay open.
    pub(super) fn begin_below(&mut self, out: &mut Vec<u8>, name: &str, origin: &Origin) {
        self.begin(out, name, origin.time, origin.rate, origin.resource.as_ref());
        if let Some(context) = origin.context {
            write_operation(out, context, Some(context.span_id()));
        }
        if let Some(operation) = &origin.operation {
            member(out, "ai.operation.name", operation, limits::TAG_OPERATION_NAME);
        }
    }
}

/// Writes the tags that place an item in a trace: the operation and the parent.
pub(super) fn write_operation(out: &mut Vec<u8>, context: TraceContext, parent: Option<SpanId>) {
    out.extend_from_slice(br#","ai.operation.id":""#);
    out.extend_from_slice(&context.trace_id().to_hex());
    out.push(b'"');
    if let Some(parent) = parent {
        out.extend_from_slice(br#","ai.operation.parentId":""#);
        out.extend_from_slice(&parent.to_hex());
        out.push(b'"');
    }
}

/// The bytes that are the same for every item of a resource. With `writes_empty_role`, a resource
/// without a role gets an empty one, as Microsoft's exporters write for the resource of an SDK.
fn common(key: &InstrumentationKey, resource: &Resource, writes_empty_role: bool) -> Vec<u8> {
    let mut out = Vec::new();
    member(&mut out, "iKey", key.expose(), 40);
    out.extend_from_slice(br#","tags":{"ai.internal.sdkVersion":"#);
    text(&mut out, concat!("rust-opencensus:", env!("CARGO_PKG_VERSION")), limits::TAG_SDK_VERSION);
    let role = resource.role();
    if role.is_some() || writes_empty_role {
        member(&mut out, "ai.cloud.role", &role.unwrap_or_default(), limits::TAG_CLOUD_ROLE);
    }
    let host = gethostname::gethostname();
    let instance = resource.role_instance().map_or_else(|| host.to_string_lossy(), Into::into);
    member(&mut out, "ai.cloud.roleInstance", &instance, limits::TAG_CLOUD_ROLE_INSTANCE);
    for (attribute, tag, limit) in [
        ("service.version", "ai.application.ver", limits::TAG_APPLICATION_VERSION),
        ("device.id", "ai.device.id", limits::TAG_DEVICE_ID),
        ("device.model.name", "ai.device.model", limits::TAG_DEVICE),
        ("device.manufacturer", "ai.device.oemName", limits::TAG_DEVICE),
    ] {
        if let Some(value) = resource.get(attribute) {
            member(&mut out, tag, value, limit);
        }
    }
    out
}
