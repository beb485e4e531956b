"""Microsoft's exporter behind the SDK of OpenTelemetry: spans of all kinds, log records and metrics."""

import logging
import os

from azure.monitor.opentelemetry.exporter import (
    AzureMonitorLogExporter,
    AzureMonitorMetricExporter,
    AzureMonitorTraceExporter,
)
from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode

options = {"connection_string": os.environ["CONNECTION_STRING"], "disable_offline_storage": True}
resource = Resource.create({"service.name": "shop", "service.namespace": "chairs", "service.instance.id": "one"})

ORDER = {
    "http.request.method": "GET",
    "http.response.status_code": 500,
    "http.route": "/orders/{id}",
    "server.address": "shop.example",
    "server.port": 8080,
    "url.path": "/orders/7",
    "url.scheme": "http",
}
STOCK = {
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "server.address": "stock.example",
    "url.full": "http://stock.example/chairs/7",
}
DATABASE = {
    "db.namespace": "shop",
    "db.query.text": "SELECT 1",
    "db.system.name": "postgresql",
    "server.address": "db.example",
}
QUEUE = {"messaging.destination.name": "orders", "messaging.system": "rabbitmq"}


def spans():
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(AzureMonitorTraceExporter(**options)))
    trace.set_tracer_provider(provider)  # the exporter reads the resource of the global provider
    start = provider.get_tracer("shop").start_as_current_span
    with start("GET /orders/{id}", kind=SpanKind.SERVER, attributes=ORDER) as order:
        for name, kind, attributes in [
            ("GET", SpanKind.CLIENT, STOCK),
            ("SELECT", SpanKind.CLIENT, DATABASE),
            ("price", SpanKind.INTERNAL, {}),
            ("orders publish", SpanKind.PRODUCER, QUEUE),
        ]:
            with start(name, kind=kind, attributes=attributes):
                pass
        order.add_event("one chair left")
        order.record_exception(ValueError("no such chair"))
        order.set_status(StatusCode.ERROR, "no such chair")
    with start("orders process", kind=SpanKind.CONSUMER, attributes=QUEUE):
        pass
    provider.shutdown()


def log_records():
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(BatchLogRecordProcessor(AzureMonitorLogExporter(**options)))
    records = logging.getLogger("shop")
    records.setLevel(logging.INFO)
    records.addHandler(LoggingHandler(logger_provider=provider))
    records.warning("one chair")
    try:
        1 / 0
    except ZeroDivisionError:
        records.exception("no price")
    records.info("an order", extra={"microsoft.custom_event.name": "order placed"})
    provider.shutdown()


def metrics():
    reader = PeriodicExportingMetricReader(AzureMonitorMetricExporter(**options), 60_000)
    provider = MeterProvider(resource=resource, metric_readers=[reader])
    meter = provider.get_meter("shop")
    meter.create_counter("sold").add(3, {"warehouse": "north"})
    latency = meter.create_histogram("latency", unit="ms")
    for value in [1, 5, 20]:
        latency.record(value)
    provider.shutdown()


spans()
log_records()
metrics()
