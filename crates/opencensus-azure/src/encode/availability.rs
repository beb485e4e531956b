//! `AvailabilityData`: results of availability tests.

use std::io::Write as _;

use opencensus_core::AvailabilityRecord;

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::tag::CLIENT_ADDRESS;

impl Encoder {
    pub(super) fn write_availability(&mut self, out: &mut Buffer<'_>, record: &AvailabilityRecord) {
        let attributes = Attributes::new(&record.attributes);
        self.begin_below(out, "Availability", &record.origin);
        self.write_tags(out, &attributes, &CLIENT_ADDRESS);
        out.extend_from_slice(br#"},"data":{"baseType":"AvailabilityData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.id.to_hex());
        out.push(b'"');
        self.write_name(out, fields::AVAILABILITY_NAME, &record.name, &record.attributes);
        out.duration(record.duration);
        let _ = write!(**out, r#","success":{}"#, record.success);
        if let Some(location) = &record.run_location {
            out.member(fields::AVAILABILITY_LOCATION, location);
        }
        if let Some(message) = &record.message {
            out.member(fields::AVAILABILITY_MESSAGE, &self.redact(message));
        }
        self.write_properties(out, &attributes, |_, _| {});
        out.extend_from_slice(b"}}}");
    }
}
