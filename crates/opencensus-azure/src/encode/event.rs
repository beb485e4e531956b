//! `EventData`: custom events.

use std::io::Write as _;

use opencensus_core::EventRecord;

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::envelope::{Fact, cut, fields, refusal};
use crate::mapping::attributes::Attributes;
use crate::mapping::tag::CLIENT_ADDRESS;

impl Encoder {
    pub(super) fn write_event(&mut self, out: &mut Buffer<'_>, record: &EventRecord) {
        let attributes = Attributes::new(&record.attributes);
        self.begin_below(out, "Event", &record.origin);
        self.write_tags(out, &attributes, &CLIENT_ADDRESS);
        out.extend_from_slice(br#"},"data":{"baseType":"EventData","baseData":{"ver":2"#);
        self.write_name(out, fields::EVENT_NAME, &record.name, &record.attributes);
        self.write_properties(out, &attributes, |_, _| {});
        let start = out.len();
        for (key, number) in &record.measurements {
            if !key.trim_start().is_empty() && refusal(Fact::Number(*number)).is_none() {
                out.name(cut(key, fields::PROPERTY_KEY.limit));
                let _ = write!(**out, "{number}");
            }
        }
        out.close_object(start, "measurements");
        out.extend_from_slice(b"}}}");
    }
}
