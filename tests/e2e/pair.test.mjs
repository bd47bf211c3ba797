// Two runs on the same images: a twin, the sentence, the images that changed, both
// through their epochs, and refusals in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { controls, counted, link, runSays, sampleIsReady } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

/** 160 drawings of 16 pixels, two epochs, on 100 validation images. */
const TWO_EPOCHS = "v=1&subset=16&valid=10&size=16&epochs=2&bs=16&engine=cpu";

test("a twin shares the seed, and the pair goes from the sentence to the images", async (t) => {
  const page = await open(t, TWO_EPOCHS);
  await trainWithTwin(page);
  assert.equal(link(page), TWO_EPOCHS.replace("&engine", "&mixup=0.4&engine"));
  const panel = pair(page);
  await panel.getByText(/^From run 1 to run 2: \d+ fixed, \d+ broken of 100 images: .* McNemar p/).waitFor();
  await panel.getByText("another seed of the same recipe may reverse it", { exact: false }).waitFor();
  await panel.getByText("One seed per side: no interval over seeds", { exact: false }).waitFor();
  await panel.getByText(/To see a difference of 1 point here you need about [\d,]+ images/).waitFor();

  // The images that changed: filtered, ordered, taken along.
  const [fixed, broken] = await counts(panel);
  const items = panel.getByRole("listitem");
  await counted(items, Math.min(24, fixed + broken));
  await panel.getByLabel("Show").selectOption("fixed only");
  await items.filter({ hasText: "broken" }).first().waitFor({ state: "detached" });
  await counted(items, Math.min(24, fixed));
  if (fixed > 0) {
    await items.first().getByRole("img", { name: /^.+, validation image \d+$/ }).waitFor();
    assert.match(await items.first().innerText(), /Run 1: .+ \d.*, truth \d.*%\s+Run 2: .+ \d.*%/);
  }
  await panel.getByLabel("Show").selectOption("fixed and broken");
  const waiting = page.waitForEvent("download");
  await panel.getByRole("button", { name: "Download CSV of the changed images" }).click();
  const csv = await readFile(await (await waiting).path(), "utf8");
  const [header, ...rows] = csv.trim().split("\r\n");
  assert.match(header, /^image,true class,change,run 1 says,run 2 says,/);
  assert.equal(rows.length, fixed + broken);
  // The largest change of the true class's probability comes first.
  const changes = rows.map((row) => row.split(",").slice(-2).map(Number)).map(([a, b]) => Math.abs(b - a));
  assert.deepEqual(changes, [...changes].sort((a, b) => b - a));

  // Through the epochs, by keyboard.
  const slider = panel.getByRole("slider", { name: "Both runs after epoch" });
  const value = () => slider.getAttribute("aria-valuetext");
  assert.match(await value(), /^epoch 2 of 2: run 1 \d/);
  await slider.focus();
  await page.keyboard.press("Home");
  await panel.getByText("At epoch 1 of 2:").waitFor();
  const said = await value();
  assert.match(said, /^epoch 1 of 2: run 1 [\d.]+%, run 2 [\d.]+%; \d+ fixed, \d+ broken$/);
  // What the slider says, the sentence and the gallery say, too.
  const [then, thenBroken] = await counts(panel);
  assert.ok(said.endsWith(`${then} fixed, ${thenBroken} broken`), said);
  await panel.getByText(gallery(then, thenBroken)).waitFor();
});

test("runs on other images are refused in words", async (t) => {
  const page = await open(t, TWO_EPOCHS);
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.evaluate(() => (location.hash = location.hash.replace("valid=10", "valid=20")));
  await controls(page).reset.click();
  await controls(page).train.click();
  await pair(page).getByText(/was evaluated on 100 validation images, run 2 on 200/).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in a pair in ${colorScheme}, on a phone, and nothing is cut off`, async (t) => {
    const page = await open(t, TWO_EPOCHS, {
      context: { colorScheme, viewport: { width: 390, height: 800 } },
    });
    await trainWithTwin(page);
    await pair(page).getByText(/^(The|No) .*image.* changed/).first().click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => ({ id, html: nodes.map((it) => it.html) })), []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `the page is ${width} px wide on a 390 px screen`);
  });
}

/** Trains the page's experiment, then its twin with mixup. */
async function trainWithTwin(page) {
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  const runs = page.getByRole("region", { name: /^Runs/ });
  await runs.getByText("Train a twin").click();
  await runs.getByRole("button", { name: "with mixup" }).click();
  await pair(page).getByText(/^From run 1 to run 2:/).waitFor();
}

function pair(page) {
  return page.getByRole("region", { name: "Compare two runs" });
}

/** How many images the sentence says were fixed and broken. */
async function counts(panel) {
  const sentence = await panel.getByText(/^From run 1 to run 2:/).innerText();
  const [, fixed, broken] = sentence.match(/(\d+) fixed, (\d+) broken/);
  return [Number(fixed), Number(broken)];
}

/** What the gallery's summary says of so many images. */
function gallery(fixed, broken) {
  const all = fixed + broken;
  if (all === 0) return "No image changed between right and wrong";
  if (all === 1) return "The one image that changed";
  return `The ${all} images that changed: ${fixed} fixed, ${broken} broken`;
}
