// The page through a person's eyes: its controls by role and name, what it says of a
// run. If these cannot find something, neither can somebody with a screen reader.

import assert from "node:assert/strict";

/** A small experiment: 160 drawings of 16 pixels, one epoch. */
export const SMALL = "v=1&subset=16&valid=10&size=16&epochs=1&bs=16&engine=cpu";

/** The controls of the training panel. */
export function controls(page) {
  const group = page.getByRole("group", { name: "Training controls" });
  const button = (name) => group.getByRole("button", { name, exact: true });
  return {
    train: button("Train"),
    pause: button("Pause"),
    goOn: button("Resume"),
    step: button("Step"),
    stop: button("Stop"),
    reset: button("Reset"),
    newSeed: button("New seed"),
  };
}

/** The training panel. */
export function training(page) {
  return page.getByRole("region", { name: "Training", exact: true });
}

/** One of the five switches, by its label. */
export function technique(page, name) {
  return page.getByRole("switch", { name });
}

/** Resolves when the training panel says this of the run. */
export async function runSays(page, text) {
  await training(page).getByText(text).first().waitFor();
}

/** Resolves when the built-in sample is in place and training can start. */
export async function sampleIsReady(page) {
  const data = page.getByRole("region", { name: "Data", exact: true });
  await data.getByText(/training and 500 validation images/).waitFor();
}

/** The link in the page's address, without the `#`. */
export function link(page) {
  return decodeURIComponent(new URL(page.url()).hash.slice(1));
}

/** Asserts that there are `count` of these, as soon as the page has drawn that many. */
export async function counted(locator, count, why) {
  if (count > 0) await locator.nth(count - 1).waitFor({ state: "attached" });
  assert.equal(await locator.count(), count, why);
}

/** The panel of saved models, opened. */
export async function savedModels(page) {
  const panel = page.getByRole("region", { name: "Look inside" });
  const part = panel.locator("details", { hasText: "Saved models" }).first();
  if (!(await part.evaluate((details) => details.open))) {
    await part.locator("summary").first().click();
  }
  return part;
}
