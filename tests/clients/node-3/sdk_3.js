// applicationinsights 3, with OpenTelemetry inside and live metrics on: requests that it observes itself, and each track
// function.
"use strict";
// Its own sampler keeps five spans per second.
process.env.OTEL_TRACES_SAMPLER = "always_on";
const insights = require("applicationinsights");
insights.setup(process.env.CONNECTION_STRING).setSendLiveMetrics(true).setAutoCollectPerformance(false, false);
insights.start();
const http = require("http");
const client = insights.defaultClient;
const properties = { warehouse: "north" };

function get(port, path) {
  return new Promise((resolve) => {
    http.get({ host: "127.0.0.1", port, path }, (response) => response.resume().on("end", resolve));
  });
}

function track() {
  const url = "http://shop.example/orders";
  client.trackRequest({ name: "POST /orders", url, duration: 21, resultCode: "200", success: true, id: "abcd", properties });
  const query = { target: "db.example", dependencyTypeName: "SQL", data: "SELECT 1" };
  client.trackDependency({ name: "SELECT", ...query, duration: 3, resultCode: 0, success: true, properties });
  client.trackEvent({ name: "order placed", properties });
  client.trackTrace({ message: "three chairs", properties });
  client.trackException({ exception: new Error("no such chair"), properties });
  client.trackMetric({ name: "queue", value: 7, properties });
  client.trackPageView({ name: "home", url: "http://shop.example/", properties });
  client.trackAvailability({ id: "1", name: "ping", success: true, duration: 5, runLocation: "here", message: "" });
}

const shop = http.createServer(async (request, response) => {
  if (request.url === "/orders") await get(shop.address().port, "/stock");
  response.statusCode = request.url === "/broken" ? 503 : 200;
  response.end("a chair");
});
shop.listen(0, "127.0.0.1", async () => {
  const { port } = shop.address();
  for (const path of ["/orders", "/broken", "/broken"]) await get(port, path);
  track();
  setTimeout(async () => {
    await client.flush();
    setTimeout(() => process.exit(0), 500);
  }, 1000);
});
