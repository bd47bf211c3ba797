// The browser's store: runs go out as one file and come back with the same numbers,
// all of them can be deleted and brought back, two tabs add up, an older store is
// migrated, and the message when the space ends says what was not kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { databaseName } from "./lib/faults.mjs";
import { address, playground } from "./lib/playground.mjs";

const { open, site } = playground();

test("a run whose epochs are shorter than a lock's answer is not taken for another tab's", async (t) => {
  const slowly = () => {
    const request = navigator.locks.request.bind(navigator.locks);
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    navigator.locks.request = async (...how) => {
      for (let frames = 0; frames < 30; frames += 1) await frame();
      return request(...how);
    };
  };
  const page = await open(t, SMALL.replace("epochs=1", "epochs=30"), { prepare: (page) => page.addInitScript(slowly) });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  await row(page, 1).waitFor();
  assert.equal(await page.getByText("it is being trained in another tab", { exact: false }).count(), 0);
});

test("runs are exported, deleted, imported, and are the same; choices outlive a reload", async (t) => {
  const page = await open(t, SMALL);
  await trainTwo(page);
  await runs(page).getByRole("button", { name: "Baseline run 2" }).click();
  await runs(page).getByRole("checkbox", { name: /run 1$/ }).check();
  const before = await told(page);

  await page.reload();
  await row(page, 2).getByText("baseline", { exact: true }).waitFor();
  assert.ok(await runs(page).getByRole("checkbox", { name: /run 1$/ }).isChecked());
  assert.deepEqual(await told(page), before, "after a reload");

  const waiting = page.waitForEvent("download");
  await runs(page).getByRole("button", { name: "Export all runs" }).click();
  const download = await waiting;
  assert.match(download.suggestedFilename(), /^imagenette-runs-\d{4}-\d\d-\d\d\.ipruns$/);
  const file = { name: "runs.ipruns", mimeType: "application/octet-stream", buffer: await readFile(await download.path()) };

  await runs(page).getByRole("button", { name: "Delete all runs" }).click();
  await runs(page).getByText("No finished runs yet.").waitFor();
  await runs(page).getByText("2 runs were deleted.").waitFor();
  await runs(page).getByRole("button", { name: "Undo" }).click();
  await row(page, 2).waitFor();
  assert.deepEqual(await told(page), before, "after an undo");

  await runs(page).getByRole("button", { name: "Delete all runs" }).click();
  await runs(page).getByText("No finished runs yet.").waitFor();
  const input = page.getByLabel("Import runs from a file");
  await input.setInputFiles(file);
  await runs(page).getByText("2 runs added, 0 here before, 0 unusable, 0 of other builds.").waitFor();
  assert.deepEqual(await told(page), before, "after an import");
  await input.setInputFiles(file);
  await runs(page).getByText("0 runs added, 2 here before, 0 unusable, 0 of other builds.").waitFor();
  await page.reload();
  await row(page, 2).waitFor();
  assert.deepEqual(await told(page), before, "after an import and a reload");

  // A number is never given twice, and a cut or foreign file is refused in words.
  await runs(page).getByRole("button", { name: "Delete run 1" }).click();
  await row(page, 1).waitFor({ state: "detached" });
  await row(page, 2).waitFor();
  await input.setInputFiles({ ...file, buffer: file.buffer.subarray(0, -5) });
  // What was cut off is the copy of the table of contents.
  await runs(page).getByText("1 run added, 1 here before, 0 unusable, 0 of other builds.").waitFor();
  await input.setInputFiles({ ...file, buffer: file.buffer.subarray(0, 40) });
  await page.getByText("the copy is not complete", { exact: false }).first().waitFor();
  await input.setInputFiles({ ...file, name: "notes.txt", buffer: Buffer.from("Dear diary, today") });
  await page.getByText("it is no file of runs that this page exported", { exact: false }).first().waitFor();
});

