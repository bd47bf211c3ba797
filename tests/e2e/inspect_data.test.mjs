// “Look inside”: the instruments on the batch, its numbers, its targets and the
// schedule. Before a run and during one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { controls, counted, link, runSays, sampleIsReady, SMALL, technique } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

test("the batch shows what is fed, and follows the controls without training", async (t) => {
  const page = await open(t, `${SMALL}&ls=0.1`);
  await sampleIsReady(page);
  const batch = await openInstrument(page, "The next batch");
  await batch.getByText(/^Batch 1 of 10 in epoch 1 of 1: 16 images of 16 × 16 pixels/).waitFor();
  const images = strip(batch);
  await counted(images, 16);
  await counted(batch.getByRole("img", { name: /^Target: .* 0\.910, every other class 0\.010$/ }), 16);
  assert.ok(await isPainted(images.first().getByRole("img").first()), "the canvas is empty");

  await technique(page, "Mixup").click();
  const mixed = batch.getByRole("img", { name: /^Image 1: .* at \d\.\d\d, mixed with .* at \d\.\d\d$/ });
  await mixed.waitFor();
  await counted(batch.getByRole("img", { name: /^second source: / }), 16);

  await batch.getByRole("spinbutton", { name: "Batch" }).fill("3");
  await batch.getByRole("spinbutton", { name: "Batch" }).press("Enter");
  await batch.getByText(/^Batch 3 of 10/).waitFor();

  const csv = await download(page, batch.getByRole("button", { name: /^Download CSV of the batch/ }));
  const [header, ...rows] = csv.trim().split("\r\n");
  assert.match(header, /^position,image,label,mixed-in image,its label,lambda,target /);
  assert.equal(rows.length, 16);
  for (const row of rows) {
    const [, , , other, , lambda, ...target] = row.split(",");
    assert.ok(other !== "" && Number(lambda) >= 0.5 && Number(lambda) <= 1, row);
    assert.ok(Math.abs(target.map(Number).reduce((a, b) => a + b) - 1) < 1e-4, row);
  }
});

test("one image is drawn anew in every epoch", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  const batch = await openInstrument(page, "The next batch");
  await batch.getByRole("button", { name: /^Many draws of image 2/ }).click();
  const draws = batch.getByRole("list", { name: /^Draws of one image/ });
  await draws.getByRole("img").nth(12).waitFor();
  await counted(draws.getByRole("img", { name: /, epoch \d+: (not )?flipped$/ }), 12);
  const pictures = await draws.locator("canvas").evaluateAll((all) => all.map((it) => it.toDataURL()));
  assert.ok(new Set(pictures).size > 6, "the draws look alike");
});

test("normalization shows the numbers before and after, and what wrong ones do", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  const panel = await openInstrument(page, "Normalization");
  await panel.getByRole("img", { name: /^share of the values by value, 0 black/ }).waitFor();
  const said = panel.getByRole("status").last();
  const table = panel.getByRole("table", { name: /^Mean and standard deviation of this batch/ });
  await counted(table.getByRole("row"), 6);
  await panel.getByLabel("Normalize with").selectOption("data");
  await panel.getByText(/With these training images’ own: .*as meant\./).waitFor();
  await panel.getByLabel("Normalize with").selectOption("none");
  await panel.getByText(/With none: .*too narrow\./).waitFor();
  assert.match(await said.innerText(), /means 0\.\d+ to 0\.\d+, deviations/);
  await panel.getByLabel("Normalize with").selectOption("own");
  await panel.getByLabel("Standard deviation of every channel").fill("0.05");
  await panel.getByText(/With your own numbers: .*too wide\./).waitFor();
  const csv = await download(page, panel.getByRole("button", { name: "Download CSV of the chart “After normalization”" }));
  assert.match(csv, /^\uFEFFvalue that the network gets,red,green,blue\r\n/);
});

test("targets answer the questionnaire's question with the arithmetic", async (t) => {
  const page = await open(t, "");
  const targets = await openInstrument(page, "Targets");
  await slide(targets, "Classes, N", "5");
  await slide(targets, "Label smoothing, ε", "0.1");
  await targets.getByLabel("The image’s label").selectOption("1");
  await targets.getByLabel("Ask for the target of").selectOption("1");
  await targets.getByText("class 1 is the right class: its target is 0.92.").waitFor();
  await targets.getByText("1 − ε + ε/N = 1 − 0.1 + 0.1/5 = 0.92").waitFor();
  await targets.getByLabel("Ask for the target of").selectOption("0");
  await targets.getByText("class 0 is a wrong class: its target is 0.02.").waitFor();
  await targets.getByText("ε/N = 0.1/5 = 0.02", { exact: true }).waitFor();
  await targets.getByLabel("Mixed with a second image").check();
  await targets.getByLabel("The second image’s label").selectOption("3");
  await slide(targets, "Weight of the first image, λ", "0.7");
  await targets.getByText("λ·(1 − ε) + ε/N = 0.7·(1 − 0.1) + 0.1/5 = 0.65").waitFor();
  const bars = targets.getByRole("table");
  assert.match(await bars.getByRole("row", { name: /class 3/ }).innerText(), /0\.2900/);
  await slide(targets, "Label smoothing, ε", "0.2");
  await targets.getByRole("button", { name: /^Train with ε = 0\.2/ }).click();
  await page.waitForFunction(() => location.hash.includes("ls=0.2"));
});

