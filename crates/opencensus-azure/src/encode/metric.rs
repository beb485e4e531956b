//! `MetricData`: a measurement, or an aggregation of several.

use std::io::Write as _;

use opencensus_core::MetricRecord;

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::envelope::{Fact, fields, refusal};
use crate::mapping::attributes::Attributes;

/// The time of an aggregation in milliseconds, by which the service computes rates. Microsoft's SDKs write it.
const INTERVAL: &str = "_MS.AggregationIntervalMs";

impl Encoder {
    pub(super) fn write_metric(&mut self, out: &mut Buffer<'_>, record: &MetricRecord) {
        self.begin_below(out, "Metric", &record.origin);
        self.write_user_tags(out, &Attributes::new(&record.attributes));
        // 0 is a measurement, 1 an aggregation.
        let kind = u8::from(record.count.is_some());
        out.extend_from_slice(br#"},"data":{"baseType":"MetricData","baseData":{"ver":2,"metrics":[{"kind":"#);
        let _ = write!(**out, "{kind}");
        self.write_name(out, fields::METRIC_NAME, &record.name, &record.attributes);
        let _ = write!(**out, r#","value":{}"#, record.value);
        if let Some(count) = record.count {
            let _ = write!(**out, r#","count":{count}"#);
        }
        for (name, number) in [("min", record.min), ("max", record.max)] {
            if let Some(number) = number.filter(|number| refusal(Fact::Number(*number)).is_none()) {
                let _ = write!(**out, r#","{name}":{number}"#);
            }
        }
        out.extend_from_slice(b"}]");
        // All attributes are dimensions, also those that tags hold: metrics are split by properties only.
        self.write_properties(out, &Attributes::new(&record.attributes), |_, out| {
            if let Some(interval) = record.interval {
                out.name(INTERVAL);
                let _ = write!(**out, r#""{}""#, interval.as_millis());
            }
        });
        out.extend_from_slice(b"}}}");
    }
}