test("two tabs that train keep both runs, each with a number of its own", async (t) => {
  const page = await open(t, SMALL);
  const other = await page.context().newPage();
  // Another recipe: runs that differ in nothing but their seed are one line.
  await other.goto(address(site(), `${SMALL}&ls=0.1`));
  for (const tab of [page, other]) await sampleIsReady(tab);
  for (const tab of [page, other]) await controls(tab).train.click();
  for (const tab of [page, other]) {
    await row(tab, 1).waitFor();
    await row(tab, 2).waitFor();
  }
  const [one, two] = [await told(page), await told(other)];
  assert.deepEqual(one, two);
  await page.reload();
  await row(page, 2).waitFor();
  assert.deepEqual(await told(page), one);
});

test("a store of the first version is migrated with its runs", async (t) => {
  const page = await open(t, SMALL);
  await trainTwo(page);
  const before = await told(page);
  // The store as the first version of the page left it.
  await page.goto("about:blank");
  await page.goto(new URL("web-that-is-not-there", site().url).href);
  await page.evaluate(downgrade, databaseName(site()));
  await page.goto(address(site(), SMALL));
  await row(page, 2).waitFor();
  assert.deepEqual(await told(page), before);
  const stores = await page.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const { version, objectStoreNames } = request.result;
          request.result.close();
          resolve({ version, stores: [...objectStoreNames] });
        };
      }),
    databaseName(site()),
  );
  assert.ok(stores.version > 1 && stores.stores.includes("epochs"), JSON.stringify(stores));
  // What the first version did not keep is said, not made up.
  await page.getByText("These runs have no predictions for each epoch", { exact: false }).waitFor();
});

test("when the space ends, the message says what was not kept", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  const client = await page.context().newCDPSession(page);
  const origin = new URL(site().url).origin;
  await client.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.getByText(/^Run 1 was not stored\. .*used up.*export all runs/i).first().waitFor();
  // It is still on the page, and can be taken along.
  await row(page, 1).waitFor();
  const waiting = page.waitForEvent("download");
  await runs(page).getByRole("button", { name: "Export all runs" }).click();
  await waiting;
});

/** Trains the page's experiment, and once more with mixup. */
async function trainTwo(page) {
  await sampleIsReady(page);
  await controls(page).train.click();
  await row(page, 1).waitFor();
  await page.evaluate(() => (location.hash += "&mixup=0.4"));
  await controls(page).reset.click();
  await controls(page).train.click();
  await row(page, 2).waitFor();
}

function runs(page) {
  return page.getByRole("region", { name: /^Runs/ });
}

/** The row of the run of this number. */
function row(page, number) {
  return runs(page).getByRole("row").filter({ has: page.getByText(`Run ${number}`, { exact: true }) });
}

/** What the list says of every run: its name, figures and difference. */
async function told(page) {
  const rows = await runs(page).getByRole("row").all();
  const texts = await Promise.all(rows.map((row) => row.innerText()));
  return texts.map((text) => text.replace(/\s+/g, " "));
}

/** Rebuilds the database as version 1 made it. Runs in the page. */
async function downgrade(name) {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const stores = ["runs", "curves", "predictions", "checkpoints"];
  const database = await done(indexedDB.open(name));
  const kept = {};
  for (const store of stores) {
    const transaction = database.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([done(transaction.getAllKeys()), done(transaction.getAll())]);
    kept[store] = keys.map((key, index) => [key, values[index]]);
  }
  database.close();
  await done(indexedDB.deleteDatabase(name));
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => stores.forEach((store) => opening.result.createObjectStore(store));
  const first = await done(opening);
  for (const store of stores) {
    const target = first.transaction(store, "readwrite").objectStore(store);
    for (const [key, value] of kept[store]) {
      let old = value;
      if (store === "runs") {
        const stored = JSON.parse(value);
        delete stored.sum;
        delete stored.value.number;
        old = JSON.stringify({ ...stored, version: 1 });
      }
      await done(target.put(old, key));
    }
  }
  first.close();
  localStorage.clear();
}
