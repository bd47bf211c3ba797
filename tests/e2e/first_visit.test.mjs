// A first visit: what a newcomer sees without scrolling, what is folded away and stays
// open once opened, and what the page offers after a run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { controls, counted, link, runSays, sampleIsReady, SMALL, technique, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

const PHONE = { width: 390, height: 844 };
const LAPTOP = { width: 1366, height: 768 };
/** Controls that a newcomer sees before anything was opened; words that can be explained are none. */
const MOST_CONTROLS = 26;

for (const [name, viewport] of Object.entries({ phone: PHONE, laptop: LAPTOP })) {
  test(`Train is in reach on a ${name}, and there are few controls`, async (t) => {
    const page = await open(t, "", { context: { viewport }, folded: true });
    await sampleIsReady(page);
    const { y, height } = await controls(page).train.boundingBox();
    assert.ok(y + height <= viewport.height, `Train ends at ${y + height} px`);
    if (viewport === LAPTOP) {
      const last = await technique(page, "Label smoothing").boundingBox();
      assert.ok(last.y + last.height <= viewport.height, `the last switch ends at ${last.y + last.height} px`);
    }
    const shown = await page.locator("main :is(button:not(.term), input, select, textarea)").filter({ visible: true }).count();
    assert.ok(shown <= MOST_CONTROLS, `${shown} controls`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= viewport.width, `the page is ${width} px wide`);
  });
}

test("what is folded away opens with a click and stays open on this device", async (t) => {
  const page = await open(t, "", { folded: true });
  await sampleIsReady(page);
  const size = page.getByLabel("Image size, px");
  assert.equal(await size.isVisible(), false);
  await page.getByText("Network, sizes, epochs, learning rate, seed").click();
  await size.waitFor();
  await page.waitForFunction(() => Object.values(localStorage).includes("open"));
  await page.reload();
  await sampleIsReady(page);
  assert.equal(await size.isVisible(), true);
  assert.equal(await page.getByLabel("Training images per class").isVisible(), false);
  await page.getByText("Network, sizes, epochs, learning rate, seed").click();
  await page.waitForFunction(() => !Object.values(localStorage).includes("open"));
  await page.reload();
  await sampleIsReady(page);
  assert.equal(await size.isVisible(), false);
});

test("the next thing to try is one click, and is measured against the run before", async (t) => {
  const page = await open(t, SMALL.replace("epochs=1", "epochs=2"), { folded: true });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  const results = page.getByRole("region", { name: "Results", exact: true });
  await training(page).getByRole("button", { name: "Switch on mixup and train the twin" }).click();
  await page.waitForFunction(() => location.hash.includes("mixup=0.4"));
  await results.getByText(/^After epoch [12]: .* points (above|below) run 1/).waitFor();
  await runSays(page, "Finished");
  await results.getByText(/^After epoch 2: .* points (above|below) run 1 \([\d.]+%\)\.$/).waitFor();
  // The paired interval over the validation images comes by itself.
  await results.getByText(/fixed, .* broken of/).waitFor();
  // Both curves: the run's, and the one under it.
  await results.getByRole("button", { name: /^run 1 accuracy/ }).waitFor();
  await training(page).getByRole("button", { name: "Switch on test-time augmentation and train the twin" }).waitFor();
});

test("a link to several runs shows and focuses their panel", async (t) => {
  const page = await open(t, `${SMALL}&sweep=alone:mixup;seed:1..2`, { folded: true });
  const heading = page.getByRole("heading", { name: "Does it help?" });
  await heading.waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "queue-title");
  const { y } = await heading.boundingBox();
  assert.ok(y >= 0 && y < 1000, `the heading is at ${y} px`);
});

test("the sizes of progressive resizing are set in fields", async (t) => {
  const page = await open(t, "v=1&prog=32x3,64x1", { folded: true });
  await sampleIsReady(page);
  await page.getByLabel("Phase 1: size, px").fill("48");
  await page.getByLabel("Phase 1: size, px").press("Tab");
  await page.waitForFunction(() => decodeURIComponent(location.hash).includes("prog=48x3,64x1"));
  await page.getByRole("button", { name: "Add a phase" }).click();
  await page.waitForFunction(() => decodeURIComponent(location.hash).includes("prog=48x3,64x1,64x1"));
  await page.getByRole("button", { name: "Remove the last phase" }).click();
  await page.getByLabel("Phase 2: epochs").fill("2");
  await page.getByLabel("Phase 2: epochs").press("Tab");
  await page.waitForFunction(() => decodeURIComponent(location.hash).includes("prog=48x3,64x2"));
  assert.match(link(page), /prog=48x3,64x2/);
  await counted(page.getByLabel(/^Phase \d: epochs$/), 2);
});
