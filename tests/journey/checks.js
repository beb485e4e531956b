// Checks that hold for every page.
"use strict";
const { readFileSync } = require("node:fs");

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SERIOUS = ["serious", "critical"];

// What axe finds on the page, as lines. The content policy of the page forbids scripts of others: the context bypasses it.
async function accessibility(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((violation) => SERIOUS.includes(violation.impact));
  return serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
}

// By how many pixels the page is wider than its window, and the elements that are.
async function clipping(page) {
  return page.evaluate(() => {
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over <= 0) return [];
    const wide = [...document.querySelectorAll("body *")].filter((element) => {
      const scrolls = (parent) => parent && (getComputedStyle(parent).overflowX !== "visible" || scrolls(parent.parentElement));
      return element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element.parentElement);
    });
    return [`wider than the window by ${over}: ${wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 120)).join(" ")}`];
  });
}

// The text of the page's main part.
const text = (page) => page.locator("main").innerText();

module.exports = { accessibility, clipping, text };
