// Pages that are open while much telemetry arrives.
"use strict";
const assert = require("node:assert/strict");

const WAIT = 10_000;
// Browsers open six connections to a host.
const TABS = 8;

function post(portal, count) {
  const item = (id) => ({
    name: "Microsoft.ApplicationInsights.Request",
    time: new Date().toISOString(),
    iKey: "any",
    tags: { "ai.cloud.role": "shop-traffic" },
    data: { baseType: "RequestData", baseData: { ver: 2, id: String(id), name: "GET /busy", duration: "00:00:00.1", responseCode: "200", success: true } },
  });
  const body = JSON.stringify(Array.from({ length: count }, (_, id) => item(id)));
  return fetch(new URL("/v2.1/track", portal.url), { method: "POST", body });
}

async function setHidden(page, hidden) {
  await page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

// The script loads a page at most four times a second, and the search once a second.
async function loadsAreFew(browser, portal) {
  for (const [at, perSecond] of [["/search", 1], ["/", 4]]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(new URL(at, portal.url).href);
    await page.waitForTimeout(1000);
    let loads = 0;
    page.on("request", (request) => { loads += new URL(request.url()).pathname === at ? 1 : 0; });
    const begin = Date.now();
    while (Date.now() - begin < 3000) await post(portal, 100);
    const seconds = (Date.now() - begin) / 1000;
    assert.ok(loads >= 1 && loads <= perSecond * seconds + 1, `${at}: ${loads} loads in ${seconds} s`);
    await context.close();
  }
}

// Tabs in the background keep no connection, and show what arrived once they are visible again.
async function manyTabs(browser, portal) {
  const context = await browser.newContext();
  const pages = [];
  for (let tab = 0; tab < TABS; tab += 1) {
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT);
    await page.goto(new URL("/search", portal.url).href);
    await setHidden(page, true);
    pages.push(page);
  }
  const newest = () => pages[0].locator("tr[data-id]").first().getAttribute("data-id");
  const before = await newest();
  await post(portal, 1);
  await setHidden(pages[0], false);
  const deadline = Date.now() + WAIT;
  while ((await newest()) === before && Date.now() < deadline) await pages[0].waitForTimeout(50);
  assert.notEqual(await newest(), before);
  await context.close();
}

module.exports = { loadsAreFew, manyTabs };
