// A run that begins with files starts when they are there, in one message; what the person
// wants meanwhile is not lost. And a page with a run under way is not left by accident.

import assert from "node:assert/strict";
import { test } from "node:test";
import { controls, link, runSays, sampleIsReady, savedModels, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

/** Runs in the page: notes what is told to the worker, and holds a model's file back while `window.held`. */
function hooks() {
  window.told = [];
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, ...others) {
    const command = message?.m;
    window.told.push(typeof command === "string" ? command : Object.keys(command ?? {})[0]);
    return postMessage.call(this, message, ...others);
  };
  window.waiting = [];
  window.release = () => {
    window.held = false;
    for (const go of window.waiting.splice(0)) go();
  };
  const { get } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.get = function (...what) {
    const request = get.apply(this, what);
    if (!window.held || !/model/.test(this.name)) return request;
    // Who asked hears of it later.
    Object.defineProperty(request, "onsuccess", {
      set: (hear) =>
        request.addEventListener("success", (event) => window.waiting.push(() => hear.call(request, event))),
    });
    return request;
  };
}

/** A page whose link starts from a model that only the store has; its file is held back. */
async function fromModel(t, link = SMALL) {
  const page = await open(t, link, { prepare: (page) => page.addInitScript(hooks) });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  const models = await savedModels(page);
  await models.getByRole("button", { name: "Save the trained model" }).click();
  await models.getByRole("list", { name: "Saved models" }).getByRole("button", { name: /^Start from/ }).click();
  await page.waitForFunction(() => /init=[0-9a-f]{64}/.test(location.hash));
  await page.reload();
  await sampleIsReady(page);
  await page.evaluate(() => {
    window.told = [];
    window.held = true;
  });
  return page;
}

const told = (page) => page.evaluate(() => window.told.filter((it) => it !== "Ask" && it !== "TakeBack"));
const isRead = (page) => page.waitForFunction(() => window.waiting.length > 0);

test("Step from a model trains one batch and holds", async (t) => {
  const page = await fromModel(t);
  await controls(page).step.click();
  await isRead(page);
  assert.deepEqual(await told(page), [], "nothing is told before the file is there");
  await page.evaluate(() => window.release());
  await runSays(page, /^Paused: epoch 1, batch 1 of 10/);
  assert.deepEqual(await told(page), ["Train"], "the start is one message");
  await controls(page).goOn.click();
  await runSays(page, "Finished");
});

for (const name of ["stop", "reset"]) {
  test(`${name} while the model is read is obeyed`, async (t) => {
    const page = await fromModel(t);
    await controls(page).train.click();
    await isRead(page);
    await controls(page)[name].click();
    await page.evaluate(() => window.release());
    // It can be started anew, and that is the only run that the worker hears of.
    await controls(page).train.click();
    await runSays(page, "Finished");
    assert.deepEqual(await told(page), ["Train"]);
  });
}

test("the browser asks before a page is left whose run is under way, and only then", async (t) => {
  const page = await open(t, "v=1&valid=10&size=16&epochs=200&bs=16&engine=cpu");
  const asked = () =>
    page.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true })));
  await sampleIsReady(page);
  assert.equal(await asked(), false);
  await controls(page).train.click();
  await runSays(page, /^Training/);
  assert.equal(await asked(), true);
  await controls(page).stop.click();
  await runSays(page, /^Stopped/);
  assert.equal(await asked(), false);
  assert.ok(link(page).startsWith("v=1"));
});
