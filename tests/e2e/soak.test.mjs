// Training on and on: memory stays flat, speed stays, the page stays responsive.
// Short by default; SOAK=long takes 2,000 steps on the CPU and 200 on WebGPU.
// docs/performance.md reports what it prints.

import assert from "node:assert/strict";
import { test } from "node:test";
import { controls, sampleIsReady, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";
import { longestTask, responsive } from "./lib/responsive.mjs";
import { prepare, watch } from "./lib/watch.mjs";

const { open } = playground();

const LONG = process.env.SOAK === "long";
const MIB = 1024 * 1024;
/**
 * What may come on top after the first third of a run, in any kind of memory. On WebGPU a
 * third of the short run ends before the first validation, which has shaders of its own.
 */
const GROWTH = { cpu: 4 * MIB, webgpu: (LONG ? 4 : 8) * MIB };
/** The last steps take at most this many times those after the start: CI's machines are noisy. */
const SLOWER = LONG ? 1.5 : 2.5;
/** For one third of a run, on a slow machine with a software adapter. */
const PATIENCE = LONG ? 3_600_000 : 600_000;

const RUNS = [
  { engine: "cpu", epochs: LONG ? 33 : 5, batches: 62, link: "v=1&valid=10&size=16&bs=16" },
  { engine: "webgpu", epochs: LONG ? 20 : 2, batches: 10, link: "v=1&subset=16&valid=10&size=16&bs=16" },
];

for (const { engine, epochs, batches, link } of RUNS) {
  test(`${engine}: memory stays flat, speed stays, the page stays responsive`, async (t) => {
    const page = await open(t, `${link}&engine=${engine}&epochs=${epochs}`, { prepare });
    await sampleIsReady(page);
    const watched = await watch(page);
    const all = epochs * batches;
    await controls(page).train.click();
    await watched.reaches(Math.round(all / 3), PATIENCE);
    const early = await watched.memory();
    // From here on, because what measures the memory collects garbage.
    const longest = await longestTask(page, async () => {
      await watched.reaches(Math.round((all * 2) / 3), PATIENCE);
      await training(page).getByText("Finished").first().waitFor({ timeout: PATIENCE });
    });
    await training(page).getByText(new RegExp(`Engine: ${engine}`)).waitFor();
    const late = await watched.memory();

    for (const kind of Object.keys(late)) {
      t.diagnostic(`${kind}: ${mib(early[kind])} MiB after a third, ${mib(late[kind])} MiB at the end`);
    }
    assert.ok(early["wasm memory"] > 0, "the worker's memory was not found");
    if (engine === "webgpu") assert.ok(early["GPU buffers"] > 0, "no GPU buffer was seen");
    for (const kind of Object.keys(late)) {
      assert.ok(late[kind] - early[kind] <= GROWTH[engine], `${kind} grew by ${mib(late[kind] - early[kind])} MiB`);
    }

    const { pace } = await watched.report();
    responsive(t, longest, "training");

    const span = Math.min(100, all / 2);
    const then = pace(all >= 300 ? 100 : 0, all >= 300 ? 200 : span);
    const now = pace(all - span, all);
    t.diagnostic(`a step took ${then.toFixed(1)} ms early and ${now.toFixed(1)} ms in the last ${span}`);
    assert.ok(now <= then * SLOWER, `steps took ${then} ms early and ${now} ms late`);
  });
}

function mib(bytes) {
  return (bytes / MIB).toFixed(1);
}
