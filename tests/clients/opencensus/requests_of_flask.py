"""Flask behind OpenCensus: responses with 200, 200, 404 and 500, a span inside the second, and a path that is excluded."""

import os

from flask import Flask
from opencensus.ext.azure.trace_exporter import AzureExporter
from opencensus.ext.flask.flask_middleware import FlaskMiddleware
from opencensus.trace import execution_context
from opencensus.trace.propagation.trace_context_http_header_format import TraceContextPropagator
from opencensus.trace.samplers import AlwaysOnSampler

shop = Flask("shop")


@shop.route("/chairs")
def chairs():
    return "three chairs"


@shop.route("/chairs/<int:number>")
def chair(number):
    with execution_context.get_opencensus_tracer().span(name="load chair"):
        return f"chair {number}"


@shop.route("/broken")
def broken():
    raise RuntimeError("the chair is broken")


@shop.route("/healthz")
def health():
    return "ok"


exporter = AzureExporter(connection_string=os.environ["CONNECTION_STRING"], enable_local_storage=False)
FlaskMiddleware(
    shop,
    exporter=exporter,
    sampler=AlwaysOnSampler(),
    propagator=TraceContextPropagator(),
    excludelist_paths=["healthz"],
)
caller = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
for path in ["/chairs", "/chairs/7", "/tables", "/broken", "/healthz"]:
    status = shop.test_client().get(path, headers=caller).status_code
    print(path, status)
# The exporter sends the last spans when the program exits.
