// Runs every check, prints a line for each, and fails if one found a fault. An argument names a folder for pictures.
"use strict";
const path = require("node:path");
const { mkdirSync } = require("node:fs");
const { chromium } = require("playwright-core");
const { startPortal, sendOrders } = require("./program");
const { accessibility, clipping, text } = require("./checks");
const journeys = require("./journeys");
const traffic = require("./traffic");

const PAGES = ["/", "/search", "/map", "/failures", "/performance", "/availability", "/refused", "/settings", "/faults"];
const CHROMIUM = process.env.CHROMIUM || "/usr/bin/chromium";
const pictures = process.argv[2];

const failures = [];
function check(name, faults) {
  console.log(`${faults.length ? "FAIL" : "ok  "} ${name}`);
  for (const fault of faults) {
    console.log(`     ${fault}`);
    failures.push(`${name}: ${fault}`);
  }
}

async function attempt(name, journey) {
  try {
    await journey();
    check(name, []);
  } catch (error) {
    check(name, [error.message]);
  }
}

// Opens each path in a new context, and checks it. Pages may log no error.
async function each(browser, name, paths, options, inspect) {
  const context = await browser.newContext({ bypassCSP: true, ...options });
  for (const at of paths) {
    const page = await context.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(`script error: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
    try {
      const response = await page.goto(at, { waitUntil: "load" });
      if (response.status() !== 200) faults.push(`status ${response.status()}`);
      faults.push(...(await inspect(page)));
    } catch (error) {
      faults.push(error.message);
    }
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      const file = `${name} ${new URL(page.url()).pathname}`.replace(/[^a-z0-9]+/gi, "-");
      await page.screenshot({ path: path.join(pictures, `${file}.png`), fullPage: true });
    }
    check(`${name} ${new URL(at).pathname}`, faults);
    await page.close();
  }
  await context.close();
}

async function visit(browser, base, phase, paths) {
  const urls = paths.map((at) => new URL(at, base).href);
  for (const colorScheme of ["light", "dark"]) {
    await each(browser, `axe ${phase} ${colorScheme}`, urls, { colorScheme }, accessibility);
  }
  await each(browser, `320 px ${phase}`, urls, { viewport: { width: 320, height: 640 } }, clipping);
}

async function main() {
  const portal = await startPortal();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    await visit(browser, portal.url, "empty", PAGES);
    await attempt("an empty page fills by itself", () => journeys.emptyPageFills(browser, portal, sendOrders));
    const failed = await journeys.failedTransaction(portal);
    await visit(browser, portal.url, "filled", [...PAGES, failed]);
    await attempt("to the failed transaction by mouse", () => journeys.byMouse(browser, portal));
    await attempt("to the failed transaction by keyboard", () => journeys.byKeyboard(browser, portal));
    const readable = async (page) => ((await text(page)).length > 40 ? [] : ["the page has no text"]);
    const urls = [...PAGES, failed].map((at) => new URL(at, portal.url).href);
    await each(browser, "without scripts", urls, { javaScriptEnabled: false }, readable);
    await attempt("to the failed transaction without scripts", () => journeys.withoutScripts(browser, portal));
    await attempt("pages under traffic load a few times a second", () => traffic.loadsAreFew(browser, portal));
    await attempt("eight tabs are open at once", () => traffic.manyTabs(browser, portal));
  } finally {
    await browser.close();
    await portal.stop();
  }
  if (failures.length) {
    console.error(`${failures.length} faults`);
    process.exitCode = 1;
  }
}

main();
