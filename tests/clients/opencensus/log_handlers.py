"""The log handlers of OpenCensus: three records, one with an exception, and one event."""

import logging
import os

from opencensus.ext.azure.log_exporter import AzureEventHandler, AzureLogHandler

options = {"connection_string": os.environ["CONNECTION_STRING"], "enable_local_storage": False}

records = logging.getLogger("shop")
records.setLevel(logging.INFO)
records.addHandler(AzureLogHandler(**options))
records.info("%d chairs", 3)
records.warning("one chair", extra={"custom_dimensions": {"warehouse": "north"}})
records.error("no chairs — größer\nand a second line")
try:
    {}["chair"]
except KeyError:
    records.exception("no such chair")

events = logging.getLogger("events")
events.setLevel(logging.INFO)
events.addHandler(AzureEventHandler(**options))
events.info("order placed")

logging.shutdown()
