// The SDK for browsers on a page in Chromium, whose origin is not the portal's. Argument: `stay` sends after half a
// second, `leave` because the page is left.
"use strict";
const fs = require("fs");
const http = require("http");
const path = require("path");
const { chromium } = require("playwright-core");

const leave = process.argv[2] === "leave";
const library = path.dirname(require.resolve("@microsoft/applicationinsights-web/package.json"));
const sdk = path.join(library, "dist/es5/applicationinsights-web.min.js");

// The page, the SDK, and what the page fetches.
const shop = http.createServer((request, response) => {
  if (request.url === "/" || request.url === "/next") {
    response.setHeader("content-type", "text/html");
    response.end(fs.readFileSync(path.join(__dirname, "page.html")));
  } else if (request.url === "/sdk.js") {
    response.setHeader("content-type", "text/javascript");
    response.end(fs.readFileSync(sdk));
  } else {
    response.statusCode = request.url === "/broken" ? 500 : 200;
    response.end("a chair");
  }
});

// These two run in the page.
function load({ connectionString, maxBatchInterval }) {
  const config = { connectionString, enableCorsCorrelation: true, maxBatchInterval };
  globalThis.insights = new Microsoft.ApplicationInsights.ApplicationInsights({ config });
  insights.loadAppInsights();
  insights.trackPageView({ name: "home" });
}

async function use() {
  insights.trackEvent({ name: "order placed" }, { warehouse: "north" });
  insights.trackTrace({ message: "three chairs", severityLevel: 2 });
  insights.trackMetric({ name: "paint", average: 12 });
  insights.trackException({ exception: new Error("no such chair") });
  const call = { id: "1", name: "GET /stock", responseCode: 200, duration: 5, success: true, type: "Fetch" };
  insights.trackDependencyData({ ...call, target: "stock.example" });
  await fetch("/chairs");
  await fetch("/broken");
  setTimeout(() => {
    throw new Error("not caught");
  }, 0);
  // A fetch is recorded when its timing is known.
  await new Promise((resolve) => setTimeout(resolve, 500));
}

// The SDK looks for a configuration on the internet, and works without.
const offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";

async function visit(origin) {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", offline] });
  const page = await browser.newPage();
  const failed = [];
  page.on("console", (message) => console.log(message.text()));
  page.on("requestfailed", (request) => {
    if (new URL(request.url()).hostname !== "js.monitor.azure.com") failed.push(`${request.method()} ${request.url()}`);
  });
  await page.goto(origin);
  await page.addScriptTag({ url: `${origin}/sdk.js` });
  // The SDK sends the page view as soon as its timing is known. What is tracked later can wait until the page is left.
  const first = page.waitForResponse((response) => response.request().method() === "POST", { timeout: 10000 });
  await page.evaluate(load, { connectionString: process.env.CONNECTION_STRING, maxBatchInterval: leave ? 60000 : 500 });
  await first;
  await page.evaluate(use);
  const failedBefore = failed.length;
  if (leave) await page.goto(`${origin}/next`);
  await page.waitForTimeout(1500);
  await browser.close();
  // Of a page that was left, Chromium reports no end of a request.
  return failed.slice(0, failedBefore);
}

shop.listen(0, "127.0.0.1", async () => {
  const failed = await visit(`http://127.0.0.1:${shop.address().port}`);
  console.log(failed.length ? `failed requests: ${failed.join(", ")}` : "no request failed");
  process.exit(failed.length ? 1 : 0);
});