test("the schedule is drawn and priced before training, and has its fair control", async (t) => {
  const page = await open(t, "v=1&subset=16&valid=10&prog=16x4,32x3&bs=16&engine=cpu");
  await sampleIsReady(page);
  const panel = await openInstrument(page, "Schedule and cost");
  for (const name of ["pixels", "learning rate", "momentum"]) {
    await panel.getByRole("img", { name: new RegExp(`^${name} by epoch`) }).waitFor();
  }
  const costs = panel.getByRole("table", { name: /^Cost of each phase/ });
  await counted(costs.getByRole("row"), 4);
  // 10 batches of 16; tiny at 32 px: (216 + 5 · 1,152) · 16² + 640 MACs, by hand.
  assert.match(await costs.getByRole("row").nth(2).innerText(), /4 \(1 warm-up\)\s+640\s+1024\s+1\.53\s+5\.88 GFLOP/);
  await panel.getByRole("button", { name: "Same compute, constant size" }).click();
  await page.waitForFunction(() => !location.hash.includes("prog="));
  assert.match(link(page), /size=32/);
  assert.doesNotMatch(link(page), /prog=/);
  await panel.getByText("The size is constant.", { exact: false }).waitFor();
});

test("opening every panel during a run leaves the run as it is", async (t) => {
  const alone = await figures(await trained(t, async () => {}));
  const watched = await figures(
    await trained(t, async (page) => {
      for (const name of ["The next batch", "Normalization", "Targets", "Schedule and cost"]) {
        await openInstrument(page, name);
      }
    }),
  );
  assert.deepEqual(watched, alone);
});

test("a held run shows its own next batch", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await controls(page).step.click();
  await runSays(page, /^Paused: epoch 1, batch 1 of 10/);
  const batch = await openInstrument(page, "The next batch");
  await batch.getByText(/^Batch 2 of 10 in epoch 1 of 1/).waitFor();
  await controls(page).step.click();
  await batch.getByText(/^Batch 3 of 10/).waitFor();
  await controls(page).goOn.click();
  await runSays(page, "Finished");
});

test("curves lie along epochs, compute or seconds; smoothing's floor is told", async (t) => {
  const page = await open(t, `${SMALL}&ls=0.1`);
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.getByText(/With ε = 0\.1 and 10 classes, train_loss and valid_loss cannot fall below 0\.5003\./).waitFor();
  await page.getByRole("button", { name: /^nll \d/ }).waitFor();
  await page.getByLabel("Plot the curves against").selectOption("compute");
  await page.getByRole("img", { name: /^loss by training compute, GFLOP/ }).waitFor();
  await page.getByText("1 PFLOP = 1,000 TFLOP", { exact: false }).waitFor();
  await page.getByLabel("Plot the curves against").selectOption("seconds");
  await page.getByRole("img", { name: /^accuracy by seconds/ }).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in the open instruments in ${colorScheme}`, async (t) => {
    const page = await open(t, `${SMALL}&mixup=0.4&ls=0.1&prog=16x2,20x1`, { context: { colorScheme } });
    await sampleIsReady(page);
    const batch = await openInstrument(page, "The next batch");
    await batch.getByRole("list", { name: /^Draws of one image/ }).waitFor();
    const normalization = await openInstrument(page, "Normalization");
    await normalization.getByRole("table").first().waitFor();
    await openInstrument(page, "Targets");
    await openInstrument(page, "Schedule and cost");
    const { violations } = await new AxeBuilder({ page }).analyze();
    const told = violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }));
    assert.deepEqual(told, []);
  });
}

test("the open instruments fit on a phone", async (t) => {
  const page = await open(t, `${SMALL}&mixup=0.4`, { context: { viewport: { width: 360, height: 740 } } });
  await sampleIsReady(page);
  const batch = await openInstrument(page, "The next batch");
  await strip(batch).first().waitFor();
  for (const name of ["Normalization", "Targets", "Schedule and cost"]) await openInstrument(page, name);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `the page is ${width} px wide on a 360 px screen`);
});

/** Opens an instrument by its name, as a person would, and gives its content. */
async function openInstrument(page, name) {
  const inside = page.getByRole("region", { name: "Look inside" });
  await inside.getByRole("heading", { name, exact: true }).click();
  const body = inside.getByRole("group", { name, exact: true });
  await body.waitFor();
  return body;
}

function strip(batch) {
  return batch.getByRole("list", { name: /^Images of the batch/ }).getByRole("listitem");
}

/** Moves a slider to a value, as arrow keys would. */
async function slide(panel, name, value) {
  await panel.getByRole("slider", { name, exact: true }).fill(value);
}

function isPainted(canvas) {
  return canvas.evaluate((element) => {
    const { width, height } = element;
    const { data } = element.getContext("2d").getImageData(0, 0, width, height);
    return data.some((value, index) => index % 4 !== 3 && value > 0);
  });
}

async function download(page, button) {
  const waiting = page.waitForEvent("download");
  await button.click();
  return readFile(await (await waiting).path(), "utf8");
}

/** A page on which a run of two epochs has ended, with something done `during` it. */
async function trained(t, during) {
  const page = await open(t, `${SMALL.replace("epochs=1", "epochs=2")}&mixup=0.4`);
  await sampleIsReady(page);
  await controls(page).train.click();
  await during(page);
  await runSays(page, "Finished");
  return page;
}

/** The epoch table without its times. */
async function figures(page) {
  const table = page.getByRole("table", { name: /^Epochs of the last run/ });
  const rows = await table.getByRole("row").all();
  return Promise.all(
    rows.map(async (row) => (await row.getByRole("cell").allInnerTexts()).slice(0, 3)),
  );
}
