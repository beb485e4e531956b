//! `MessageData`: log records, and events of spans that are not exceptions.

use opencensus_core::MessageRecord;

use crate::encode::encoder::Encoder;
use crate::encode::json::member;
use crate::encode::severity::write_severity;
use crate::envelope::limits;

impl Encoder {
    pub(super) fn write_message(&mut self, out: &mut Vec<u8>, record: &MessageRecord) {
        self.begin_below(out, "Message", &record.origin);
        out.extend_from_slice(br#"},"data":{"baseType":"MessageData","baseData":{"ver":2"#);
        member(out, "message", &record.message, limits::MESSAGE);
        write_severity(out, record.severity);
        self.write_properties(out, &record.attributes);
        out.extend_from_slice(b"}}}");
    }
}
