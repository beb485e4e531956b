//! Our pipeline as an exporter of OpenTelemetry's metrics.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opencensus_core::{Attribute, MetricRecord, Origin, Pipeline, Resource};
use opentelemetry::KeyValue;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use crate::pipeline_exporter::span::{FLUSH, flush};
use crate::span_data::{attribute, resource};

/// Hands OpenTelemetry's metrics to a pipeline, one item a data point: the value of gauges, what sums have
/// grown by, and sum, count, least and greatest of histograms. No runtime is needed where it is called.
#[derive(Clone, Debug)]
pub struct PipelineMetricExporter {
    pipeline: Pipeline,
}

impl PipelineMetricExporter {
    /// Hands data points to this pipeline, which others may use as well.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        Self { pipeline }
    }
}

impl PushMetricExporter for PipelineMetricExporter {
    /// Only hands over; what is refused because the pipeline is full or closed is counted there.
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let resource = Arc::new(resource(metrics.resource()));
        for metric in metrics.scope_metrics().flat_map(ScopeMetrics::metrics) {
            let mut points = Points { pipeline: &self.pipeline, resource: &resource, name: metric.name() };
            match metric.data() {
                AggregatedMetrics::F64(data) => points.hand_over(data, |value| value),
                AggregatedMetrics::U64(data) => points.hand_over(data, |value| value as f64),
                AggregatedMetrics::I64(data) => points.hand_over(data, |value| value as f64),
            }
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        flush(&self.pipeline, FLUSH)
    }

    /// Sends what is queued. The pipeline goes on for others; it ends with its last handle.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        flush(&self.pipeline, timeout)
    }

    /// Application Insights adds up what it gets.
    fn temporality(&self) -> Temporality {
        Temporality::Delta
    }
}

/// The data points of one metric, on their way.
struct Points<'a> {
    pipeline: &'a Pipeline,
    resource: &'a Arc<Resource>,
    name: &'a str,
}

impl Points<'_> {
    fn hand_over<T: Copy>(&mut self, data: &MetricData<T>, number: impl Fn(T) -> f64) {
        match data {
            MetricData::Gauge(gauge) => gauge
                .data_points()
                .for_each(|point| self.submit(self.point(gauge.time(), number(point.value()), point.attributes()))),
            MetricData::Sum(sum) => sum
                .data_points()
                .for_each(|point| self.submit(self.point(sum.time(), number(point.value()), point.attributes()))),
            MetricData::Histogram(histogram) => histogram.data_points().for_each(|point| {
                let mut record = self.point(histogram.time(), number(point.sum()), point.attributes());
                record.count = Some(point.count());
                (record.min, record.max) = (point.min().map(&number), point.max().map(&number));
                self.submit(record);
            }),
            MetricData::ExponentialHistogram(histogram) => histogram.data_points().for_each(|point| {
                let mut record = self.point(histogram.time(), number(point.sum()), point.attributes());
                record.count = Some(point.count() as u64);
                (record.min, record.max) = (point.min().map(&number), point.max().map(&number));
                self.submit(record);
            }),
        }
    }

    fn point<'b>(&self, time: SystemTime, value: f64, attributes: impl Iterator<Item = &'b KeyValue>) -> MetricRecord {
        let mut origin = Origin::at(time);
        origin.resource = Some(Arc::clone(self.resource));
        let mut record = MetricRecord::new(origin, self.name.to_owned(), value);
        record.attributes = attributes.cloned().map(attribute).collect::<Vec<Attribute>>();
        record
    }

    fn submit(&self, record: MetricRecord) {
        self.pipeline.submit(record.into());
    }
}
