//! `EventData`: custom events.

use std::io::Write as _;

use opencensus_core::EventRecord;

use crate::encode::encoder::Encoder;
use crate::encode::json::{close_object, member, text};
use crate::envelope::{cut, limits};

impl Encoder {
    pub(super) fn write_event(&mut self, out: &mut Vec<u8>, record: &EventRecord) {
        self.begin_below(out, "Event", &record.origin);
        out.extend_from_slice(br#"},"data":{"baseType":"EventData","baseData":{"ver":2"#);
        member(out, "name", &record.name, limits::EVENT_NAME);
        self.write_properties(out, &record.attributes);
        let start = out.len();
        for (key, number) in record.measurements.iter().filter(|(key, number)| !key.is_empty() && number.is_finite()) {
            out.push(b',');
            text(out, cut(key, limits::PROPERTY_KEY), usize::MAX);
            let _ = write!(out, ":{number}");
        }
        close_object(out, start, "measurements");
        out.extend_from_slice(b"}}}");
    }
}
