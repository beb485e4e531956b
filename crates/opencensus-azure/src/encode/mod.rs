//! Items as envelopes.

mod event;
mod exception;
mod json;
mod request;
mod span;

use std::io::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use opencensus_core::{MetricRecord, Resource, SamplingRate, TelemetryItem, TraceContext};

use crate::connection_string::InstrumentationKey;
use crate::encode::json::{member, text};
use crate::envelope::{limits, write_time};

/// Writes items as envelopes. Not `Debug`: it holds the key.
pub(crate) struct Encoder {
    key: InstrumentationKey,
    // `"iKey":…,"tags":{…`, the same for every item of the exporter's own resource.
    common: Vec<u8>,
    // The same for the resource that was seen last; an SDK has one.
    other: Option<(Arc<Resource>, Vec<u8>)>,
    pub(crate) client_errors_succeed: bool,
    name: String,
    scratch: String,
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

    /// Whether there is a form for the item.
    pub(crate) fn has_form(item: &TelemetryItem) -> bool {
        use TelemetryItem::{Availability, Event, Exception, Message, Metric, PageView, Request, Span};
        let is_number = |record: &MetricRecord| {
            let numbers = [Some(record.value), record.min, record.max];
            numbers.into_iter().flatten().all(f64::is_finite)
        };
        match item {
            // JSON has no word for other numbers.
            Metric(record) => is_number(record),
            Request(_) | Span(_) | Exception(_) | Message(_) | Event(_) | PageView(_) | Availability(_) => true,
            _ => false,
        }
    }

    /// Appends one envelope, a comma in front.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, item: &TelemetryItem) {
        match item {
            TelemetryItem::Request(record) => self.write_request(out, record),
            TelemetryItem::Span(record) => self.write_span(out, record),
            TelemetryItem::Exception(record) => self.write_exception(out, record),
            TelemetryItem::Message(record) => self.write_message(out, record),
            TelemetryItem::Event(record) => self.write_event(out, record),
            TelemetryItem::PageView(record) => self.write_page_view(out, record),
            TelemetryItem::Metric(record) => self.write_metric(out, record),
            TelemetryItem::Availability(record) => self.write_availability(out, record),
            _ => {}
        }
    }

    /// The envelope up to its tags, which stay open. A rate that nobody knows is not told.
    fn begin(
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
}

/// The tags of a place in a trace: the operation, and what is above.
fn write_operation(out: &mut Vec<u8>, context: TraceContext, parent: Option<opencensus_core::SpanId>) {
    out.extend_from_slice(br#","ai.operation.id":""#);
    out.extend_from_slice(&context.trace_id().to_hex());
    out.push(b'"');
    if let Some(parent) = parent {
        out.extend_from_slice(br#","ai.operation.parentId":""#);
        out.extend_from_slice(&parent.to_hex());
        out.push(b'"');
    }
}

/// What is the same for every item of a process. `is_whole`: a resource without a role says so, since others
/// fill in nothing.
fn common(key: &InstrumentationKey, resource: &Resource, is_whole: bool) -> Vec<u8> {
    let mut out = Vec::new();
    member(&mut out, "iKey", key.expose(), 40);
    out.extend_from_slice(br#","tags":{"ai.internal.sdkVersion":"#);
    text(&mut out, concat!("rust-opencensus:", env!("CARGO_PKG_VERSION")), limits::TAG_SDK_VERSION);
    let role = resource.role();
    if role.is_some() || is_whole {
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
