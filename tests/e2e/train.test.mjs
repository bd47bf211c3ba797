// Training on the built-in sample, on the CPU engine: to the end, held and stopped,
// across a reload.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();
/** Long enough to be held in the middle on any machine: 1,000 drawings, 12,400 batches. */
const LONG = "v=1&valid=10&size=16&epochs=200&bs=16&engine=cpu";

test("a small experiment trains to the end and is kept across a reload", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  const runs = page.getByRole("region", { name: /^Runs/ });
  await runs.getByRole("row").nth(1).waitFor();
  const before = await runs.getByRole("row").nth(1).innerText();
  assert.match(before, /%/);
  await page.reload();
  await runs.getByRole("row").nth(1).waitFor();
  assert.equal(await runs.getByRole("row").nth(1).innerText(), before);
});

test("run=1 starts by itself", async (t) => {
  const page = await open(t, `${SMALL}&run=1`);
  await runSays(page, "Finished");
});

test("pause holds, step trains one batch, go on goes on, stop ends", async (t) => {
  const page = await open(t, LONG);
  const { train, pause, goOn, step, stop } = controls(page);
  await sampleIsReady(page);
  await train.click();
  await pause.click();
  await runSays(page, /^Paused: epoch/);
  const status = page.locator("#run-status");
  const at = await batchOf(status);
  await step.click();
  await page.waitForFunction(
    ([selector, was]) => document.querySelector(selector).textContent !== was,
    ["#run-status", at.text],
  );
  await runSays(page, /^Paused: epoch/);
  const then = await batchOf(status);
  assert.equal(then.step, at.step + 1, `${at.text} → ${then.text}`);
  await goOn.click();
  await runSays(page, /^Training: epoch/);
  await stop.click();
  await runSays(page, "Stopped");
});

test("reset goes back to the same start", async (t) => {
  const page = await open(t, SMALL);
  const { train, reset } = controls(page);
  await sampleIsReady(page);
  const accuracies = [];
  for (const turn of [1, 2]) {
    await train.click();
    await runSays(page, "Finished");
    accuracies.push(await page.locator(".readouts").innerText());
    if (turn === 1) await reset.click();
  }
  assert.equal(accuracies[0], accuracies[1]);
});

test("a run that was cut short goes on from its last epoch", async (t) => {
  const page = await open(t, LONG);
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, /epoch ([3-9]|\d{2,}), batch/);
  await page.reload();
  const message = page.getByRole("region", { name: "Unfinished run" });
  await message.getByRole("button", { name: "Resume run" }).click();
  await runSays(page, /epoch \d+, batch/);
  await controls(page).stop.click();
  await runSays(page, "Stopped");
});

test("a run can be taken away as JSON", async (t) => {
  const page = await open(t, `${SMALL}&run=1`);
  await runSays(page, "Finished");
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: /JSON/ }).first().click();
  const download = await waiting;
  const record = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(record.format, 1);
  assert.equal(record.engine, "cpu");
  assert.equal(record.epochs.length, 1);
  assert.ok(record.accuracy > 0 && record.accuracy <= 1, `accuracy ${record.accuracy}`);
  assert.ok(record.link.startsWith("v=1&"), record.link);
});

/** Where a paused run stands, as `{ text, step }`: batches done since the start. */
async function batchOf(status) {
  const text = await status.innerText();
  const found = text.match(/epoch (\d+), batch (\d+) of (\d+)/);
  assert.ok(found, text);
  const [epoch, batch, batches] = found.slice(1).map(Number);
  return { text, step: (epoch - 1) * batches + batch };
}
