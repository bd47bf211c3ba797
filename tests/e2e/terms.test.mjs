// The terms of the field, explained where they stand: by the pointer, by the keyboard and out loud, in the
// page and in the classroom; the page's own texts stay what they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { controls, counted, runSays, sampleIsReady, SMALL, technique, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

const PHONE = { width: 360, height: 740 };
const note = (page) => page.locator(".term-note");
/** What is read out. */
const voice = (page) => page.locator("#term-voice");

/** A term in a panel, as soon as it can be pressed. */
function term(page, panel, name) {
  return page.getByRole("region", { name: panel, exact: true }).getByRole("button", { name, exact: true });
}

for (const colorScheme of ["light", "dark"]) {
  test(`a tap explains a term on a phone, in ${colorScheme}`, async (t) => {
    const page = await open(t, SMALL, { folded: true, context: { viewport: PHONE, colorScheme, hasTouch: true } });
    await sampleIsReady(page);
    const seed = term(page, "Training", "seed");
    await seed.tap();
    await note(page).getByText(/^Seed: The number from which all random draws of a run follow\./).waitFor();
    assert.equal(await seed.getAttribute("aria-expanded"), "true");
    const { x, width } = await note(page).boundingBox();
    assert.ok(x >= 0 && x + width <= PHONE.width, `it lies from ${x} to ${x + width} px`);
    await assertAccessible(page);
    // Another one takes its place, and a tap beside it ends it.
    await term(page, "Model and schedule", "batches").tap();
    await note(page).getByText(/^Batch: /).waitFor();
    await counted(note(page), 1);
    await page.getByRole("heading", { name: "Model and schedule" }).tap();
    await note(page).waitFor({ state: "detached" });
    assert.equal(await voice(page).innerText(), "");
  });
}

test("the keyboard opens and closes a definition, which is read out", async (t) => {
  const page = await open(t, SMALL, { folded: true });
  await sampleIsReady(page);
  const batches = term(page, "Model and schedule", "batches");
  await batches.focus();
  await page.keyboard.press("Enter");
  await voice(page).getByText("Batch: The images of one training step.").waitFor();
  await page.keyboard.press("Escape");
  await note(page).waitFor({ state: "detached" });
  assert.equal(await batches.evaluate((it) => it === document.activeElement), true);
  await page.keyboard.press("Space");
  await note(page).waitFor();
  await page.keyboard.press("Tab");
  await note(page).waitFor({ state: "detached" });
  assert.equal(await batches.getAttribute("aria-expanded"), "false");
});

test("a term is explained once in a panel, and texts stay what they were", async (t) => {
  const page = await open(t, SMALL, { folded: true });
  await sampleIsReady(page);
  const model = page.getByRole("region", { name: "Model and schedule" });
  await term(page, "Model and schedule", "learning rate").waitFor();
  await model.getByText("tiny, 16 px, 1 epoch, batches of 16, learning rate 0.01", { exact: true }).waitFor();
  // The page writes this text anew, and no term is left over from before.
  await page.evaluate(() => (location.hash = "#v=1&size=16&epochs=3&engine=cpu"));
  await model.getByText("tiny, 16 px, 3 epochs, batches of 64, learning rate 0.01", { exact: true }).waitFor();
  await model.getByText("Network, sizes, epochs, learning rate, seed").click();
  await model.getByRole("button", { name: "seed", exact: true }).waitFor();
  const names = await model.getByRole("button").allInnerTexts();
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length, names.join(", "));
});

test("sliders name their Greek letters, and a run’s figures are explained", async (t) => {
  const page = await open(t, SMALL, { folded: true });
  await sampleIsReady(page);
  await technique(page, "Mixup").check();
  await technique(page, "Label smoothing").check();
  await page.getByRole("button", { name: "Mixup's alpha (α)" }).click();
  await note(page).getByText(/^Mixup's alpha \(α\): How evenly mixup blends/).waitFor();
  await page.getByRole("button", { name: "Epsilon (ε)" }).click();
  await note(page).getByText(/^Epsilon \(ε\): /).waitFor();
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.getByText("When the network is 90% sure, is it right 9 times out of 10?").click();
  const confidence = page.getByRole("group", { name: "Confidence" });
  for (const [name, said] of [["ECE", /^ECE: Expected calibration error/], ["NLL", /^NLL: Negative log-likelihood/]]) {
    await confidence.getByRole("button", { name, exact: true }).click();
    await note(page).getByText(said).waitFor();
    await page.keyboard.press("Escape");
  }
  await assertAccessible(page);
});

test("lessons and recorded results explain their terms, too", async (t) => {
  const page = await open(t, `${SMALL}&lesson=mixup`, { folded: true });
  const lesson = page.getByRole("article", { name: "8. What mixup is" });
  await lesson.getByRole("button", { name: "mixup", exact: true }).first().click();
  await note(page).getByText(/^Mixup: Trains on two images blended into one/).waitFor();
  const recorded = page.getByRole("region", { name: "Imagenette, recorded" });
  await recorded.getByText("Results on the real photographs").click();
  await recorded.getByRole("button", { name: "points", exact: true }).first().click();
  await note(page).getByText(/^Point: /).waitFor();
  await recorded.getByText("Differences as a table").click();
  await recorded.getByRole("button", { name: "Holm", exact: true }).or(recorded.getByRole("button", { name: "Holm's", exact: true })).click();
  await note(page).getByText(/^Holm's correction: /).waitFor();
});

test("German pages explain German words", async (t) => {
  const page = await open(t, `${SMALL}&lang=de`, { folded: true });
  await term(page, "Modell und Trainingsplan", "Lernrate").click();
  await note(page).getByText(/^Lernrate: Wie weit ein Schritt die Gewichte bewegt\./).waitFor();
});

test("paper has no terms to press", async (t) => {
  const page = await open(t, SMALL, { folded: true });
  await sampleIsReady(page);
  await term(page, "Training", "seed").waitFor();
  await page.emulateMedia({ media: "print" });
  await page.waitForFunction(() => !document.querySelector("button.term"));
  await page.emulateMedia({ media: "screen" });
  await term(page, "Training", "seed").waitFor();
  await training(page).getByText("Reset: the same seed, so the same start.", { exact: false }).waitFor();
});

async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })), []);
}
