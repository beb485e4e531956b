//! Data points of metrics.

use serde_json::{Value, json};

use crate::ingest::shorten_text;
use crate::otlp::attributes::Attributes;
use crate::otlp::envelope::{Envelope, Mapped};
use crate::otlp::message::{HistogramPoint, KeyValue, Metric, NumberPoint, SummaryPoint};
use crate::otlp::record::Record;
use crate::otlp::records::ListNames;

/// The flag of a point without a value.
const NO_VALUE: u32 = 1;

/// A data point of any kind.
struct Point {
    attributes: Vec<KeyValue>,
    time: u64,
    flags: u32,
    /// The value, or the sum of several.
    value: f64,
    count: u64,
    min: Option<f64>,
    max: Option<f64>,
}

impl Record for Metric {
    const LISTS: ListNames = ["resourceMetrics", "scopeMetrics", "metrics"];
    const REJECTED: &'static str = "rejectedDataPoints";
    const MAX_BYTES: usize = 2 * 1024 * 1024;

    fn count(&self) -> usize {
        let flags = [&self.gauge, &self.sum].into_iter().flatten().flat_map(|numbers| &numbers.data_points);
        let flags = flags.map(|point| point.flags);
        let histogram = self.histogram.iter().flat_map(|histogram| &histogram.data_points);
        let exponential = self.exponential_histogram.iter().flat_map(|histogram| &histogram.data_points);
        let summary = self.summary.iter().flat_map(|summary| &summary.data_points).map(|point| point.flags);
        let histograms = histogram.map(|point| point.flags).chain(exponential.map(|point| point.flags));
        flags.chain(histograms).chain(summary).filter(|flags| has_value(*flags)).count()
    }

    fn map(mut self, envelope: Envelope, _scope: &str) -> impl Iterator<Item = Mapped> {
        let mut name = std::mem::take(&mut self.name);
        shorten_text("DataPoint", "name", &mut name);
        let points = points(self).filter(|point| has_value(point.flags));
        let items = points.map(move |point| item(&name, point, envelope.clone()));
        items.map(|envelope| Mapped { envelope, is_record: true })
    }
}

fn has_value(flags: u32) -> bool {
    flags & NO_VALUE == 0
}

fn points(metric: Metric) -> impl Iterator<Item = Point> {
    let numbers = metric.gauge.into_iter().chain(metric.sum).flat_map(|numbers| numbers.data_points);
    let exponential = metric.exponential_histogram.into_iter().flat_map(|histogram| histogram.data_points);
    let histograms = metric.histogram.into_iter().flat_map(|histogram| histogram.data_points);
    let histograms = histograms.chain(exponential.map(HistogramPoint::from));
    let summaries = metric.summary.into_iter().flat_map(|summary| summary.data_points);
    numbers.map(of_number).chain(histograms.map(of_histogram)).chain(summaries.map(of_summary))
}

fn of_number(point: NumberPoint) -> Point {
    let value = point.as_double.or(point.as_int.map(|number| number as f64)).unwrap_or_default();
    let NumberPoint { attributes, time_unix_nano: time, flags, .. } = point;
    Point { attributes, time, flags, value, count: 1, min: None, max: None }
}

fn of_histogram(point: HistogramPoint) -> Point {
    let HistogramPoint { attributes, time_unix_nano: time, count, sum, flags, min, max } = point;
    Point { attributes, time, flags, value: sum.unwrap_or_default(), count, min, max }
}

/// The quantiles 0 and 1 are the least and the greatest value.
fn of_summary(point: SummaryPoint) -> Point {
    let quantile = |at: f64| point.quantile_values.iter().find(|value| value.quantile == at).map(|value| value.value);
    let (min, max) = (quantile(0.0), quantile(1.0));
    let SummaryPoint { attributes, time_unix_nano: time, count, sum, flags, .. } = point;
    Point { attributes, time, flags, value: sum, count, min, max }
}

