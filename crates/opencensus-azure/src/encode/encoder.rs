//! The part that all envelopes share: header, tags of the process, place in the trace.

use std::borrow::Cow;
use std::io::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use opencensus_core::{Attribute, Batch, Origin, QueryRedaction, Resource, SamplingRate, SpanId, TraceContext};

use crate::connection_string::InstrumentationKey;
use crate::encode::buffer::Buffer;
use crate::encode::options::EncoderOptions;
use crate::encode::process::Process;
use crate::envelope::{Fact, Field, MIN_SAMPLE_RATE, Refusal, fields, refusal, write_time};
use crate::mapping::{self, SyntheticSources};

/// Writes telemetry items as envelopes. Not `Debug`: it holds the instrumentation key.
pub(crate) struct Encoder {
    /// `,{"iKey":"…"`, with which an item begins once it is sent.
    key: Vec<u8>,
    resource: Resource,
    pub(crate) options: EncoderOptions,
    // The same for every item of the exporter's own resource.
    own: Process,
    // The same for the last other resource; an SDK has one.
    other: Option<(Arc<Resource>, Process)>,
    // Whether the item that is written has the other resource.
    is_other: bool,
    // The time of the item that is written, if the service would refuse it.
    pub(super) refused_time: Option<SystemTime>,
    // Reused between items, so that encoding does not allocate.
    pub(super) name: String,
    pub(super) scratch: String,
    pub(super) synthetic: SyntheticSources,
}

impl Encoder {
    pub(crate) fn new(key: &InstrumentationKey, resource: &Resource) -> Self {
        let mut start = b",{".to_vec();
        Buffer::new(&mut start).member(fields::KEY, key.expose());
        // The first member has no comma.
        start.remove(2);
        Self {
            key: start,
            own: Process::new(resource),
            resource: resource.clone(),
            options: EncoderOptions::default(),
            other: None,
            is_other: false,
            refused_time: None,
            name: String::new(),
            scratch: String::new(),
            synthetic: SyntheticSources::default(),
        }
    }

    /// The items of a batch as they are sent: with the instrumentation key, which no batch contains, so that none is on
    /// disk. The first item has no comma.
    pub(crate) fn with_key<'a>(&'a self, batch: &'a Batch) -> impl Iterator<Item = &'a [u8]> {
        let items = batch.chunks().enumerate();
        items.flat_map(|(at, item)| {
            let start = if at == 0 { &self.key[1..] } else { &self.key[..] };
            // `,{` becomes `,{"iKey":"…",`.
            [start, b",", item.get(2..).unwrap_or_default()]
        })
    }

    /// How many bytes the key adds to an item.
    pub(super) fn key_size(&self) -> usize {
        self.key.len() - 1
    }

    /// Writes the envelope up to its tags, which stay open. An unknown rate is written as 100 %.
    ///
    /// A time that the service would refuse becomes the current time, and the property
    /// `opencensus.original_time` keeps it.
    pub(super) fn begin(
        &mut self,
        out: &mut Buffer<'_>,
        name: &str,
        time: SystemTime,
        rate: Option<SamplingRate>,
        resource: Option<&Arc<Resource>>,
    ) {
        let now = (self.options.clock)();
        self.refused_time = refusal(Fact::Time(time, now)).map(|_| time);
        out.extend_from_slice(br#",{"ver":1,"name":"Microsoft.ApplicationInsights."#);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(br#"","time":""#);
        write_time(out, if self.refused_time.is_some() { now } else { time });
        out.push(b'"');
        let percent = rate.unwrap_or_default().percent();
        let percent = refusal(Fact::SampleRate(percent)).map_or(percent, |_| MIN_SAMPLE_RATE);
        // Formatting a number costs as much as the rest of the envelope, and most items have this one.
        if percent == 100.0 {
            out.extend_from_slice(br#","sampleRate":100"#);
        } else {
            let _ = write!(**out, r#","sampleRate":{percent}"#);
        }
        self.is_other = resource.is_some();
        if let Some(resource) = resource {
            let is_known = self.other.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, resource));
            if !is_known {
                let process = Process::of_sdk(resource, &self.resource);
                self.other = Some((Arc::clone(resource), process));
            }
        }
        out.extend_from_slice(&self.process().common);
    }

    /// The process that recorded the item that is written.
    pub(super) fn process(&self) -> &Process {
        self.other.as_ref().filter(|_| self.is_other).map_or(&self.own, |(_, process)| process)
    }

    /// Writes the envelope of an item below a span up to its tags, which stay open.
    pub(super) fn begin_below(&mut self, out: &mut Buffer<'_>, name: &str, origin: &Origin) {
        self.begin(out, name, origin.time, origin.rate, origin.resource.as_ref());
        if let Some(context) = origin.context {
            write_operation(out, context, Some(context.span_id()));
        }
        if let Some(operation) = origin.operation.as_deref().filter(|operation| !operation.is_empty()) {
            out.member(fields::OPERATION_NAME, operation);
        }
    }

    /// Writes a required field with the name of an item. An item without one is named after its attributes.
    pub(super) fn write_name(&mut self, out: &mut Buffer<'_>, field: Field, name: &str, attributes: &[Attribute]) {
        match refusal(Fact::Text(field, name)) {
            Some(Refusal::Empty) => out.member(field, &mapping::name_of(attributes)),
            _ => out.member(field, &self.redact(name)),
        }
    }

    /// Writes a required field with a message. An item without one has its attributes as its message.
    pub(super) fn write_text(&self, out: &mut Buffer<'_>, field: Field, text: &str, attributes: &[Attribute]) {
        if refusal(Fact::Text(field, text)) != Some(Refusal::Empty) {
            return out.member(field, &self.redact(text));
        }
        let redaction = self.options.redaction;
        let message = mapping::message_of(attributes, |value, attribute| {
            mapping::write_value(value, &attribute.key, &attribute.value);
            if let Cow::Owned(redacted) = mapping::redact_value(redaction, &attribute.key, value) {
                *value = redacted;
            }
        });
        out.member(field, &message);
    }

    /// Redacts the URLs in a text.
    pub(super) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        redact(self.options.redaction, text)
    }
}

/// Redacts the URLs in a text.
pub(super) fn redact(redaction: QueryRedaction, text: &str) -> Cow<'_, str> {
    mapping::redact_value(redaction, "", text)
}

/// Writes the tags that place an item in a trace: the operation and the parent.
pub(super) fn write_operation(out: &mut Buffer<'_>, context: TraceContext, parent: Option<SpanId>) {
    out.extend_from_slice(br#","ai.operation.id":""#);
    out.extend_from_slice(&context.trace_id().to_hex());
    out.push(b'"');
    if let Some(parent) = parent {
        out.extend_from_slice(br#","ai.operation.parentId":""#);
        out.extend_from_slice(&parent.to_hex());
        out.push(b'"');
    }
}
