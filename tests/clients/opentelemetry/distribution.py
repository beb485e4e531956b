"""Microsoft's distribution of OpenTelemetry with live metrics on: Flask receives what `requests` sends."""

import logging
import os
import threading

from azure.monitor.opentelemetry import configure_azure_monitor

os.environ["OTEL_SERVICE_NAME"] = "shop"
configure_azure_monitor(
    connection_string=os.environ["CONNECTION_STRING"],
    disable_offline_storage=True,
    enable_live_metrics=True,
    logger_name="shop",
    sampling_ratio=1.0,
)

# Imported after the configuration, which instruments them.
import flask  # noqa: E402
import requests  # noqa: E402
from opentelemetry import metrics, trace  # noqa: E402
from opentelemetry._logs import get_logger_provider  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

shop = flask.Flask("shop")


@shop.route("/chairs/<int:number>")
def chair(number):
    logging.getLogger("shop").warning("chair %d", number)
    return f"chair {number}"


@shop.route("/broken")
def broken():
    raise RuntimeError("the chair is broken")


server = make_server("127.0.0.1", 0, shop)
threading.Thread(target=server.serve_forever, daemon=True).start()
for path in ["/broken", *(f"/chairs/{number}" for number in range(12))]:
    requests.get(f"http://127.0.0.1:{server.port}{path}", timeout=10)
server.shutdown()
for provider in [trace.get_tracer_provider(), get_logger_provider(), metrics.get_meter_provider()]:
    provider.force_flush()
