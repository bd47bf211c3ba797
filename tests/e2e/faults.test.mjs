// A store that fails: writes undone, opened late, closed, half upgraded, full, absent. What
// was kept is whole or not there, and the page says what it did not keep.

import assert from "node:assert/strict";
import { test } from "node:test";
import { databaseName, inWorker, rowsOf } from "./lib/faults.mjs";
import { fileOfRuns } from "./lib/many.mjs";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { openArchive } from "./lib/pictures.mjs";
import { address, PATIENCE, playground } from "./lib/playground.mjs";

const { open, site } = playground();
/** Resolves when the run that is under way can be gone on with after a reload. */
async function checkpointIsStored(page) {
  const deadline = Date.now() + PATIENCE;
  while (!((await page.evaluate(rowsOf, databaseName(site()))).checkpoints > 0)) {
    assert.ok(Date.now() < deadline, "no checkpoint was stored");
  }
}

/** Long enough to be cut short. */
const LONG = SMALL.replace("epochs=1", "epochs=200");
const KEPT = /This browser stores .* of its images for your next visit/;

test("a write that the browser undoes is told, and the run stays on the page", async (t) => {
  const page = await open(t, SMALL, {
    prepare: (page) =>
      page.addInitScript(() => {
        const { transaction } = IDBDatabase.prototype;
        IDBDatabase.prototype.transaction = function (stores, mode, ...others) {
          const made = transaction.call(this, stores, mode, ...others);
          if (window.undoing && mode === "readwrite" && [...stores].includes("runs")) queueMicrotask(() => made.abort());
          return made;
        };
      }),
  });
  await sampleIsReady(page);
  await page.evaluate(() => (window.undoing = true));
  await train(page, 1);
  await page.getByText(/was not stored\. .*cancelled the write/i).first().waitFor();
  // What comes after is stored again.
  await page.evaluate(() => (window.undoing = false));
  await page.evaluate(() => (location.hash += "&ls=0.1"));
  await controls(page).reset.click();
  await train(page, 2);
  await page.reload();
  await row(page, 2).waitFor();
});

test("a tab of an older version that keeps the store is named, and the runs appear when it goes", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await train(page, 1);
  const context = page.context();
  await page.goto(beside());
  await page.evaluate(older, databaseName(site()));
  const other = await context.newPage();
  other.setDefaultTimeout(PATIENCE);
  await other.goto(address(site(), SMALL));
  await other.getByText("Another tab shows an older version of this page", { exact: false }).waitFor();
  // Nothing else waits for it.
  await sampleIsReady(other);
  await page.close();
  await train(other, 1);
  await other.reload();
  await row(other, 1).waitFor();
});

test("a store that the browser closes is opened again, and keeps what the page shows", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await train(page, 1);
  const client = await page.context().newCDPSession(page);
  const origin = new URL(site().url).origin;
  await client.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
  await page.getByText("The browser closed this page’s store", { exact: false }).waitFor();
  await row(page, 1).waitFor();
  const deadline = Date.now() + PATIENCE;
  // Looked for without opening it: that would make an empty one.
  const there = async (name) => (await indexedDB.databases()).some((it) => it.name === name && it.version > 1);
  const stored = async () =>
    (await page.evaluate(there, databaseName(site()))) &&
    (await page.evaluate(rowsOf, databaseName(site()))).runs === 1;
  while (!(await stored())) {
    assert.ok(Date.now() < deadline, "the run was not stored again");
  }
  await page.reload();
  await row(page, 1).waitFor();
});

test("an upgrade that fails leaves the store as it was, and the next visit does it", async (t) => {
  const page = await open(t, SMALL, {
    prepare: (page) =>
      page.addInitScript(() => {
        if (!sessionStorage.failing) return;
        IDBDatabase.prototype.createObjectStore = () => {
          throw new DOMException("injected", "UnknownError");
        };
      }),
  });
  await sampleIsReady(page);
  await train(page, 1);
  await page.goto(beside());
  await page.evaluate(older, databaseName(site()));
  await page.evaluate(() => (sessionStorage.failing = "yes"));
  await page.goto(address(site(), SMALL));
  await page.getByText(/Runs cannot be stored\. .*older version.*could not be converted/i).waitFor();
  await sampleIsReady(page);
  await page.evaluate(() => delete sessionStorage.failing);
  await page.reload();
  await sampleIsReady(page);
  await train(page, 1);
  await page.reload();
  await row(page, 1).waitFor();
});

