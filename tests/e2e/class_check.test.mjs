// The check of a laptop before a lesson: it names each thing that is missing, with what to do
// instead, times real training steps, and gives a line for the teacher.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { inWorkers, NO_ADAPTER } from "./lib/gpu.mjs";
import { counted, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open, site } = playground();

/** The same without the engine, so that the page looks for one. */
const AUTO = SMALL.replace("&engine=cpu", "");

test("a laptop with everything is ready, and the line for the teacher says so", async (t) => {
  const page = await open(t, SMALL, { prepare: (page) => memory(page, 8) });
  const lines = await checked(page);
  assert.match(lines.https, /^https ready The connection is secure\.$/);
  assert.match(lines.engine, /^engine ready/);
  assert.match(lines.memory, /^memory ready It takes about 0\.\d GB; the browser reports 8\.6 GB\.$/);
  assert.match(lines.storage, /^storage ready Runs and images can be stored\. About [\d.]+ GB are free\.$/);
  assert.match(lines.time, /^time ready What is set up takes about .+, by [\d,]+ training steps? timed now\.$/);
  // The steps leave no run behind.
  await page.getByText("No finished runs yet.").waitFor();
  const line = await panel(page).getByLabel("For your teacher").inputValue();
  for (const part of ["https: ready", "engine: ready", "memory: ready", "storage: ready", "time: ready", "Build "]) {
    assert.ok(line.includes(part), line);
  }
  const { violations } = await new AxeBuilder({ page }).include(".panel-class").analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
});

test("plain http is named", async (t) => {
  const page = await open(t, "", { at: "http://class.test/playground/#" + AUTO, prepare: elsewhere });
  assert.equal(await page.evaluate(() => isSecureContext), false);
  const lines = await checked(page);
  assert.match(lines.https, /^https missing .*plain http.* Ask for an https address/);
  assert.match(lines.engine, /^engine missing/);
});

test("a browser without WebGPU is named, and the CPU engine is offered", async (t) => {
  const page = await open(t, AUTO, { prepare: inWorkers(NO_ADAPTER) });
  const lines = await checked(page);
  assert.match(lines.engine, /^engine missing There is no WebGPU\. .* The CPU engine trains instead/);
  assert.match(lines.https, /^https ready/);
  assert.match(lines.storage, /^storage ready/);
});

test("a browser that stores nothing is named", async (t) => {
  const page = await open(t, SMALL, {
    prepare: (page) =>
      page.addInitScript(() => {
        IDBFactory.prototype.open = () => {
          throw new DOMException("denied", "SecurityError");
        };
      }),
  });
  const lines = await checked(page);
  assert.match(lines.storage, /^storage missing The browser lets this page store nothing\. Runs last as long as the tab/);
  assert.match(lines.https, /^https ready/);
});

test("too little memory is named, with a batch size that fits", async (t) => {
  const large = "v=1&model=conv5&size=128&bs=1024&engine=cpu";
  const page = await open(t, large, { prepare: (page) => memory(page, 1) });
  const lines = await checked(page);
  const [, batch] = lines.memory.match(/^memory missing It takes about [\d.]+ GB; the browser reports 1\.1 GB\. Use a batch size of (\d+) or less\.$/);
  // The lines follow what is set up.
  await page.evaluate((batch) => (location.hash = location.hash.replace("bs=1024", `bs=${batch}`)), batch);
  await panel(page).getByRole("listitem").filter({ hasText: /^memory ready/ }).waitFor();
});

test("a browser that does not tell its memory is not blamed", async (t) => {
  const page = await open(t, SMALL, { prepare: (page) => memory(page, undefined) });
  const lines = await checked(page);
  assert.match(lines.memory, /^memory unknown/);
});

/** The panel for a class. */
function panel(page) {
  return page.getByRole("region", { name: "For a class" });
}

/** Checks the laptop; the lines by their first words. */
async function checked(page) {
  await sampleIsReady(page);
  await panel(page).locator("summary").first().click();
  await panel(page).getByRole("button", { name: "Check this laptop" }).click();
  const list = panel(page).getByRole("list", { name: "Results of the check" });
  await counted(list.getByRole("listitem"), 5);
  const texts = await list.getByRole("listitem").allInnerTexts();
  return Object.fromEntries(texts.map((text) => [text.split(" ")[0], text.replace(/\s+/g, " ").trim()]));
}

/** What the browser says of the device's memory, in gibibytes. */
function memory(page, gibibytes) {
  return page.addInitScript((gibibytes) => {
    Object.defineProperty(Navigator.prototype, "deviceMemory", { get: () => gibibytes, configurable: true });
  }, gibibytes);
}

/** The site at a plain http address that is not this machine's. */
function elsewhere(page) {
  return page.context().route("http://class.test/**", async (route) => {
    const path = new URL(route.request().url()).pathname.replace("/playground/", "");
    await route.fulfill({ response: await route.fetch({ url: new URL(path, site().url).href }) });
  });
}
