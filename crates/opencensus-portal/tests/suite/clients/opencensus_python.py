"""Sends one item of each kind with the exporters of OpenCensus for Python. Argument: a connection string."""

import logging
import sys

from opencensus.ext.azure.log_exporter import AzureEventHandler, AzureLogHandler
from opencensus.ext.azure.trace_exporter import AzureExporter
from opencensus.trace.samplers import AlwaysOnSampler
from opencensus.trace.span import SpanKind
from opencensus.trace.tracer import Tracer

options = {"connection_string": sys.argv[1], "enable_local_storage": False}

exporter = AzureExporter(**options)
tracer = Tracer(exporter=exporter, sampler=AlwaysOnSampler())
with tracer.span(name="GET /chairs") as span:
    span.span_kind = SpanKind.SERVER
    for key, value in {
        "http.method": "GET",
        "http.route": "/chairs",
        "http.path": "/chairs",
        "http.url": "http://shop.example/chairs",
        "http.status_code": 200,
    }.items():
        tracer.add_attribute_to_current_span(key, value)
    with tracer.span(name="load chairs"):
        pass

logger = logging.getLogger("shop")
logger.setLevel(logging.INFO)
handlers = [AzureLogHandler(**options), AzureEventHandler(**options)]
for handler in handlers:
    logger.handlers = [handler]
    logger.warning("three chairs — ü")
logger.handlers = handlers[:1]
try:
    raise ValueError("no chair")
except ValueError:
    logger.exception("failed")

# The exporters send what is queued when the interpreter ends.