test("two playgrounds on one host keep apart what is stored", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await train(page, 1);
  const { port } = new URL(site().url);
  const elsewhere = `http://127.0.0.1:${port}/another/path/`;
  const other = await page.context().newPage();
  other.setDefaultTimeout(PATIENCE);
  await other.route(`${elsewhere}**`, async (route) => {
    const url = route.request().url().replace("/another/path/", "/some/sub-path/");
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  await other.goto(`${elsewhere}#${SMALL}`);
  await sampleIsReady(other);
  await other.getByText("No finished runs yet.").waitFor();
  await train(other, 1);
  const names = await other.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort());
  assert.deepEqual(names, ["imagenette-playground /another/path/ runs", "imagenette-playground /some/sub-path/ runs"]);
});

test("what was kept under the name of the whole host is taken over, and stays for the others", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await train(page, 1);
  await page.goto(beside());
  await page.evaluate(rename, { from: databaseName(site()), to: "imagenette-playground" });
  await page.goto(address(site(), SMALL));
  await row(page, 1).waitFor();
  const counts = await page.evaluate(rowsOf, "imagenette-playground");
  assert.equal(counts.runs, 1, "the former store is as it was");
  assert.deepEqual(await page.evaluate(rowsOf, databaseName(site())), counts);
});

for (const [what, hide] of [
  ["Web Locks", () => delete Object.getPrototypeOf(navigator).locks],
  ["private files", () => delete StorageManager.prototype.getDirectory],
  ["a storage manager", () => delete Object.getPrototypeOf(navigator).storage],
  ["channels between tabs", () => delete self.BroadcastChannel],
]) {
  test(`a browser without ${what} trains, stores and goes on with a run`, async (t) => {
    const page = await open(t, LONG, {
      prepare: async (page) => {
        await page.context().addInitScript(hide);
        await inWorker(page, hide);
      },
    });
    await openArchive(page);
    await controls(page).train.click();
    await page.getByText(/epoch [2-9]/).first().waitFor();
    await checkpointIsStored(page);
    await page.reload();
    await page.getByRole("region", { name: "Unfinished run" }).waitFor();
    assert.equal(await page.locator("#fault").isVisible(), false);
  });
}

test("a run that was cut short goes on in one tab only", async (t) => {
  for (const hide of [() => {}, () => delete Object.getPrototypeOf(navigator).locks]) {
    const page = await open(t, LONG, { prepare: (page) => page.context().addInitScript(hide) });
    await sampleIsReady(page);
    await controls(page).train.click();
    await page.getByText(/epoch [2-9]/).first().waitFor();
    await checkpointIsStored(page);
    await page.reload();
    const other = await page.context().newPage();
    other.setDefaultTimeout(PATIENCE);
    await other.goto(address(site(), SMALL));
    const resume = (tab) => tab.getByRole("button", { name: "Resume run" });
    // Both offer it before either goes on.
    for (const tab of [page, other]) {
      await sampleIsReady(tab);
      await resume(tab).waitFor();
    }
    await resume(page).click();
    await runSays(page, /Training/);
    await resume(other).click();
    await other.getByText("it is being trained in another tab", { exact: false }).first().waitFor();
    await controls(page).stop.click();
  }
});

test("the browser is asked to keep the runs for good by a click alone, and a refusal is told", async (t) => {
  for (const agrees of [false, true]) {
    const page = await open(t, SMALL, {
      prepare: (page) =>
        page.addInitScript((agrees) => {
          window.asked = 0;
          let kept = false;
          StorageManager.prototype.persisted = async () => kept;
          StorageManager.prototype.persist = async () => {
            window.asked += 1;
            kept = agrees;
            return agrees;
          };
        }, agrees),
    });
    await sampleIsReady(page);
    await train(page, 1);
    assert.equal(await page.evaluate(() => window.asked), 0, "asked without a click");
    const keep = page.getByRole("button", { name: "Keep on this device" });
    await keep.click();
    if (agrees) {
      await page.getByText("Runs are stored on this device until you clear", { exact: false }).waitFor();
      await keep.waitFor({ state: "detached" });
    } else {
      await page.getByText("The browser did not agree to keep the runs permanently", { exact: false }).waitFor();
      await keep.waitFor();
    }
    assert.equal(await page.evaluate(() => window.asked), 1);
  }
});

