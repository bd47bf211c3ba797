// The WebGPU engine, on Chromium's software adapter where there is no graphics card.

import { test } from "node:test";
import { controls, runSays, sampleIsReady, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";
import { longestTask, responsive } from "./lib/responsive.mjs";
import { beforeWorker } from "./lib/worker.mjs";

const { open } = playground();

test("WebGPU trains in the worker while the page stays responsive", async (t) => {
  const page = await open(t, "v=1&subset=16&size=16&epochs=1&bs=16&engine=webgpu");
  await sampleIsReady(page);
  const longest = await longestTask(page, async () => {
    await controls(page).train.click();
    await runSays(page, "Finished");
  });
  await training(page).getByText(/Engine: webgpu on/).waitFor();
  responsive(t, longest, "training");
});

test("auto prefers the CPU engine over a software adapter, and says so", async (t) => {
  const page = await open(t, "v=1&subset=16&valid=10&size=16&epochs=1&bs=16");
  const adapter = await page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    return adapter && { software: adapter.info.isFallbackAdapter };
  });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  const engine = adapter && !adapter.software ? /Engine: webgpu/ : /Engine: cpu/;
  await training(page).getByText(engine).waitFor();
});

test("without WebGPU the page says so and trains on the CPU", async (t) => {
  // Nothing can take WebGPU away from a worker but a browser without it; so the page
  // is asked for an engine that `requestAdapter` refuses.
  const page = await open(t, "v=1&subset=16&valid=10&size=16&epochs=1&bs=16&run=1", {
    prepare: withoutWebGpu,
  });
  await page.getByText("no WebGPU", { exact: false }).first().waitFor();
  await runSays(page, "Finished");
  await training(page).getByText(/Engine: cpu/).waitFor();
});

/** Serves the worker with a first line that hides WebGPU from it. */
async function withoutWebGpu(page) {
  await beforeWorker(page, () => "Object.defineProperty(navigator, 'gpu', { value: undefined })");
}
