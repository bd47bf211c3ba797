// Runs that need more memory than there is: refused before they start, with the batch size
// that fits; and told where memory runs out all the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inWorkers } from "./lib/gpu.mjs";
import { controls, link, runSays, sampleIsReady, training } from "./lib/page.mjs";
import { openArchive } from "./lib/pictures.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();
const TOO_LARGE = "The run needs more memory than there is";

/** JavaScript for a worker: its adapter allows no larger buffer, and binds no larger part of one. */
const smallBuffers = (buffer, binding) => `
  for (const [name, bytes] of [["maxBufferSize", ${buffer}], ["maxStorageBufferBindingSize", ${binding}]]) {
    Object.defineProperty(GPUSupportedLimits.prototype, name, { get: () => bytes });
  }`;

/** JavaScript for a worker: memory runs out at the first large buffer after `self.full` is set. */
const RUNS_FULL = `
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (what) {
    if (self.full) {
      self.full = false;
      const error = new GPUOutOfMemoryError("not enough memory left");
      this.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
    }
    return createBuffer.call(this, what);
  }`;

test("a batch that does not fit the adapter is refused, and the largest that fits trains", async (t) => {
  const page = await open(t, "v=1&size=32&valid=10&bs=512&epochs=1&engine=webgpu", {
    prepare: inWorkers(smallBuffers(24 * 2 ** 20, 6 * 2 ** 20)),
  });
  await sampleIsReady(page);
  await controls(page).train.click();
  await training(page).getByText(TOO_LARGE).waitFor();
  const smaller = training(page).getByRole("button", { name: /^Train with a batch size of \d+$/ });
  const fits = Number((await smaller.innerText()).match(/\d+$/)[0]);
  assert.ok(fits >= 2 && fits < 512, `${fits}`);
  await smaller.click();
  await runSays(page, /^Training: epoch 1, batch/);
  assert.match(link(page), new RegExp(`&bs=${fits}&`));
});

test("the CPU engine's 4 GiB are reckoned with as well", async (t) => {
  const page = await open(t, "v=1&data=imagenette&model=xresnet18&size=160&bs=1024&epochs=1&engine=cpu");
  await openArchive(page, { train: 150, valid: 10, side: 160 });
  await controls(page).train.click();
  await training(page).getByText(TOO_LARGE).waitFor();
  await training(page).getByText(/xresnet18 at 160 px .* the engine cpu has about 3\.\d GB/i).waitFor();
  await training(page).getByRole("button", { name: /^Train with a batch size of \d+$/ }).waitFor();
});

test("memory that runs out under a run is told, and the engine is whole again", async (t) => {
  const page = await open(t, "v=1&subset=16&valid=10&size=16&bs=16&epochs=20&engine=webgpu", {
    prepare: inWorkers(RUNS_FULL),
  });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, /^Training: epoch 2, batch/);
  await page.workers().at(-1).evaluate(() => (self.full = true));
  await training(page).getByText("Memory ran out").waitFor();
  await training(page).getByText(/Lower the batch size, to 8 or less/).waitFor();
  await training(page).getByRole("button", { name: "Train with a batch size of 8" }).click();
  await runSays(page, /^Training: epoch 1, batch/);
  assert.match(link(page), /&bs=8&/);
});