test("images that another tab is keeping are left to it, and the page says so", async (t) => {
  const page = await open(t, SMALL, {
    prepare: (page) =>
      inWorker(page, () => {
        FileSystemFileHandle.prototype.createSyncAccessHandle = async () => {
          throw new DOMException("injected", "NoModificationAllowedError");
        };
      }),
  });
  await openArchive(page);
  await page.getByText("Another tab is keeping its images", { exact: false }).waitFor();
});

test("short writes of the private files lose nothing", async (t) => {
  const page = await open(t, SMALL, {
    prepare: (page) =>
      inWorker(page, () => {
        const { write } = FileSystemSyncAccessHandle.prototype;
        FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
          return write.call(this, bytes.subarray(0, Math.max(1, bytes.length >> 1)), options);
        };
      }),
  });
  await openArchive(page);
  await page.getByText(KEPT).waitFor();
  await page.reload();
  await page.getByText("48 training and 20 validation images", { exact: false }).first().waitFor();
});

test("private files that take nothing more are told, and the data set is there all the same", async (t) => {
  const page = await open(t, SMALL, {
    prepare: (page) =>
      inWorker(page, () => {
        FileSystemSyncAccessHandle.prototype.write = () => {
          throw new DOMException("injected", "QuotaExceededError");
        };
      }),
  });
  await openArchive(page);
  await page.getByText("The images are not kept for your next visit", { exact: false }).waitFor();
  await page.reload();
  await page.getByText("No data set is loaded yet.").waitFor();
  assert.equal(await page.getByText(KEPT).count(), 0);
});

// Killed by the system, without a word to the page.
for (const [what, store] of [["keeping a run", "runs"], ["its predictions", "predictions"]]) {
  test(`a tab that is killed while ${what} leaves all of it or nothing`, async (t) => {
    const page = await open(t, SMALL, { prepare: (page) => page.addInitScript(holdAt, store) });
    const context = page.context();
    await sampleIsReady(page);
    await page.evaluate(() => (window.holding = true));
    await controls(page).train.click();
    await page.waitForFunction(() => window.held);
    await kill(page);
    const next = await visit(context, SMALL);
    await whole(next);
  });
}

test("a tab that is killed while importing leaves whole runs only, and imports the rest later", async (t) => {
  const file = { name: "runs.ipruns", mimeType: "application/octet-stream", buffer: fileOfRuns(20) };
  const page = await open(t, SMALL);
  const context = page.context();
  await sampleIsReady(page);
  await page.getByLabel(/^Import runs from a file/).setInputFiles(file);
  await page.waitForFunction(
    (name) =>
      new Promise((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => {
          const count = request.result.transaction("runs").objectStore("runs").count();
          count.onsuccess = () => {
            request.result.close();
            resolve(count.result >= 3);
          };
        };
      }),
    databaseName(site()),
  );
  await kill(page);
  const next = await visit(context, SMALL);
  await sampleIsReady(next);
  await whole(next);
  await next.getByLabel(/^Import runs from a file/).setInputFiles(file);
  await next.getByText(/runs? added, /).waitFor();
  assert.equal((await next.evaluate(rowsOf, databaseName(site()))).runs, 20);
});

test("a tab that is killed while upgrading leaves the old store, and the next visit upgrades it", async (t) => {
  const page = await open(t, SMALL);
  const context = page.context();
  await sampleIsReady(page);
  await train(page, 1);
  await page.goto(beside());
  await page.evaluate(rename, { from: databaseName(site()), to: "imagenette-playground" });
  await context.addInitScript(() => {
    const { createObjectStore } = IDBDatabase.prototype;
    IDBDatabase.prototype.createObjectStore = function (...args) {
      // Kept busy for ever, in the middle of the upgrade, once.
      const made = createObjectStore.apply(this, args);
      if (args[0] === "models" && !localStorage.upgraded) {
        localStorage.upgraded = "once";
        for (;;) made.name;
      }
      return made;
    };
  });
  await page.goto(address(site(), SMALL), { waitUntil: "commit" });
  const watcher = await context.newPage();
  await watcher.goto(beside());
  await watcher.waitForFunction(() => localStorage.upgraded);
  // Too busy to crash by itself: the browser ends its process.
  await page.close();
  await watcher.close();
  const next = await visit(context, SMALL);
  await row(next, 1).waitFor();
  await whole(next);
});

