// Opening the page: what is there at once, what a link does to the controls, what the
// controls do to the link.

import assert from "node:assert/strict";
import { test } from "node:test";
import { controls, link, sampleIsReady, technique } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

const TECHNIQUES = [
  "Normalization",
  "Progressive resizing",
  "Test-time augmentation",
  "Mixup",
  "Label smoothing",
];

test("the controls are there before the worker's program has arrived", async (t) => {
  let letThrough;
  const held = new Promise((resolve) => (letThrough = resolve));
  let asked;
  const wanted = new Promise((resolve) => (asked = resolve));
  const page = await open(t, "", {
    prepare: (page) =>
      page.route(/worker.*\.wasm$/, async (route) => {
        asked();
        await held;
        await route.continue();
      }),
  });
  for (const name of TECHNIQUES) await technique(page, name).waitFor();
  await controls(page).train.waitFor();
  await wanted;
  await technique(page, "Mixup").check();
  assert.match(link(page), /mixup=0\.4/);
  letThrough();
  await sampleIsReady(page);
});

test("a link sets the controls", async (t) => {
  const page = await open(t, "v=1&model=resnet9&size=48&bs=32&mixup=0.3&ls=0.2&tta=2&norm=data&seed=7");
  // A list takes its value just after it is drawn.
  await page.waitForFunction(() => document.querySelector("#model")?.value === "resnet9");
  assert.equal(await page.getByLabel("Image size, px").inputValue(), "48");
  assert.equal(await page.getByLabel("Batch size").inputValue(), "32");
  assert.equal(await page.getByLabel("Seed", { exact: true }).inputValue(), "7");
  for (const name of TECHNIQUES) {
    const on = name !== "Progressive resizing";
    assert.equal(await technique(page, name).isChecked(), on, name);
  }
});

test("the controls write the link", async (t) => {
  const page = await open(t);
  await technique(page, "Label smoothing").check();
  await page.getByLabel("Batch size").fill("32");
  await page.getByLabel("Batch size").press("Tab");
  await page.waitForFunction(() => location.hash.includes("bs=32"));
  assert.match(link(page), /^v=1&.*bs=32.*ls=0\.1/);
  await technique(page, "Label smoothing").uncheck();
  await page.waitForFunction(() => !location.hash.includes("ls="));
});

test("progressive resizing is proposed at the same number of epochs", async (t) => {
  const page = await open(t, "v=1&size=64&epochs=5");
  await technique(page, "Progressive resizing").check();
  await page.waitForFunction(() => location.hash.includes("prog="));
  assert.match(link(page), /prog=32x3,64x1/);
  await page.getByText("5 epochs in total", { exact: false }).first().waitFor();
});

test("a faulty link is told and dropped, not trusted", async (t) => {
  const page = await open(t, "v=1&bs=100000&colour=red&epochs=banana");
  const notices = page.getByRole("region", { name: "About the link" });
  for (const word of ["bs", "colour", "epochs"]) await notices.getByText(word).first().waitFor();
  assert.equal(await page.getByLabel("Batch size").inputValue(), "1024");
});

test("the recipe is a link that sets the controls", async (t) => {
  const page = await open(t);
  await page.getByRole("link", { name: "The most accurate recipe" }).click();
  await page.waitForFunction(() => location.hash.includes("model=resnet9"));
  assert.equal(await page.getByLabel("Network").inputValue(), "resnet9");
  assert.equal(await page.getByLabel("Epochs", { exact: true }).inputValue(), "40");
  assert.equal(await technique(page, "Label smoothing").isChecked(), true);
  assert.equal(await technique(page, "Mixup").isChecked(), false);
});

test("another link in the same tab takes over", async (t) => {
  const page = await open(t, "v=1&bs=32");
  await page.getByLabel("Batch size").waitFor();
  await page.evaluate(() => (location.hash = "#v=1&bs=16"));
  await page.waitForFunction(() => document.getElementById("bs")?.value === "16");
});
