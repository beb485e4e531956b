//! `MessageData`: log records, and events of spans that are not exceptions.

use opencensus_core::MessageRecord;

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::encode::severity::write_severity;
use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::tag::CLIENT_ADDRESS;

impl Encoder {
    pub(super) fn write_message(&mut self, out: &mut Buffer<'_>, record: &MessageRecord) {
        let attributes = Attributes::new(&record.attributes);
        self.begin_below(out, "Message", &record.origin);
        self.write_tags(out, &attributes, &CLIENT_ADDRESS);
        out.extend_from_slice(br#"},"data":{"baseType":"MessageData","baseData":{"ver":2"#);
        self.write_text(out, fields::MESSAGE, &record.message, &record.attributes);
        write_severity(out, record.severity);
        self.write_properties(out, &attributes, |_, _| {});
        out.extend_from_slice(b"}}}");
    }
}
