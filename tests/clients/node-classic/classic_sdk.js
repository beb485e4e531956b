// applicationinsights 2, which has its protocol code built in: two requests that it observes, and each track function.
"use strict";
const insights = require("applicationinsights");
insights
  .setup(process.env.CONNECTION_STRING)
  .setAutoCollectRequests(true)
  .setAutoCollectDependencies(true)
  .setAutoCollectPerformance(false, false)
  .setAutoCollectHeartbeat(false)
  .setUseDiskRetryCaching(false)
  .start();
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
  client.trackRequest({ name: "POST /orders", url, duration: 21, resultCode: "200", success: true, properties });
  const query = { target: "db.example", dependencyTypeName: "SQL", data: "SELECT 1" };
  client.trackDependency({ name: "SELECT", ...query, duration: 3, resultCode: 0, success: true, properties });
  client.trackEvent({ name: "order placed", properties, measurements: { price: 9.5 } });
  client.trackTrace({ message: "three chairs", properties });
  client.trackException({ exception: new Error("no such chair"), properties });
  client.trackMetric({ name: "queue", value: 7, properties });
  client.trackPageView({ name: "home", url: "http://shop.example/", properties });
  client.trackAvailability({ id: "1", name: "ping", success: true, duration: 5, runLocation: "here", message: "" });
}

const shop = http.createServer((request, response) => {
  response.statusCode = request.url === "/broken" ? 500 : 200;
  response.end("a chair");
});
shop.listen(0, "127.0.0.1", async () => {
  const { port } = shop.address();
  await get(port, "/chairs?colour=red");
  await get(port, "/broken");
  track();
  // An observed request is recorded after its response has ended.
  setTimeout(() => client.flush({ callback: () => setTimeout(() => process.exit(0), 500) }), 500);
});
