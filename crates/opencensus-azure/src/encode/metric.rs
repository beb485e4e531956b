//! `MetricData`: a measurement, or an aggregation of several.

use std::io::Write as _;

use opencensus_core::MetricRecord;

use crate::encode::encoder::Encoder;
use crate::encode::json::member;
use crate::envelope::limits;

impl Encoder {
    pub(super) fn write_metric(&mut self, out: &mut Vec<u8>, record: &MetricRecord) {
        self.begin_below(out, "Metric", &record.origin);
        // 0 is a measurement, 1 an aggregation.
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
        self.write_properties(out, &record.attributes);
        out.extend_from_slice(b"}}}");
    }
}
