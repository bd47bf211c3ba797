// Several cores: they may make things quicker, and must change nothing else.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { openArchive } from "./lib/pictures.mjs";
import { playground } from "./lib/playground.mjs";
import { beforeWorker } from "./lib/worker.mjs";

const { open } = playground();

/**
 * Opens the page in a browser that says it has so many cores. `onWord` is JavaScript that the
 * worker runs at each message of a helper: `helper` is that one, and `word` counts from 1, which
 * says that it is up.
 */
async function openWith(t, cores, link, onWord = "") {
  const page = await open(t, link, {
    prepare: (page) =>
      beforeWorker(
        page,
        () => `
          Object.defineProperty(navigator, "hardwareConcurrency", { value: ${cores} });
          self.Worker = class extends Worker {
            constructor(...how) {
              super(...how);
              const helper = this;
              let word = 0;
              helper.addEventListener("message", () => { word += 1; ${onWord} });
            }
          }`,
      ),
  });
  await sampleIsReady(page);
  return page;
}

/** Tells the page of each answer. */
const TELLS = `if (word > 1) new BroadcastChannel("told").postMessage(word);`;

/** Ends a helper after two answers, as a crash does, and tells the page. */
const BREAKS = `
  if (word === 3) {
    helper.terminate();
    helper.dispatchEvent(new ErrorEvent("error"));
    new BroadcastChannel("told").postMessage(word);
  }`;

/** Counts what the page is told from now on. */
async function countTold(page) {
  await page.evaluate(() => {
    window.told = 0;
    new BroadcastChannel("told").onmessage = () => (window.told += 1);
  });
  return () => page.evaluate(() => window.told);
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

/** Trains, and reads the run's record: its epochs' figures to the last digit, and the data's hash. */
async function figures(page) {
  await controls(page).train.click();
  await runSays(page, "Finished");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /JSON/ }).first().click();
  const { epochs, dataset } = JSON.parse(await readFile(await (await download).path(), "utf8"));
  const last = epochs.map(({ train_loss, valid_loss, accuracy }) => ({ train_loss, valid_loss, accuracy }));
  return { epochs: last, hash: dataset.hash };
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
  assert.ok(Number.isFinite(expected.epochs[0].train_loss));
});

/** Large enough for helpers to come up on the way; two files of it do not decode. */
const PICTURES = { train: 450, valid: 40, side: 160, broken: 2 };

test("an archive decoded on three cores is the archive decoded on one", async (t) => {
  const one = await openWith(t, 1, SMALL);
  await openArchive(one, PICTURES);
  const expected = await figures(one);

  const three = await openWith(t, 3, SMALL, TELLS);
  const answers = await countTold(three);
  const data = await openArchive(three, PICTURES);
  await data.getByText("2 files were left out").waitFor();
  assert.ok((await answers()) > 0, "no helper decoded anything");
  assert.deepEqual(await figures(three), expected);

  const broken = await openWith(t, 3, SMALL, BREAKS);
  const breaks = await countTold(broken);
  await openArchive(broken, PICTURES);
  assert.ok((await breaks()) > 0, "no helper broke");
  assert.deepEqual(await figures(broken), expected, "what a broken helper had is decoded here");
});
