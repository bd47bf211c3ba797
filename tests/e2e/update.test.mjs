// A new build of the site: the page of one build never meets the worker of another,
// with a network or without.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground, SITE } from "./lib/playground.mjs";

let copy;
const { open, site } = playground({
  root: async () => {
    copy = await mkdtemp(path.join(tmpdir(), "playground-"));
    await cp(SITE, copy, { recursive: true });
    return copy;
  },
});
after(async () => rm(copy, { recursive: true }));

test("a new build takes over whole", async (t) => {
  const page = await open(t, SMALL, { context: { serviceWorkers: "allow" } });
  const first = await readyWorker(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");

  await publishAnotherBuild(path.dirname(first));
  await page.reload();
  const second = await readyWorker(page);
  assert.notEqual(second, first, "a reload with a network shows the new build");
  await newestServiceWorkerIs("installed", page);

  // Until all tabs are closed the first build's files are kept, so that an open tab
  // of it can restart its worker; without a network they are used together.
  await page.context().setOffline(true);
  await page.reload();
  assert.equal(await readyWorker(page), first);
  await page.context().setOffline(false);

  // Beside the site, not on it: with its last page closed, the new build takes over.
  await page.goto(new URL("/beside", site().url).href);
  await newestServiceWorkerIs("activated", page);
  await page.goto(`${site().url}#${SMALL}`);
  assert.equal(await readyWorker(page), second);
  await page.context().setOffline(true);
  await page.reload();
  assert.equal(await readyWorker(page), second);
});

/** The path of the page's worker, once it has made the sample. */
async function readyWorker(page) {
  await sampleIsReady(page);
  const [worker] = page.workers();
  return worker.url().slice(site().url.length);
}

/** Resolves when the newest service worker of the site has come so far. */
async function newestServiceWorkerIs(state, page) {
  const arguments_ = { scope: site().url, state };
  await page.evaluate(async ({ scope, state }) => {
    const registration = await navigator.serviceWorker.getRegistration(scope);
    if (state === "installed") await registration.update();
    const newest = registration.installing ?? registration.waiting ?? registration.active;
    await new Promise((resolve) => {
      const check = () => newest.state === state && resolve();
      newest.addEventListener("statechange", check);
      check();
    });
  }, arguments_);
}

/** Changes what a build changes: the worker's folder, the entry page, the list. */
async function publishAnotherBuild(folder) {
  const next = "worker-ffffffffffffffff";
  await rename(path.join(copy, folder), path.join(copy, next));
  const index = path.join(copy, "index.html");
  const page = (await readFile(index, "utf8")).replaceAll(folder, next);
  await writeFile(index, page);
  const digest = createHash("sha256").update(page).digest("base64");
  const script = path.join(copy, "sw.js");
  const list = (await readFile(script, "utf8"))
    .replaceAll(folder, next)
    .replace(/const BUILD = "/, '$&next-')
    .replace(/\["","sha256-[^"]*"\]/, `["","sha256-${digest}"]`);
  await writeFile(script, list);
  assert.ok((await readdir(copy)).includes(next));
}
