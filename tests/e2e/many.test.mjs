// Two hundred stored runs of 3,925 images: nothing that is done with them holds up
// the page. docs/performance.md reports what it prints.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileOfRuns } from "./lib/many.mjs";
import { sampleIsReady } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";
import { longestTask, responsive } from "./lib/responsive.mjs";

const { open } = playground();

const RUNS = 200;

test("with 200 stored runs the page stays responsive", async (t) => {
  // From the disk: what is handed over as bytes is decoded by the page itself.
  const folder = await mkdtemp(path.join(os.tmpdir(), "playground-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "many.ipruns");
  await writeFile(file, fileOfRuns(RUNS));
  const page = await open(t, "v=1&engine=cpu");
  await sampleIsReady(page);
  const runs = page.getByRole("region", { name: /^Runs/ });
  const pair = page.getByRole("region", { name: "Compare two runs" });
  const told = pair.getByText(/^From run \d+ to run \d+: [\d,]+ fixed, [\d,]+ broken of 3,925 images/);
  const longest = {};
  const during = async (what, act) => {
    longest[what] = await longestTask(page, async () => {
      await act();
      // What the last change still draws has two frames to end in.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    });
  };

  await during("importing", async () => {
    await page.getByLabel(/^Import runs from a file/).setInputFiles(file);
    await page.getByText(`${RUNS} runs added, `, { exact: false }).waitFor();
    await told.waitFor();
  });
  await during("opening the page again", async () => {
    await page.reload();
    await runs.getByRole("row").nth(10).waitFor();
    await told.waitFor();
  });
  await during("choosing a pair", async () => {
    const before = await told.innerText();
    await pair.getByLabel("From run").selectOption({ index: 7 });
    await page.waitForFunction((before) => !document.body.innerText.includes(before), before);
    await told.waitFor();
  });
  await during("going through its epochs", async () => {
    const slider = pair.getByRole("slider", { name: "Both runs after epoch" });
    await slider.focus();
    await page.keyboard.press("Home");
    for (let epoch = 2; epoch <= 4; epoch += 1) {
      await page.keyboard.press("ArrowRight");
      await pair.getByText(`At epoch ${epoch} of 5:`).waitFor();
    }
  });
  await during("choosing a baseline", async () => {
    await runs.getByRole("button", { name: /^Baseline runs?/ }).nth(2).click();
    await runs.getByText(/^Differences are relative to run/).waitFor();
  });
  await during("exporting", async () => {
    const waiting = page.waitForEvent("download");
    await runs.getByRole("button", { name: "Export all runs" }).click();
    await waiting;
  });

  for (const [what, time] of Object.entries(longest)) responsive(t, time, what);
});
