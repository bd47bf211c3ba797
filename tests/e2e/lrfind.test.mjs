// The search for a learning rate: its curve and table, its suggestion at a click,
// and a run that is the same as without it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { controls, link, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

test("the search suggests a rate that a click takes", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  const finder = await opened(page);
  await finder.getByRole("button", { name: "Search" }).click();
  await finder.getByText(/^Suggested learning rate: 0\.\d+, after \d+ rates/).waitFor();
  await finder.getByRole("img", { name: /loss by learning rate/ }).waitFor();
  await finder.getByText("Data table").click();
  const table = finder.getByRole("table", { name: /Loss by learning rate/ });
  await table.getByRole("row", { name: /^1\.00e-7/ }).waitFor();
  const take = finder.getByRole("button", { name: /^Use 0\.\d+ as the learning rate/ });
  const [, rate] = (await take.innerText()).match(/Use (0\.\d+) as/);
  await take.click();
  await page.waitForFunction((rate) => location.hash.includes(`lr=${rate}`), rate);
  assert.match(link(page), new RegExp(`lr=${rate.replace(".", "\\.")}(&|$)`));
  await finder.getByText("The experiment has changed since this search.").waitFor();
});

test("a run after a search is the run without one", async (t) => {
  const page = await open(t, SMALL);
  const { train, reset } = controls(page);
  await sampleIsReady(page);
  await train.click();
  await runSays(page, "Finished");
  const before = await page.locator(".readouts").innerText();
  await reset.click();
  const finder = await opened(page);
  await finder.getByRole("button", { name: "Search" }).click();
  await finder.getByText(/^Suggested learning rate/).waitFor();
  await train.click();
  await runSays(page, "Finished");
  assert.equal(await page.locator(".readouts").innerText(), before);
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in the search in ${colorScheme}`, async (t) => {
    const page = await open(t, SMALL, { context: { colorScheme } });
    await sampleIsReady(page);
    const finder = await opened(page);
    await finder.getByRole("button", { name: "Search" }).click();
    await finder.getByText(/^Suggested learning rate/).waitFor();
    await finder.getByText("Data table").click();
    await finder.getByRole("table").waitFor();
    const { violations } = await new AxeBuilder({ page }).include(".panel-inside").analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  });
}

/** The instrument, opened. */
async function opened(page) {
  const panel = page.getByRole("region", { name: "Look inside" });
  const part = panel.locator("details", { hasText: "Learning-rate finder" }).first();
  if (!(await part.evaluate((details) => details.open))) {
    await part.locator("summary").first().click();
  }
  return part;
}
