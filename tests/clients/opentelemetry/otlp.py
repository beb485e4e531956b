"""OTLP over HTTP from the SDK of OpenTelemetry, as gzipped protobuf: two spans, a log record and a metric."""

import logging

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

# The endpoint is in OTEL_EXPORTER_OTLP_ENDPOINT.
gzip = {"compression": Compression.Gzip}
resource = Resource.create({"service.name": "shop"})

spans = TracerProvider(resource=resource)
spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(**gzip)))
start = spans.get_tracer("shop").start_as_current_span
response = {"http.request.method": "GET", "http.response.status_code": 200, "http.route": "/chairs"}
with start("GET /chairs", kind=SpanKind.SERVER, attributes=response):
    with start("SELECT", kind=SpanKind.CLIENT, attributes={"db.system.name": "sqlite"}):
        pass

log_records = LoggerProvider(resource=resource)
log_records.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(**gzip)))
records = logging.getLogger("shop")
records.addHandler(LoggingHandler(logger_provider=log_records))
records.warning("one chair")

reader = PeriodicExportingMetricReader(OTLPMetricExporter(**gzip), 60_000)
metrics = MeterProvider(resource=resource, metric_readers=[reader])
metrics.get_meter("shop").create_counter("sold").add(2)

for provider in [spans, log_records, metrics]:
    provider.shutdown()
