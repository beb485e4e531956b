"""The retired SDK `applicationinsights`: an item of each kind that it knows. Its sender takes the whole address."""

import os

from applicationinsights import TelemetryClient
from applicationinsights.channel import SynchronousQueue, SynchronousSender, TelemetryChannel

settings = dict(part.split("=", 1) for part in os.environ["CONNECTION_STRING"].split(";"))
sender = SynchronousSender(settings["IngestionEndpoint"] + "/v2/track")
client = TelemetryClient(settings["InstrumentationKey"], TelemetryChannel(queue=SynchronousQueue(sender)))
client.track_request("GET /chairs", "http://shop.example/chairs", True, duration=12, response_code=200, http_method="GET")
client.track_dependency("chairs", "SELECT 1", type="SQL", target="db.example", duration=3, success=True)
client.track_trace("three chairs", {"warehouse": "north"}, severity="WARNING")
client.track_event("order placed", {"warehouse": "north"}, {"price": 9.5})
client.track_metric("queue", 42)
client.track_pageview("home", "http://shop.example/", duration=5)
try:
    raise ValueError("no such chair")
except ValueError:
    client.track_exception()
client.flush()
