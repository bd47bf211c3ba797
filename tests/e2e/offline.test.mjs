// Without a network: once loaded, the page works from what its service worker kept.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, beforeEach, test } from "node:test";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground, SITE } from "./lib/playground.mjs";

let copy;
const { open } = playground({
  root: async () => {
    copy = await mkdtemp(path.join(tmpdir(), "playground-"));
    return copy;
  },
});
beforeEach(async () => cp(SITE, copy, { recursive: true, force: true }));
after(async () => rm(copy, { recursive: true }));

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
    const cache = await caches.open(names.find((name) => !name.endsWith(" recorded")));
    const requests = await cache.keys();
    return { names, paths: requests.map(({ url }) => url.slice(document.baseURI.split("#")[0].length)) };
  });
  assert.equal(kept.names.filter((name) => !name.endsWith(" recorded")).length, 1, kept.names.join(", "));
  const has = (pattern) => kept.paths.some((path) => pattern.test(path));
  assert.ok(has(/^$/), "the entry page");
  assert.ok(has(/^page-.*\.wasm$/), "the page's wasm");
  assert.ok(has(/^worker-.*\/worker_bg\.wasm$/), "the worker's wasm");
  assert.ok(has(/^classroom-.*\/classroom_bg\.wasm$/), "the classroom's wasm");
  assert.ok(has(/^lessons-.*\/index\.json$/), "the list of lessons");
  assert.ok(has(/^recorded-.*\.txt$/), "the list of recorded results");
  assert.ok(!has(/^(data|recorded)\//), "no data");
});

// What hosts put into an entry page on its way: a script of theirs, a comment, fewer spaces.
const REWRITES = {
  "a comment at the end": (page) => `${page}<!-- served by a cache -->`,
  "a script of the host": (page) => page.replace("</head>", '<script src="/cdn/beacon.js"></script></head>'),
  "other white space": (page) => page.replaceAll("><", ">\n<"),
};

for (const [what, rewrite] of Object.entries(REWRITES)) {
  test(`a host that rewrites the entry page leaves it usable offline: ${what}`, async (t) => {
    await change("index.html", rewrite);
    const page = await open(t, SMALL, { context: { serviceWorkers: "allow" } });
    await sampleIsReady(page);
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
    await page.context().setOffline(true);
    await page.reload();
    await sampleIsReady(page);
    assert.ok(await page.locator("#offline-fault").isHidden());
  });
}

test("a file that the host changes is named, and the page goes on online", async (t) => {
  const [style] = (await readdir(SITE)).filter((name) => /^queue-.*\.css$/.test(name));
  await change(style, (text) => `${text}/* minified */`);
  const page = await open(t, SMALL, { context: { serviceWorkers: "allow" } });
  await page.getByText(`The host modifies ${style}`, { exact: false }).waitFor();
  await sampleIsReady(page);
});

test("an entry page of another build is not kept with these files, and the page says so", async (t) => {
  await change("index.html", (page) => `${page}<!-- another build -->`);
  await change("sw.js", (text) => text.replace("const NAMED = [", '$&"boot-ffffffffffffffff.js",'));
  const page = await open(t, SMALL, { context: { serviceWorkers: "allow" } });
  await page.getByText("The entry page is not from this build", { exact: false }).waitFor();
  await sampleIsReady(page);
});

async function change(name, how) {
  const file = path.join(copy, name);
  const before = await readFile(file, "utf8");
  const changed = how(before);
  assert.notEqual(changed, before, `${name} was not changed`);
  await writeFile(file, changed);
}
