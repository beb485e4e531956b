//! A pipeline as an exporter of metrics.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opencensus_core::{Attribute, MetricRecord, Origin, Pipeline, Resource};
use opentelemetry::KeyValue;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use crate::attribute::from_key_value;
use crate::pipeline_exporter::flush::{DEFAULT_DEADLINE, flush};
use crate::resource::from_otel_resource;

/// A metric exporter for OpenTelemetry's SDK that submits each data point to a [`Pipeline`]. It needs no
/// runtime.
///
/// A gauge becomes its value, a sum its increase since the last export, a histogram its sum, count,
/// minimum and maximum. Sums and histograms have the interval in which they were aggregated.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits};
/// use opencensus_opentelemetry::PipelineMetricExporter;
/// use opentelemetry::metrics::MeterProvider as _;
/// use opentelemetry_sdk::metrics::SdkMeterProvider;
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// let provider =
///     SdkMeterProvider::builder().with_periodic_exporter(PipelineMetricExporter::new(pipeline.clone())).build();
/// provider.meter("shop").u64_counter("orders").build().add(1, &[]);
/// provider.shutdown()?;
/// assert_eq!(pipeline.stats().delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PipelineMetricExporter {
    pipeline: Pipeline,
}

impl PipelineMetricExporter {
    /// Creates an exporter that submits to this pipeline.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        Self { pipeline }
    }
}

impl PushMetricExporter for PipelineMetricExporter {
    /// Submits the data points and returns. The pipeline counts those that it refuses because it is full
    /// or closed.
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let resource = Arc::new(from_otel_resource(metrics.resource()));
        for metric in metrics.scope_metrics().flat_map(ScopeMetrics::metrics) {
            let mut points = Points { pipeline: &self.pipeline, resource: &resource, name: metric.name() };
            match metric.data() {
                AggregatedMetrics::F64(data) => points.submit_all(data, |value| value),
                AggregatedMetrics::U64(data) => points.submit_all(data, |value| value as f64),
                AggregatedMetrics::I64(data) => points.submit_all(data, |value| value as f64),
            }
        }
        Ok(())
    }

    /// Blocks until the queued items are sent, for 5 s at most.
    fn force_flush(&self) -> OTelSdkResult {
        flush(&self.pipeline, DEFAULT_DEADLINE)
    }

    /// Blocks until the queued items are sent. The pipeline keeps running until its last handle is
    /// dropped.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        flush(&self.pipeline, timeout)
    }

    /// Application Insights adds up the values that it receives.
    fn temporality(&self) -> Temporality {
        Temporality::Delta
    }
}

/// Submits the data points of one metric.
struct Points<'a> {
    pipeline: &'a Pipeline,
    resource: &'a Arc<Resource>,
    name: &'a str,
}

impl Points<'_> {
    fn submit_all<T: Copy>(&mut self, data: &MetricData<T>, number: impl Fn(T) -> f64) {
        match data {
            MetricData::Gauge(gauge) => gauge
                .data_points()
                .for_each(|point| self.submit(self.point(gauge.time(), number(point.value()), point.attributes()))),
            MetricData::Sum(sum) => sum.data_points().for_each(|point| {
                let mut record = self.point(sum.time(), number(point.value()), point.attributes());
                record.interval = interval(sum.start_time(), sum.time());
                self.submit(record);
            }),
            MetricData::Histogram(histogram) => histogram.data_points().for_each(|point| {
                let mut record = self.point(histogram.time(), number(point.sum()), point.attributes());
                record.interval = interval(histogram.start_time(), histogram.time());
                record.count = Some(point.count());
                (record.min, record.max) = (point.min().map(&number), point.max().map(&number));
                self.submit(record);
            }),
            MetricData::ExponentialHistogram(histogram) => histogram.data_points().for_each(|point| {
                let mut record = self.point(histogram.time(), number(point.sum()), point.attributes());
                record.interval = interval(histogram.start_time(), histogram.time());
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
        record.attributes = attributes.cloned().map(from_key_value).collect::<Vec<Attribute>>();
        record
    }

    fn submit(&self, record: MetricRecord) {
        self.pipeline.submit(record.into());
    }
}

/// The time of an aggregation. `None` if the clock was set back.
fn interval(start: SystemTime, end: SystemTime) -> Option<Duration> {
    end.duration_since(start).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencensus_core::{InMemoryExporter, PipelineLimits, TelemetryItem};
    use opentelemetry::metrics::MeterProvider as _;
    use opentelemetry_sdk::metrics::SdkMeterProvider;

    #[test]
    fn sums_and_histograms_have_their_interval_and_all_attributes() {
        let exporter = InMemoryExporter::default();
        let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None).unwrap();
        let provider =
            SdkMeterProvider::builder().with_periodic_exporter(PipelineMetricExporter::new(pipeline.clone())).build();
        let meter = provider.meter("shop");
        for server in ["db1", "db2"] {
            meter.u64_counter("orders").build().add(1, &[KeyValue::new("server.address", server)]);
            meter.f64_histogram("basket").build().record(0.5, &[KeyValue::new("server.address", server)]);
        }
        meter.f64_gauge("queue").build().record(7.0, &[]);
        provider.shutdown().unwrap();
        let mut servers = Vec::new();
        for item in exporter.items() {
            let TelemetryItem::Metric(metric) = item else { panic!("{item:?}") };
            assert_eq!(metric.interval.is_some(), metric.name != "queue", "{metric:?}");
            servers.extend(metric.attributes.iter().map(|attribute| attribute.value.to_string()));
        }
        servers.sort();
        assert_eq!(servers, ["db1", "db1", "db2", "db2"]);
    }
}
