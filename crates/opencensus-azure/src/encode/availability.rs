//! `AvailabilityData`: results of availability tests.

use std::io::Write as _;

use opencensus_core::AvailabilityRecord;

use crate::encode::encoder::Encoder;
use crate::encode::json::{duration, member};
use crate::envelope::limits;

impl Encoder {
    pub(super) fn write_availability(&mut self, out: &mut Vec<u8>, record: &AvailabilityRecord) {
        self.begin_below(out, "Availability", &record.origin);
        out.extend_from_slice(br#"},"data":{"baseType":"AvailabilityData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.id.to_hex());
        out.push(b'"');
        member(out, "name", &record.name, limits::AVAILABILITY_NAME);
        duration(out, record.duration);
        let _ = write!(out, r#","success":{}"#, record.success);
        if let Some(location) = &record.run_location {
            member(out, "runLocation", location, limits::RUN_LOCATION);
        }
        if let Some(message) = &record.message {
            member(out, "message", message, limits::AVAILABILITY_MESSAGE);
        }
        self.write_properties(out, &record.attributes);
        out.extend_from_slice(b"}}}");
    }
}
