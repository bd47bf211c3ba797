// The page's Content-Security-Policy: it is there, it is strict, and what the page does keeps
// to it. Every other test watches for violations as well (lib/playground.mjs).

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runSays, SMALL } from "./lib/page.mjs";
import { openArchive } from "./lib/pictures.mjs";
import { playground, SITE } from "./lib/playground.mjs";

const DOCS = fileURLToPath(new URL("../../docs/hosting.md", import.meta.url));
/** The headers that docs/hosting.md offers, as a host would send them. */
const headers = Object.fromEntries(
  [...(await readFile(DOCS, "utf8")).matchAll(/^ {4}([A-Za-z-]+): (.*)$/gm)].map(([, name, value]) => [name, value]),
);
const { open, site } = playground({ headers });

test("the entry page has a policy, and no script, style or handler of its own", async () => {
  const page = await readFile(path.join(SITE, "index.html"), "utf8");
  const policy = page.match(/default-src 'none'[^"]*/)?.[0] ?? "";
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|unsafe-hashes|\*/);
  // Before anything that it has to hold for.
  assert.ok(page.indexOf(policy) < page.search(/<(script|link|style)\b/), "the policy comes first");
  // A data block is not executed.
  const [texts, ...others] = [...page.matchAll(/<script\b[^>]*>/g)].map(([script]) => script).reverse();
  assert.equal(texts, '<script type="application/json" id="texts">');
  assert.ok(others.length > 0);
  for (const script of others) assert.match(script, /\bsrc=/, script);
  assert.doesNotMatch(page, /<style\b|\sstyle=|\son[a-z]+=/i);
});

test("what a page of another origin or an injected script asks for is refused", async (t) => {
  const page = await open(t, SMALL, { strict: false });
  const done = await page.evaluate(async () => {
    // Out of this call, in which a test may do more than a page.
    await new Promise((resolve) => setTimeout(resolve));
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
    const framed = document.createElement("div");
    framed.setAttribute("onclick", "window.injected = true");
    framed.click();
    let evaluated = true;
    try {
      evaluated = new Function("return true")();
    } catch {
      evaluated = false;
    }
    return { injected: window.injected === true, evaluated };
  });
  assert.deepEqual(done, { injected: false, evaluated: false });
});

test("with the headers of docs/hosting.md on every file, the page reads, trains and looks inside", async (t) => {
  assert.match(headers["Content-Security-Policy"] ?? "", /frame-ancestors/, Object.keys(headers).join(", "));
  const page = await open(t, `${SMALL}&run=1`);
  await runSays(page, "Finished");
  await openArchive(page);
  const panel = page.getByRole("region", { name: "Look inside" });
  // What sets sizes and colours from numbers.
  for (const part of ["Predictions", "Batch", "Targets"]) {
    const summary = panel.locator("summary", { hasText: part }).first();
    if (await summary.count()) await summary.click();
  }
  const response = await page.request.get(site().url);
  assert.equal(response.headers()["content-security-policy"], headers["Content-Security-Policy"]);
});

test("a chart's cursor and the bars have their places without a style attribute in the markup", async (t) => {
  const page = await open(t, `${SMALL}&run=1`);
  await runSays(page, "Finished");
  const cursor = await page.locator(".chart-cursor").first().boundingBox();
  const plot = await page.locator(".chart-plot").first().boundingBox();
  assert.ok(cursor.width > plot.width / 2 && cursor.height > plot.height / 3, JSON.stringify({ cursor, plot }));
});
