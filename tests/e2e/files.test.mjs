// Runs from files: what `train --json` and `train --sweep` write is opened by picker
// and by drop, answers its question, and folds into groups of seeds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { playground } from "./lib/playground.mjs";

const { open } = playground();
const LINK = "v=1&data=imagenette&size=32&epochs=2&engine=cpu";

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
    date: `2026-03-01T0${seed}:00:00Z`,
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
