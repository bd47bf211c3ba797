// Runs from files: what `train --json` and `train --sweep` write is opened by picker
// and by drop, answers its question, and folds into groups of seeds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { counted } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();
const LINK = "v=1&data=imagenette&size=32&epochs=2&engine=cpu";

test("the folder of a sweep is opened, answered and grouped", async (t) => {
  const page = await open(t);
  const panel = page.getByRole("region", { name: "Does it help?" });
  await panel.getByText("Open runs from files").click();
  const input = page.getByLabel("Open runs…");
  await input.setInputFiles([...folder(), file("notes.json", '{"dear":"diary"}')]);
  await page.getByText(/^6 runs were opened, but not every file\./).waitFor();
  await page.getByText(/notes\.json is not the record of a run/).waitFor();
  await panel.getByText("Done: 6 of 6 runs done; 2 arms, 3 seeds.", { exact: false }).waitFor();
  await panel.getByText(/^helps|▲ helps/).first().waitFor();

  const runs = page.getByRole("region", { name: /^Runs/ });
  await runs.getByText("6 runs added, 0 here before, 1 unusable, 6 of other builds.").waitFor();
  const lines = runs.getByRole("row");
  await lines.nth(2).waitFor();
  await counted(lines, 3, "two groups and the header");
  const mixup = lines.filter({ hasText: "mixup 0.4" });
  assert.match(await mixup.innerText(), /3 seeds.*recorded.*mean of 3 seeds, sd 1\.0 points/s);
  assert.match(await mixup.innerText(), /helps: \+10\.00 points/);
  assert.match(await mixup.innerText(), /Mixup \(mixup\): 0 → 0\.4/);
  assert.ok(!/\(seed\): \d+ →/.test(await mixup.innerText()), "seeds do not differ between groups");
  await mixup.getByRole("button", { name: /^Expand/ }).click();
  await lines.nth(5).waitFor();
  await runs.getByRole("button", { name: /^Baseline runs/ }).first().click();
  await runs.getByText(/^Differences are relative to runs/).waitFor();
  await runs.getByRole("checkbox", { name: /^Overlay the mean/ }).first().check();
  await page.locator(".chart-band").first().waitFor({ state: "attached" });
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);

  // The same files again are nothing new; they are still there after a reload.
  await input.setInputFiles(folder().slice(1));
  await page.getByText(/All 6 runs are already in the list/).first().waitFor();
  await runs.getByText("0 runs added, 6 here before, 0 unusable, 0 of other builds.").waitFor();
  // One account of what is new, what is not, and what is broken.
  await input.setInputFiles([folder()[1], file("new.json", record(0, 7)), file("broken.json", "{")]);
  await runs.getByText("1 run added, 1 here before, 1 unusable, 1 of other builds.").waitFor();
  await page.reload();
  await lines.nth(2).waitFor();
  await counted(lines, 3);
});

test("a dropped record is a run, and not a data set", async (t) => {
  const page = await open(t);
  await page.getByRole("region", { name: "Does it help?" }).waitFor();
  await page.evaluate((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "run.json", { type: "application/json" }));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, record(0, 1));
  const runs = page.getByRole("region", { name: /^Runs/ });
  await runs.getByText("recorded", { exact: true }).waitFor();
  await runs.getByText("cpu: recorded in a test").waitFor();
});

/** The files of a sweep of two values and three seeds: 50 ± 1% and 60 ± 1%. */
function folder() {
  const summary = {
    format: 1,
    link: `${LINK}&sweep=mixup:0|0.4;seed:1..3`,
    dataset: dataset(),
    engines: [],
    builds: [],
    runs: 6,
    finished: 6,
    seconds: 1,
    arms: [],
    contrasts: [],
  };
  const records = [0, 0.4].flatMap((mixup) =>
    [1, 2, 3].map((seed) => file(`mixup-${mixup}-${seed}.json`, record(mixup, seed))),
  );
  return [file("summary.json", JSON.stringify(summary)), ...records];
}

function record(mixup, seed) {
  const accuracy = (mixup ? 0.6 : 0.5) + (seed - 2) / 100;
  const row = (epoch) => ({
    epoch,
    phase: 0,
    size: 32,
    train_loss: 2,
    valid_loss: 2,
    nll: 2 - accuracy,
    accuracy: accuracy / (2 - epoch),
    seconds: 1.5,
  });
  const link = LINK.replace("&engine", `${mixup ? `&mixup=${mixup}` : ""}&seed=${seed}&engine`);
  return JSON.stringify({
    format: 1,
    build: "another build",
    // Mixup was trained after the plain runs, so that it is compared with them.
    date: `2026-03-01T0${seed + (mixup ? 4 : 0)}:00:00Z`,
    outcome: "finished",
    link,
    dataset: dataset(),
    engine: "cpu",
    adapter: "recorded in a test",
    model: { name: "tiny", params: 1, macs: 1 },
    epochs: [row(0), row(1)],
    accuracy,
    tta: null,
    images_per_second: 100,
  });
}

function dataset() {
  return { name: "imagenette2-160", train: 9469, valid: 3925, hash: "ab".repeat(32) };
}

function file(name, text) {
  return { name, mimeType: "application/json", buffer: Buffer.from(text) };
}
