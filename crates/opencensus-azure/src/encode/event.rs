//! What the application tells by itself: events, page views, metrics, results of availability tests.

use std::io::Write as _;

use opencensus_core::{Attribute, AvailabilityRecord, EventRecord, MetricRecord, PageViewRecord};

use crate::encode::Encoder;
use crate::encode::json::{close_object, duration, member, text};
use crate::envelope::{cut, limits};

impl Encoder {
    pub(super) fn write_event(&mut self, out: &mut Vec<u8>, record: &EventRecord) {
        self.begin_under(out, "Event", &record.origin);
        out.extend_from_slice(br#"},"data":{"baseType":"EventData","baseData":{"ver":2"#);
        member(out, "name", &record.name, limits::EVENT_NAME);
        self.write_properties_at_end(out, &record.attributes);
        let start = out.len();
        for (key, number) in record.measurements.iter().filter(|(key, number)| !key.is_empty() && number.is_finite()) {
            out.push(b',');
            text(out, cut(key, limits::PROPERTY_KEY), usize::MAX);
            let _ = write!(out, ":{number}");
        }
        close_object(out, start, "measurements");
        out.extend_from_slice(b"}}}");
    }

    pub(super) fn write_page_view(&mut self, out: &mut Vec<u8>, record: &PageViewRecord) {
        self.begin_under(out, "PageView", &record.origin);
        out.extend_from_slice(br#"},"data":{"baseType":"PageViewData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.id.to_hex());
        out.push(b'"');
        member(out, "name", &record.name, limits::PAGE_NAME);
        if let Some(url) = &record.url {
            member(out, "url", url, limits::REQUEST_URL);
        }
        if let Some(time) = record.duration {
            duration(out, time);
        }
        self.write_properties_at_end(out, &record.attributes);
        out.extend_from_slice(b"}}}");
    }

    pub(super) fn write_metric(&mut self, out: &mut Vec<u8>, record: &MetricRecord) {
        self.begin_under(out, "Metric", &record.origin);
        let kind = u8::from(record.count.is_some());
        out.extend_from_slice(br#"},"data":{"baseType":"MetricData","baseData":{"ver":2,"metrics":[{"kind":"#);
        let _ = write!(out, "{kind}");
        member(out, "name", &record.name, limits::METRIC_NAME);
        let _ = write!(out, r#","value":{}"#, record.value);
        if let Some(count) = record.count {
            let _ = write!(out, r#","count":{count}"#);
        }
        for (name, number) in [("min", record.min), ("max", record.max)] {
            if let Some(number) = number {
                let _ = write!(out, r#","{name}":{number}"#);
            }
        }
        out.extend_from_slice(b"}]");
        self.write_properties_at_end(out, &record.attributes);
        out.extend_from_slice(b"}}}");
    }

    pub(super) fn write_availability(&mut self, out: &mut Vec<u8>, record: &AvailabilityRecord) {
        self.begin_under(out, "Availability", &record.origin);
        out.extend_from_slice(br#"},"data":{"baseType":"AvailabilityData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.id.to_hex());
        out.push(b'"');
        member(out, "name", &record.name, limits::AVAILABILITY_NAME);
        duration(out, record.duration);
        let _ = write!(out, r#","success":{}"#, record.success);
        if let Some(place) = &record.run_location {
            member(out, "runLocation", place, limits::RUN_LOCATION);
        }
        if let Some(message) = &record.message {
            member(out, "message", message, limits::AVAILABILITY_MESSAGE);
        }
        self.write_properties_at_end(out, &record.attributes);
        out.extend_from_slice(b"}}}");
    }

    fn write_properties_at_end(&mut self, out: &mut Vec<u8>, attributes: &[Attribute]) {
        let start = out.len();
        self.write_properties_of(out, attributes);
        close_object(out, start, "properties");
    }
}
