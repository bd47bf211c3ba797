// Without a network: once loaded, the page works from what its service worker kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

test("the page reloads and trains offline", async (t) => {
  const page = await open(t, SMALL, { context: { serviceWorkers: "allow" } });
  await sampleIsReady(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  await page.context().setOffline(true);
  await page.reload();
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
});

test("the service worker keeps every file of the build and nothing else", async (t) => {
  const page = await open(t, SMALL, { context: { serviceWorkers: "allow" } });
  await page.evaluate(() => navigator.serviceWorker.ready);
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const cache = await caches.open(names[0]);
    const requests = await cache.keys();
    return { names, paths: requests.map(({ url }) => url.slice(document.baseURI.split("#")[0].length)) };
  });
  assert.equal(kept.names.length, 1, kept.names.join(", "));
  const has = (pattern) => kept.paths.some((path) => pattern.test(path));
  assert.ok(has(/^$/), "the entry page");
  assert.ok(has(/^page-.*\.wasm$/), "the page's wasm");
  assert.ok(has(/^worker-.*\/worker_bg\.wasm$/), "the worker's wasm");
  assert.ok(!has(/^data\//), "no data");
});
