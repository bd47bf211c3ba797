// For everybody: no violation that axe can find, in light and dark; a run with the
// keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { controls, runSays, sampleIsReady, SMALL, technique } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in ${colorScheme}, before and after a run`, async (t) => {
    const page = await open(t, `${SMALL}&mixup=0.4&tta=2&prog=16x1`, { context: { colorScheme } });
    await sampleIsReady(page);
    await assertAccessible(page);
    await controls(page).train.click();
    await runSays(page, "Finished");
    await assertAccessible(page);
  });
}

test("axe finds nothing on a phone", async (t) => {
  const page = await open(t, SMALL, { context: { viewport: { width: 360, height: 740 } } });
  await sampleIsReady(page);
  await assertAccessible(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `the page is ${width} px wide on a 360 px screen`);
});

test("the keyboard alone flips a technique and trains", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await tabTo(page, technique(page, "Label smoothing"));
  await page.keyboard.press("Space");
  await page.waitForFunction(() => location.hash.includes("ls="));
  await tabTo(page, controls(page).train);
  await page.keyboard.press("Enter");
  await runSays(page, "Finished");
});

async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
  }));
  assert.deepEqual(told, []);
}

/** Presses Tab until the control has the focus, as a person would. */
async function tabTo(page, control) {
  const most = 300;
  for (let presses = 0; presses < most; presses += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`not reached with ${most} presses of Tab`);
}
