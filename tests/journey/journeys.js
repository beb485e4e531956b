// Ways through the pages, as users go them.
"use strict";
const assert = require("node:assert/strict");
const { text } = require("./checks");

const WAIT = 10_000;
// What the page of a failed order shows: the code of the front's response, and the error of the service behind it.
const FAILED_ORDER = /✗ 502[\s\S]*shop-orders[\s\S]*OrderError/;

async function open(browser, portal, at, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  await page.goto(new URL(at, portal.url).href);
  return page;
}

async function isFailedTransaction(page) {
  await page.waitForURL(/\/transactions\//);
  assert.match(await text(page), FAILED_ORDER);
}

// The overview of a new portal shows how to send the first item, and fills when it arrives, without a reload.
async function emptyPageFills(browser, portal, sendOrders) {
  const page = await open(browser, portal, "/");
  assert.match(await text(page), /No telemetry yet[\s\S]*APPLICATIONINSIGHTS_CONNECTION_STRING/);
  await page.evaluate(() => { globalThis.not_reloaded = true; });
  await sendOrders(portal.connectionString);
  await page.locator("main", { hasText: "POST /buy/{item}" }).waitFor();
  assert.ok(await page.evaluate(() => globalThis.not_reloaded));
  assert.doesNotMatch(await text(page), /No telemetry yet/);
  await page.context().close();
}

// The path of the transaction of an order that failed.
async function failedTransaction(portal) {
  const response = await fetch(new URL("/api/v1/items?kind=request&code=502&role=shop-front&limit=1", portal.url));
  const { items } = await response.json();
  return `/transactions/${items[0].operation_id}`;
}

async function byMouse(browser, portal) {
  const page = await open(browser, portal, "/");
  await page.getByRole("link", { name: "Failures", exact: true }).click();
  await page.waitForURL(/\/failures/);
  await page.getByRole("link", { name: "POST /buy/{item}", exact: true }).first().click();
  await page.waitForURL(/op=/);
  await page.locator(".samples a").first().click();
  await isFailedTransaction(page);
  await page.getByRole("link", { name: /Next failure/ }).click();
  await page.waitForURL(/item=/);
  await page.context().close();
}

// Presses keys alone, from the overview over the search to the failed row.
async function byKeyboard(browser, portal) {
  const page = await open(browser, portal, "/");
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await press("?");
  await page.locator("dialog.keys[open]").waitFor();
  await press("Escape", "g", "s");
  await page.waitForURL(/\/search/);
  await press("/");
  await page.keyboard.type("status:502 role:shop-front");
  await press("Enter");
  await page.waitForURL(/status/);
  await press("j", "Enter");
  await isFailedTransaction(page);
  await press("e");
  await page.waitForURL(/item=/);
  await press("g", "f");
  await page.waitForURL(/\/failures/);
  await press("j", "Enter");
  await page.waitForURL(/op=/);
  await page.context().close();
}

async function withoutScripts(browser, portal) {
  const page = await open(browser, portal, "/", { javaScriptEnabled: false });
  await page.getByRole("link", { name: "Search", exact: true }).click();
  await page.getByRole("searchbox").fill("status:502 role:shop-front");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: "POST /buy/{item}" }).last().click();
  await isFailedTransaction(page);
  await page.context().close();
}

module.exports = { emptyPageFills, failedTransaction, byMouse, byKeyboard, withoutScripts };