test("a worker that is killed while keeping images leaves no half of them", async (t) => {
  const page = await open(t, SMALL, {
    prepare: (page) =>
      inWorker(page, () => {
        const { write } = FileSystemSyncAccessHandle.prototype;
        let writes = 0;
        FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
          writes += 1;
          if (writes > 1) close();
          return write.call(this, bytes.subarray(0, 100), options);
        };
      }),
  });
  await openArchive(page);
  await page.unroute(/worker_loader\.js$/);
  await page.reload();
  await page.getByText("No data set is loaded yet.").waitFor();
  assert.equal(await page.getByText(KEPT).count(), 0, "half a file is offered");
  await openArchive(page);
  await page.getByText(KEPT).waitFor();
});

test("images are kept as soon as the tab before has let go of their file", async (t) => {
  const page = await open(t, SMALL, {
    prepare: (page) =>
      inWorker(page, () => {
        const { createSyncAccessHandle } = FileSystemFileHandle.prototype;
        let refused = 0;
        FileSystemFileHandle.prototype.createSyncAccessHandle = async function (...args) {
          refused += 1;
          if (refused <= 3) throw new DOMException("in use", "NoModificationAllowedError");
          return createSyncAccessHandle.apply(this, args);
        };
      }),
  });
  await openArchive(page);
  await page.getByText(KEPT).waitFor();
});

/** Runs in the page: once `window.holding`, stops the page at its next write to this store. */
function holdAt(store) {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...args) {
    const request = put.apply(this, args);
    if (window.holding && this.name === store) {
      window.held = true;
      // The transaction stays open for as long as it is asked for something.
      const again = () => (this.get("nothing").onsuccess = again);
      again();
    }
    return request;
  };
}

/** Ends a tab's process. */
async function kill(page) {
  const client = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  client.send("Page.crash").catch(() => {});
  await crashed;
  await page.close();
}

async function visit(context, link) {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(address(site(), link));
  return page;
}

/** Asserts that every run in the store has all of its parts or is not there at all. */
async function whole(page) {
  await page.getByText(/No finished runs yet\.|Export all runs/).first().waitFor();
  const { runs, curves, predictions, epochs } = await page.evaluate(rowsOf, databaseName(site()));
  assert.deepEqual([curves, predictions, epochs], [runs, runs, runs]);
}

async function train(page, number) {
  await controls(page).train.click();
  await row(page, number).waitFor();
}

function row(page, number) {
  const runs = page.getByRole("region", { name: /^Runs/ });
  return runs.getByRole("row").filter({ has: page.getByText(`Run ${number}`, { exact: true }) });
}

/** A page of the same origin that is not the playground. */
function beside() {
  return new URL("web-that-is-not-there", site().url).href;
}

/** Runs in a page: makes an empty database of version 1 in its place, and keeps it open. */
async function older(name) {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  await done(indexedDB.deleteDatabase(name));
  // With the runs their numbers begin anew.
  localStorage.clear();
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    for (const store of ["runs", "curves", "predictions", "checkpoints"]) opening.result.createObjectStore(store);
  };
  window.keptOpen = await done(opening);
}

/** Runs in a page: gives a database another name. */
async function rename({ from, to }) {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const before = await done(indexedDB.open(from));
  const stores = [...before.objectStoreNames];
  const opening = indexedDB.open(to, before.version);
  opening.onupgradeneeded = () => stores.forEach((store) => opening.result.createObjectStore(store));
  const after = await done(opening);
  for (const store of stores) {
    const source = before.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([done(source.getAllKeys()), done(source.getAll())]);
    const target = after.transaction(store, "readwrite").objectStore(store);
    for (const [index, key] of keys.entries()) await done(target.put(values[index], key));
  }
  before.close();
  after.close();
  await done(indexedDB.deleteDatabase(from));
}
