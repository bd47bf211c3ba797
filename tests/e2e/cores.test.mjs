// Several cores: they may make things quicker, and must change nothing else.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { openArchive } from "./lib/pictures.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

/** Opens the page in a browser that says it has so many cores. */
async function openWith(t, cores, link) {
  const page = await open(t, link, {
    prepare: (page) =>
      page.route(/worker_loader\.js$/, async (route) => {
        const response = await route.fetch();
        // Imports run first wherever they stand, but the module only looks when it starts.
        const say = `Object.defineProperty(navigator, "hardwareConcurrency", { value: ${cores} });`;
        await route.fulfill({ response, body: `${say}${await response.text()}` });
      }),
  });
  await sampleIsReady(page);
  return page;
}

/** Counts the workers of all pages from now on, and those there are. */
async function countWorkers(page) {
  const browser = await page.context().browser().newBrowserCDPSession();
  const seen = new Set();
  browser.on("Target.targetCreated", ({ targetInfo }) => {
    if (targetInfo.type === "worker") seen.add(targetInfo.targetId);
  });
  await browser.send("Target.setDiscoverTargets", { discover: true });
  return () => seen.size;
}

/** Trains, and reads the run's record: its epochs' figures to the last digit. */
async function figures(page) {
  await controls(page).train.click();
  await runSays(page, "Finished");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /JSON/ }).first().click();
  const record = JSON.parse(await readFile(await (await download).path(), "utf8"));
  return record.epochs.map(({ train_loss, valid_loss, accuracy }) => ({ train_loss, valid_loss, accuracy }));
}

test("a batch in shards gives the same to the last digit on one core and on three", async (t) => {
  // Long enough for the helpers to come up on the way.
  const link = `${SMALL.replace("epochs=1", "epochs=12")}&gbs=4`;
  const one = await openWith(t, 1, link);
  const count = await countWorkers(one);
  const expected = await figures(one);
  assert.equal(count(), 1, "no helpers where there is one core");
  const three = await openWith(t, 3, link);
  assert.deepEqual(await figures(three), expected);
  assert.equal(count(), 1 + 3, "a helper for each other core");
  assert.ok(Number.isFinite(expected[0].train_loss));
});

test("an archive decoded on three cores is the archive decoded on one", async (t) => {
  const found = [];
  for (const cores of [1, 3]) {
    const page = await openWith(t, cores, SMALL);
    await openArchive(page);
    found.push(await figures(page));
  }
  assert.deepEqual(found[0], found[1]);
});
