// Starts the portal and the shop, and stops them.
"use strict";
const { spawn } = require("node:child_process");
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");
const readline = require("node:readline");

const TARGET = path.resolve(process.env.CARGO_TARGET_DIR || "target", "debug");

// Resolves with the portal's address and connection string, which it prints at its start.
async function startPortal() {
  const state = mkdtempSync(path.join(tmpdir(), "portal-"));
  const child = spawn(path.join(TARGET, "opencensus-portal"), ["--listen", "127.0.0.1:0"], {
    env: { ...process.env, XDG_STATE_HOME: state },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const url = (await lines.next()).value.trim();
  const variable = (await lines.next()).value;
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    rmSync(state, { recursive: true, force: true });
  };
  return { url, connectionString: /'(.*)'/.exec(variable)[1], stop };
}

// Sends the shop's orders once. Resolves when its telemetry is delivered.
async function sendOrders(connectionString) {
  const child = spawn(path.join(TARGET, "example-shop"), ["--once"], {
    env: { ...process.env, APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the shop ended with status ${code}`);
}

module.exports = { startPortal, sendOrders };
