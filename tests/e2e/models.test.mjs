// Trained models travel: saved to a file, opened again, started from by a link,
// fine-tuned, measured with the wrong statistics; and what is no model is refused.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { controls, counted, link, runSays, sampleIsReady, savedModels, SMALL, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

test("a trained model is saved, opened elsewhere, measured and started from", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "playground-"));
  t.after(() => rm(folder, { recursive: true }));

  // Saved after a run.
  const first = await open(t, SMALL);
  await sampleIsReady(first);
  await controls(first).train.click();
  await runSays(first, "Finished");
  const downloading = first.waitForEvent("download");
  await (await savedModels(first)).getByRole("button", { name: "Save the trained model" }).click();
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^tiny-[0-9a-f]{8}\.safetensors$/);
  const file = path.join(folder, download.suggestedFilename());
  await download.saveAs(file);
  const bytes = await readFile(file);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  const about = JSON.parse(header.__metadata__.about);
  assert.equal(about.classes.length, 10);
  assert.equal(about.size, 16);

  // It is kept in this browser.
  await first.reload();
  const kept = (await savedModels(first)).getByRole("list", { name: "Saved models" });
  await kept.getByText(/after 1 epoch, the last at 16 px/).waitFor();
  await kept.getByRole("button", { name: /^Start from/ }).click();
  await first.waitForFunction(() => /init=[0-9a-f]{64}/.test(location.hash));
  const starting = link(first);
  assert.match(starting, /&norm=model/);

  // The same link in another browser asks for the file, by its hash.
  const second = await open(t, starting);
  await sampleIsReady(second);
  const missing = training(second).getByRole("region", { name: "Missing model" });
  await missing.getByText(starting.match(/init=([0-9a-f]{8})/)[1]).first().waitFor();
  const wrong = path.join(folder, "wrong.safetensors");
  await writeFile(wrong, changed(bytes));
  await missing.getByLabel(/^Open the model/).setInputFiles(wrong);
  await missing.getByText(/the file is damaged/i).waitFor();
  await missing.getByLabel(/^Open the model/).setInputFiles(file);
  await missing.waitFor({ state: "detached" });

  // Measured with its own statistics and with others.
  const models = await savedModels(second);
  await models.getByRole("button", { name: /^Evaluate/ }).click();
  const figures = models.getByRole("region", { name: /^Accuracy of tiny on 100 validation images/ });
  await figures.getByRole("row", { name: /^its own/ }).waitFor();
  await counted(figures.getByRole("row"), 5);
  await models.getByText(/With its own statistics, the model is right on/).waitFor();

  // A batch of a run that starts from it is shown as it would be fed, and so are its channels.
  const inside = second.getByRole("region", { name: "Look inside" });
  await inside.getByRole("heading", { name: "The next batch", exact: true }).click();
  await inside.getByText(/^Batch 1 of 10 in epoch 1 of 1: 16 images/).waitFor();
  await inside.getByText(/training starts from the saved model/).first().waitFor();
  await inside.getByRole("heading", { name: "Normalization", exact: true }).click();
  // The choice is there once the worker has answered.
  await inside.getByText(/^the experiment’s: the saved model’s/).first().waitFor({ state: "attached" });

  // Fine-tuned: one epoch more than without.
  await models.getByRole("checkbox", { name: /^Fine-tune/ }).check();
  await second.waitForFunction(() => location.hash.includes("ft=1"));
  await controls(second).train.click();
  await runSays(second, "Finished");
  await training(second).getByText(/training starts from the saved model/).waitFor();
  await training(second).getByText("[2/2", { exact: false }).first().waitFor();

  // Forgotten.
  await models.getByRole("button", { name: /^Delete/ }).click();
  await training(second).getByRole("region", { name: "Missing model" }).waitFor();
  await models.getByRole("button", { name: "Start from fresh weights instead" }).click();
  await second.waitForFunction(() => !location.hash.includes("init="));
});

test("what is no saved model is refused in a sentence, and a dropped one is opened", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  const models = await savedModels(page);
  const picker = models.getByLabel(/^Open a saved model/);
  for (const [bytes, said] of [
    [Buffer.from("hello, this is a text"), /not a saved model/],
    [foreign(), /not one that this program saved/],
  ]) {
    await picker.setInputFiles({ name: "x.safetensors", mimeType: "application/octet-stream", buffer: bytes });
    await models.getByText(said).waitFor();
  }
  // Dropped on the page it goes to the same place, and not among the data.
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["12345678"], "dropped.safetensors"));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await models.getByText("This file is not a saved model").waitFor();
  await page.getByRole("region", { name: "Data", exact: true }).getByText(/500 validation images/).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing among the models in ${colorScheme}`, async (t) => {
    const page = await open(t, `${SMALL}&run=1`, { context: { colorScheme } });
    await runSays(page, "Finished");
    const models = await savedModels(page);
    await models.getByRole("button", { name: "Save the trained model" }).click();
    await models.getByRole("button", { name: /^Start from/ }).click();
    await models.getByRole("button", { name: /^Evaluate/ }).click();
    await models.getByRole("row", { name: /^its own/ }).waitFor();
    const { violations } = await new AxeBuilder({ page }).include(".panel-inside").analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  });
}

/** The same file with one weight changed: a model, but another one. */
function changed(bytes) {
  const other = Buffer.from(bytes);
  other.writeFloatLE(0.5, other.length - 4);
  return other;
}

/** A safetensors file of another program. */
function foreign() {
  const header = Buffer.from('{"__metadata__":{"format":"pt"}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
}
