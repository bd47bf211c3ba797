// How long a first visit takes to the first loss and the first accuracy on photographs, over a link of
// 20 Mbit/s with 20 ms of latency. Prints one Markdown table. See docs/performance.md.
//
//   DATA=imagenette2-160.tgz node tests/e2e/first_curve.mjs SITE [OLDER_SITE]
//
// ROUNDS=3 measures that often; CASES=part,whole and ENGINES=cpu,webgpu choose; LINK=v=1&size=32 is
// another experiment; MBIT=20 and LATENCY=20 another link; LIMIT=600 ends a visit, in seconds;
// UNTIL=loss waits for no accuracy. The rounds of all cases alternate.

import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { chromium } from "playwright-core";
import { cut, described } from "../../web/scripts/part.mjs";
import { FLAGS } from "./lib/browser.mjs";
import { controls, training } from "./lib/page.mjs";
import { median } from "../bench/report.mjs";

const SITES = process.argv.slice(2);
const ROUNDS = Number(process.env.ROUNDS || 3);
const CASES = (process.env.CASES || "part,whole").split(",");
const ENGINES = (process.env.ENGINES || "cpu,webgpu").split(",");
const LINK = process.env.LINK || "v=1";
const BYTES_PER_MS = (Number(process.env.MBIT || 20) * 1e6) / 8 / 1000;
const LATENCY = Number(process.env.LATENCY || 20);
const UNTIL = process.env.UNTIL || "accuracy";
const LIMIT = Number(process.env.LIMIT || 600) * 1000;
/** Bytes that the link sends at a time. */
const PIECE = 16384;

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** The files of a site as a host sends them: text and programs with brotli. */
async function packed(site) {
  const files = new Map();
  for (const entry of await readdir(site, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const type = TYPES[path.extname(file)];
    const raw = await readFile(file);
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
    const body = type ? brotliCompressSync(raw, options) : raw;
    const headers = { "content-type": type ?? "application/octet-stream", ...(type && { "content-encoding": "br" }) };
    files.set(path.relative(site, file), { headers, body });
  }
  return files;
}

/** The link, which all connections share: resolves once so many bytes have passed. */
function slowLink() {
  let free = 0;
  return async (bytes) => {
    free = Math.max(free, performance.now()) + bytes / BYTES_PER_MS;
    await after(Math.max(0, free - performance.now()));
  };
}

/** Serves `files` over a slow link. CDP would throttle the page alone, and not its worker. */
async function serveSlowly(files) {
  const pass = slowLink();
  const server = createServer(async (request, response) => {
    const name = new URL(request.url, "http://localhost").pathname.slice(1) || "index.html";
    const found = files.get(decodeURIComponent(name));
    await after(LATENCY);
    if (!found) return response.writeHead(404).end();
    response.writeHead(200, { ...found.headers, "content-length": found.body.length, "cache-control": "no-cache" });
    for (let at = 0; at < found.body.length && !response.destroyed; at += PIECE) {
      const piece = found.body.subarray(at, at + PIECE);
      await pass(piece.length);
      response.write(piece);
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => (server.closeAllConnections(), server.close()) };
}

/** Seconds of one first visit, from the navigation on. */
async function visit(browser, files, which, engine) {
  const server = await serveSlowly(files);
  const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 1000 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT);
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    // With `run=1` the whole archive is trained on as soon as it is there, without a second click.
    await page.goto(`${server.url}#${LINK}&data=imagenette&engine=${engine}${which === "whole" ? "&run=1" : ""}`);
    await page.getByRole("button", { name: which === "part" ? /^Train on the first/ : /^Load .* from this site/ }).click();
    const click = seconds();
    await controls(page).pause.waitFor();
    const started = seconds();
    const shows = async (name) => {
      const value = training(page).locator("dt", { hasText: new RegExp(`^${name}`) }).locator("xpath=following-sibling::dd[1]");
      await value.filter({ hasText: /\d/ }).waitFor();
      return seconds();
    };
    const loss = await shows("Loss");
    return { click, started, loss, accuracy: UNTIL === "loss" ? null : await shows("Accuracy") };
  } finally {
    await context.close();
    server.close();
  }
}

const archive = await readFile(process.env.DATA);
const name = path.basename(process.env.DATA);
const part = cut(archive);
const sites = await Promise.all(
  SITES.map(async (site) => {
    const files = await packed(site);
    const served = described(name, archive.length, part, (name) => `data/${encodeURIComponent(name)}`);
    for (const [name, body] of [[served.name, archive], [served.part.name, part.bytes]]) {
      files.set(`data/${name}`, { headers: { "content-type": "application/octet-stream" }, body });
    }
    const body = Buffer.from(JSON.stringify(served));
    files.set("data/served.json", { headers: { "content-type": TYPES[".json"] }, body });
    return { site, files };
  }),
);

const load = () => os.loadavg()[0].toFixed(1);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
console.log(`Browser: Chromium ${browser.version()}`);
console.log(`Machine: ${os.cpus()[0].model}, ${os.cpus().length} logical CPUs, load ${load()} at the start`);
const rows = new Map();
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const which of CASES) {
      for (const engine of ENGINES) {
        for (const { site, files } of sites) {
          // An older site knows of no part.
          if (which === "part" && site !== SITES[0]) continue;
          const key = `${path.basename(site)} | ${which} | ${engine}`;
          const found = await visit(browser, files, which, engine);
          console.log(`${key}: ${JSON.stringify(found)}, load ${load()}`);
          rows.set(key, [...(rows.get(key) ?? []), found]);
        }
      }
    }
  }
} finally {
  await browser.close();
}
const figure = (visits, what) => {
  const all = visits.map((visit) => visit[what]).filter((value) => value !== null);
  if (all.length === 0) return "–";
  return `${median(all).toFixed(1)} (${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)})`;
};
const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
console.log(`\n${ROUNDS} rounds, ${LINK}: seconds from the navigation, median (lowest to highest)\n`);
const head = ["site", "data", "engine", "click", "training begins", "first loss", "first accuracy"];
line(head);
line(head.map(() => "---"));
for (const [key, visits] of rows) {
  line([key, ...["click", "started", "loss", "accuracy"].map((what) => figure(visits, what))]);
}