/// Numbers that JSON has not, such as NaN, become `null`: the service refuses a point without a value.
fn item(name: &str, point: Point, mut envelope: Envelope) -> Value {
    envelope.time = point.time;
    let mut data = json!({"name": name, "value": point.value, "count": point.count});
    for (field, value) in [("min", point.min), ("max", point.max)] {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            data[field] = value.into();
        }
    }
    envelope.with("MetricData", json!({"metrics": [data]}), Attributes::new(point.attributes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use crate::otlp::message::{Histogram, Numbers, Quantile, Summary};

    const TIME: u64 = 1_709_618_828_000_000_000;

    fn points(metric: Metric) -> Vec<Value> {
        let items = Metric { name: "m".to_owned(), ..metric }.map(Envelope::default(), "scope");
        items.map(|item| item.envelope["data"]["baseData"]["metrics"][0].clone()).collect()
    }

    #[test]
    fn gauges_and_sums_have_one_value() {
        let number =
            |as_double, as_int| NumberPoint { time_unix_nano: TIME, as_double, as_int, ..NumberPoint::default() };
        let numbers = || Some(Numbers { data_points: vec![number(Some(1.5), None), number(None, Some(-7))] });
        let expected =
            [json!({"name": "m", "value": 1.5, "count": 1}), json!({"name": "m", "value": -7.0, "count": 1})];
        assert_eq!(points(Metric { gauge: numbers(), ..Metric::default() }), expected);
        assert_eq!(points(Metric { sum: numbers(), ..Metric::default() }), expected);
    }

    #[test]
    fn histograms_have_sum_count_min_and_max() {
        let point =
            HistogramPoint { count: 3, sum: Some(6.0), min: Some(1.0), max: Some(3.5), ..HistogramPoint::default() };
        let data_points = vec![point, HistogramPoint { count: 2, ..HistogramPoint::default() }];
        let expected = [
            json!({"name": "m", "value": 6.0, "count": 3, "min": 1.0, "max": 3.5}),
            json!({"name": "m", "value": 0.0, "count": 2}),
        ];
        assert_eq!(points(Metric { histogram: Some(Histogram { data_points }), ..Metric::default() }), expected);
        let json = r#"{"exponentialHistogram":{"dataPoints":[{"count":"3","sum":6,"min":1,"max":3.5,"scale":2,
            "zeroCount":1,"positive":{"offset":1,"bucketCounts":["1","2"]}},{"count":2}]}}"#;
        assert_eq!(points(serde_json::from_str(json).unwrap()), expected);
    }

    #[test]
    fn summaries_have_sum_and_count_and_their_outer_quantiles() {
        let quantile_values = [(0.0, 1.0), (0.5, 2.0), (1.0, 9.0)];
        let quantile_values = quantile_values.map(|(quantile, value)| Quantile { quantile, value }).into();
        let point = SummaryPoint { count: 4, sum: 12.0, quantile_values, ..SummaryPoint::default() };
        let summary = Some(Summary { data_points: vec![point] });
        let expected = [json!({"name": "m", "value": 12.0, "count": 4, "min": 1.0, "max": 9.0})];
        assert_eq!(points(Metric { summary, ..Metric::default() }), expected);
    }

    #[test]
    fn points_have_time_and_properties_and_those_without_a_value_are_left_out() {
        let point = |flags| NumberPoint {
            flags,
            time_unix_nano: TIME,
            attributes: list(json!({"http.route": "/", "code": 200})),
            ..NumberPoint::default()
        };
        let gauge = Some(Numbers { data_points: vec![point(1), point(2)] });
        let metric = Metric { name: "m".to_owned(), gauge, ..Metric::default() };
        assert_eq!(metric.count(), 1);
        let items: Vec<_> = metric.map(Envelope::default(), "scope").collect();
        assert_eq!(items.len(), 1);
        let item = &items[0].envelope;
        assert_eq!(item["time"], "2024-03-05T06:07:08.0000000Z");
        assert_eq!(item["data"]["baseData"]["properties"], json!({"http.route": "/", "code": "200"}));
    }

    #[test]
    fn value_that_is_no_number_is_null() {
        let point = NumberPoint { as_double: Some(f64::NAN), ..NumberPoint::default() };
        let gauge = Some(Numbers { data_points: vec![point] });
        assert_eq!(points(Metric { gauge, ..Metric::default() })[0]["value"], Value::Null);
    }
}
