// A graphics card that is lost: the engine is started again, the run and the queue go on,
// and where that does not help it is said, with a way on.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { inWorkers, loseDevice, losesDeviceAfter, NO_ADAPTER } from "./lib/gpu.mjs";
import { controls, link, runSays, sampleIsReady, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();
const SHORT = "v=1&subset=10&valid=10&size=16&bs=16&engine=webgpu";
const AGAIN = "The engine broke and was restarted, and the run";

test("a run goes on after its device was lost, and is the whole run", async (t) => {
  const page = await open(t, `${SHORT}&epochs=5`, { prepare: inWorkers() });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, /^Training: epoch 3, batch/);
  await loseDevice(page);
  await page.getByText(`${AGAIN} resumes from its last checkpoint`).waitFor();
  await runSays(page, "Finished");
  const record = await recordOf(page);
  assert.equal(record.engine, "webgpu");
  assert.deepEqual(record.epochs.map(({ epoch }) => epoch), [0, 1, 2, 3, 4]);
  assert.equal(await page.getByRole("region", { name: "Unfinished run" }).count(), 0);
});

test("no run of a queue is lost with the device", async (t) => {
  const page = await open(t, `${SHORT}&epochs=2&sweep=mixup:0|0.4;seed:1..3`, { prepare: inWorkers() });
  await sampleIsReady(page);
  const queue = page.getByRole("region", { name: "Does it help?" });
  await queue.getByRole("button", { name: "Start the queue" }).click();
  await queue.getByText(/^Training: 2 of 6/).waitFor();
  await runSays(page, /^Training: epoch 1, batch/);
  await loseDevice(page);
  await page.getByText(AGAIN).waitFor();
  await queue.getByText(/^Done: 6 of 6 runs done/).waitFor();
  await page.locator("#runs-title .count").getByText("6", { exact: true }).waitFor();
  assert.equal(await queue.getByText("failed").count(), 0);
});

test("a device that is lost at the same place twice is told, and the CPU is offered", async (t) => {
  const page = await open(t, `${SHORT}&epochs=2`, { prepare: inWorkers(losesDeviceAfter(20)) });
  await sampleIsReady(page);
  await controls(page).train.click();
  const error = page.getByRole("region", { name: "Error" });
  await error.getByText(/twice in a row at the same place/).waitFor();
  await error.getByRole("button", { name: "Restart the engine" }).waitFor();
  await error.getByRole("button", { name: "Start again on the CPU" }).click();
  await runSays(page, "Finished");
  assert.match(link(page), /&engine=cpu$/);
  await training(page).getByText(/Engine: cpu on/).waitFor();
});

test("a queue holds where the device is lost again and again", async (t) => {
  const page = await open(t, `${SHORT}&epochs=1&sweep=mixup:0|0.4;seed:1`, {
    prepare: inWorkers(losesDeviceAfter(20), losesDeviceAfter(20), ""),
  });
  await sampleIsReady(page);
  const queue = page.getByRole("region", { name: "Does it help?" });
  await queue.getByRole("button", { name: "Start the queue" }).click();
  await queue.getByText(/No run is lost: restart the engine/).waitFor();
  await page.getByRole("button", { name: "Restart the engine" }).click();
  await queue.getByRole("button", { name: "Resume the queue" }).click();
  await queue.getByText(/^Done: 2 of 2 runs done/).waitFor();
});

test("without an adapter afterwards the run keeps its engine, and the CPU takes a click", async (t) => {
  const page = await open(t, `${SHORT}&epochs=4`, { prepare: inWorkers("", NO_ADAPTER) });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, /^Training: epoch 2, batch/);
  await loseDevice(page);
  const panel = training(page);
  await panel.getByText("The engine could not start").waitFor();
  await panel.getByRole("button", { name: "Restart the engine" }).waitFor();
  // Its epochs are still there.
  await page.getByRole("region", { name: "Unfinished run" }).getByRole("button", { name: "Resume run" }).waitFor();
  await panel.getByRole("button", { name: "Start again on the CPU" }).click();
  await runSays(page, "Finished");
  assert.match(link(page), /&engine=cpu$/);
});

test("a queue holds without an adapter, and is queued anew on the CPU on a click", async (t) => {
  const page = await open(t, `${SHORT}&epochs=1&sweep=mixup:0|0.4;seed:1`, {
    prepare: inWorkers(losesDeviceAfter(20), NO_ADAPTER),
  });
  await sampleIsReady(page);
  const queue = page.getByRole("region", { name: "Does it help?" });
  await queue.getByRole("button", { name: "Start the queue" }).click();
  await queue.getByText(/The engine could not start/).waitFor();
  await queue.getByText(/0 of 2 runs done/).waitFor();
  await training(page).getByRole("button", { name: "Start again on the CPU" }).click();
  await queue.getByText(/^Done: 2 of 2 runs done/).waitFor();
  assert.match(link(page), /&engine=cpu&sweep=/);
});

test("a crash of the browser's GPU process costs no run", async (t) => {
  const page = await open(t, `${SHORT}&epochs=5`, { prepare: inWorkers() });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, /^Training: epoch 2, batch/);
  const processes = await gpuProcesses();
  assert.ok(processes.length > 0, "no GPU process was found");
  for (const id of processes) process.kill(id, "SIGKILL");
  // The browser may be too hurt to give another adapter: then that is said, with a way on.
  const onCpu = training(page).getByRole("button", { name: "Start again on the CPU" });
  const finished = training(page).getByText("Finished").first();
  await finished.or(onCpu).first().waitFor();
  t.diagnostic((await onCpu.count()) > 0 ? "no adapter after the crash" : "a new adapter after the crash");
  if ((await onCpu.count()) > 0) await onCpu.click();
  await runSays(page, "Finished");
  assert.equal((await recordOf(page)).epochs.length, 5);
});

/** The record of the newest run, as it is downloaded. */
async function recordOf(page) {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: /JSON/ }).first().click();
  return JSON.parse(await readFile(await (await waiting).path(), "utf8"));
}

/** The GPU processes among the descendants of this one. */
async function gpuProcesses() {
  const parents = new Map();
  const found = [];
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)) {
    try {
      const stat = await readFile(`/proc/${id}/stat`, "utf8");
      parents.set(id, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
      if ((await readFile(`/proc/${id}/cmdline`, "utf8")).includes("--type=gpu-process")) found.push(id);
    } catch {
      // It ended meanwhile.
    }
  }
  const isOurs = (id) => id === process.pid || (parents.has(id) && isOurs(parents.get(id)));
  return found.filter(isOurs);
}
