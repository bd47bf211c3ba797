// The results: curves that can be read by keyboard, runs that compare, a delete that
// can be undone, two tabs on one store.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { databaseName } from "./lib/faults.mjs";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { address, playground } from "./lib/playground.mjs";

const { open, site } = playground();

test("two runs compare: what differs, by how much, and that one seed cannot tell", async (t) => {
  const page = await open(t, SMALL);
  await trainTwo(page);
  const last = row(page, 1);
  await last.getByText("vs. run 1").waitFor();
  await last.getByText("cannot tell (one seed)").waitFor();
  assert.match(await last.innerText(), /Mixup \(mixup\): 0 → 0\.4/);
  assert.match(await last.innerText(), /95%: \d/);
  await last.getByRole("button", { name: /Count the images/ }).click();
  await last.getByText(/\d+ fixed, \d+ broken of 100 images: .* points \(95% from/).waitFor();
});

test("the curves are read by keyboard, over another run, and taken away as CSV", async (t) => {
  const page = await open(t, SMALL);
  await trainTwo(page);
  await row(page, 2).getByRole("checkbox").check();
  const cursor = page.getByRole("slider", { name: "Values of the chart “Loss”" });
  await cursor.focus();
  await page.keyboard.press("End");
  const said = await cursor.getAttribute("aria-valuetext");
  assert.match(said, /^epoch 1: train_loss \d\.\d{4}, valid_loss .*run 1 nll/);
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV of the chart “Loss”" }).click();
  const csv = await readFile(await (await waiting).path(), "utf8");
  const [header, ...lines] = csv.trim().split("\r\n");
  assert.ok(header.startsWith("epoch,train_loss,valid_loss,"), header);
  assert.equal(lines.length, 10, "one line for each of 10 batches; the epoch ends with the last");
  await page.getByText("Data table").first().click();
  await page.getByRole("table", { name: /^Loss at the end of each epoch/ }).waitFor();
});

test("a deleted run is gone in the other tab, too, and comes back", async (t) => {
  const page = await open(t, SMALL);
  await trainTwo(page);
  const other = await page.context().newPage();
  await other.goto(address(site(), SMALL));
  await rows(other, 3);
  await page.getByRole("button", { name: "Delete run 1" }).click();
  await rows(page, 2);
  await rows(other, 2);
  await page.getByRole("button", { name: "Undo" }).click();
  await rows(page, 3);
  await rows(other, 3);
});

test("runs that a newer version stored are left alone, with a message", async (t) => {
  const page = await open(t, SMALL);
  // By then the page has read its store, and no message of that hides the one below.
  await sampleIsReady(page);
  await page.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open(name, 1000);
        request.onsuccess = () => resolve(request.result.close());
        request.onerror = () => reject(request.error);
      }),
    databaseName(site()),
  );
  await page.getByText("Another tab runs a newer version").waitFor();
  await page.reload();
  await page.getByText("a newer version of this page has stored runs", { exact: false }).waitFor();
});

/** Trains the page's experiment, and once more with mixup. */
async function trainTwo(page) {
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.evaluate(() => (location.hash += "&mixup=0.4"));
  await rows(page, 2);
  await controls(page).reset.click();
  await controls(page).train.click();
  await rows(page, 3);
}

/** Resolves when the list of runs has so many rows, its header included. */
async function rows(page, count) {
  const list = page.getByRole("region", { name: /^Runs/ }).getByRole("row");
  await list.nth(count - 1).waitFor();
  await page.waitForFunction(
    (wanted) => document.querySelectorAll(".run-row").length === wanted,
    count,
  );
}

function row(page, index) {
  return page.getByRole("region", { name: /^Runs/ }).getByRole("row").nth(index);
}
