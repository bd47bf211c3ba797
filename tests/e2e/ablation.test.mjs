// "Does it help?": an ablation queued from the page, across a reload, to its verdict, its
// images and a file of it all; sweeps as links; whose a queue is.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { counted, link, sampleIsReady } from "./lib/page.mjs";
import { PATIENCE, playground } from "./lib/playground.mjs";

const { open } = playground();
/** Runs of some seconds, so that a reload comes in the middle of one. */
const BASE = "v=1&subset=20&valid=10&size=16&epochs=6&bs=16&engine=cpu";
/** Runs that are over at once. */
const SHORT = "v=1&subset=10&valid=10&size=16&epochs=1&bs=16&engine=cpu";

test("an ablation of 2 techniques and 2 seeds outlives a reload, shows its images and travels", async (t) => {
  const page = await open(t, BASE);
  const panel = queuePanel(page);
  await sampleIsReady(page);
  for (const name of ["Normalization", "Progressive resizing", "Label smoothing"]) {
    await panel.getByRole("checkbox", { name }).uncheck();
  }
  await panel.getByLabel("Seeds per side").fill("2");
  await panel.getByLabel("Seeds per side").press("Tab");
  await panel.getByRole("button", { name: "Queue each technique alone" }).click();
  await panel.getByText("Ready, not started: 0 of 4 runs done; 3 arms, 2 seeds.").waitFor();
  assert.match(link(page), /&sweep=alone:tta\|mixup;seed:42\|43$/);
  await panel.getByRole("button", { name: "Start the queue" }).click();
  await panel.getByText(/^Training: \d of 4/).waitFor();
  await page.reload();
  await sampleIsReady(page);
  await done(panel, 4);
  // None of them was trained twice, and seeds of one recipe are one line.
  await page.locator("#runs-title .count").getByText("4", { exact: true }).waitFor();
  await counted(runs(page), 3, "two groups and the header");
  await panel.getByText("Differences as a table").click();
  const table = panel.getByRole("table", { name: "Differences in accuracy and their verdicts" });
  await counted(table.getByRole("row"), 3, "a header and two techniques");
  const cells = await table.getByRole("row").allInnerTexts();
  assert.match(cells[1], /^Test-time augmentation\s.*(helps|hurts|cannot tell)/s);
  assert.match(cells[2], /^Mixup\s.*cannot tell \(needs 3 seeds, and there are 2\)/s);
  await panel.getByRole("img", { name: /^Differences in accuracy\. .*cannot tell: .*Mixup/ }).waitFor();
  const waiting = page.waitForEvent("download");
  await panel.getByRole("button", { name: "Download CSV of the differences" }).click();
  const csv = await readFile(await (await waiting).path(), "utf8");
  assert.match(csv, /^\uFEFFwhat it changes,without,with,delta,.*\r\n/);
  assert.equal(csv.trim().split("\r\n").length, 3);

  // The pair: plain and mixup with the same seed, in a sentence and in pictures.
  const two = page.getByRole("region", { name: "Compare two runs" });
  for (const [label, mixup] of [["From run", false], ["To run", true]]) {
    const options = two.getByLabel(label).getByRole("option").filter({ hasText: "seed 42" });
    const option = mixup ? options.filter({ hasText: /mixup/i }) : options.filter({ hasNotText: /mixup/i });
    await two.getByLabel(label).selectOption(await option.getAttribute("value"));
  }
  const sentence = two.getByText(/^From run \d to run \d: \d+ fixed, \d+ broken of 100 images: .* McNemar p/);
  const [, fixed, broken] = (await sentence.innerText()).match(/(\d+) fixed, (\d+) broken/).map(Number);
  await two.locator("summary").filter({ hasText: fixed + broken > 1 ? `${fixed} fixed, ${broken} broken` : /image/ }).waitFor();
  await counted(two.getByRole("listitem"), Math.min(24, fixed + broken));
  if (fixed + broken > 0) await two.getByRole("img", { name: /, validation image \d+$/ }).first().waitFor();

  // Out as one file, gone, and dropped on the page: the same numbers everywhere.
  const says = async () => [
    await sentence.innerText(),
    ...(await table.getByRole("row").allInnerTexts()),
    ...(await runs(page).allInnerTexts()),
  ];
  const before = await says();
  const exported = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export all runs" }).click();
  const file = await readFile(await (await exported).path());
  await page.getByRole("button", { name: "Delete all runs" }).click();
  await page.getByText("No finished runs yet.").waitFor();
  await panel.getByText(/0 of 4 runs done/).waitFor();
  await drop(page, "runs.ipruns", file);
  await page.getByText(/^4 runs added, 0 here before/).waitFor();
  await done(panel, 4);
  await sentence.waitFor();
  await panel.getByText("Differences as a table").click();
  await table.waitFor();
  assert.deepEqual(await says(), before);
});

test("a copy of a tab does not train the queue of the first", async (t) => {
  const page = await open(t, `${SHORT}&sweep=mixup:0|0.4;seed:1`);
  const panel = queuePanel(page);
  await sampleIsReady(page);
  await panel.getByRole("button", { name: "Measure the time first" }).click();
  const goOn = { name: "Resume the queue" };
  await panel.getByRole("button", goOn).waitFor();
  // A window opened by a script is given a copy of what its opener keeps.
  const opened = page.waitForEvent("popup");
  await page.evaluate(() => void window.open(location.href));
  const copy = await opened;
  copy.setDefaultTimeout(PATIENCE);
  await sampleIsReady(copy);
  await queuePanel(copy).getByRole("button", goOn).waitFor({ state: "detached" });
  assert.ok(!link(copy).includes("sweep"), link(copy));
  assert.equal(await copy.getByRole("alert").filter({ visible: true }).count(), 0);
  // The first tab still has it, before and after a reload of its own.
  await page.reload();
  await panel.getByRole("button", goOn).click();
  await done(panel, 2);
  await copy.locator("#runs-title .count").filter({ hasText: "2" }).waitFor();
});

test("a sweep is a link: ready, measured, changed, taken up in another visit", async (t) => {
  const sweep = `${SHORT}&sweep=mixup:0|0.4;seed:1..3`;
  const page = await open(t, sweep);
  const panel = queuePanel(page);
  await panel.getByText("Ready, not started: 0 of 6 runs done; 2 arms, 3 seeds.").waitFor();
  assert.equal(link(page), sweep);
  await sampleIsReady(page);
  await panel.getByText(/The time is unknown/).waitFor();
  await panel.getByText(/^Runs in the queue/).click();
  await panel.getByRole("button", { name: "Remove mixup=0.4, seed 3" }).click();
  await panel.getByRole("button", { name: "First mixup=0.4, seed 2" }).click();
  const items = panel.getByRole("listitem").filter({ hasText: "mixup=" });
  assert.match(await items.first().innerText(), /mixup=0\.4, seed 2 – waiting/);
  await panel.getByRole("button", { name: "Measure the time first" }).click();
  await panel.getByText(/runs? left: about .*, based on steps measured here/).waitFor();
  await panel.getByRole("button", { name: "Resume the queue" }).click();
  await done(panel, 5);
  await panel.getByRole("button", { name: "Put them back" }).click();
  await panel.getByRole("button", { name: "Resume the queue" }).click();
  await done(panel, 6);
  await panel.getByText(/^mixup 0 → 0\.4/).first().waitFor();

  const other = await page.context().newPage();
  other.setDefaultTimeout(PATIENCE);
  await other.goto(page.url());
  await sampleIsReady(other);
  await queuePanel(other).getByText(/6 of 6 runs done.*6 of them were already in the list/).waitFor();
});

test("run=1 with a sweep waits for a click", async (t) => {
  const page = await open(t, `${SHORT}&run=1&sweep=ls:0|0.1;seed:1`);
  await page.getByText("waits for your click").waitFor();
  await queuePanel(page).getByRole("button", { name: "Start the queue" }).click();
  await done(queuePanel(page), 2);
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in the queue and its answer in ${colorScheme}`, async (t) => {
    const page = await open(t, `${SHORT}&sweep=alone:norm|mixup;seed:1..3`, {
      context: { colorScheme },
    });
    const panel = queuePanel(page);
    await panel.getByRole("button", { name: "Start the queue" }).click();
    await done(panel, 9);
    for (const name of ["Ready-made questions from the chapter", "Any other sweep"]) {
      await panel.getByText(name).click();
    }
    await panel.getByText(/^Runs in the queue/).click();
    await panel.getByText("Differences as a table").click();
    await panel.getByText("Accuracy of each arm", { exact: true }).click();
    await panel.getByRole("table").nth(1).waitFor();
    const { violations } = await new AxeBuilder({ page }).include(".panel-queue").analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  });
}

function queuePanel(page) {
  return page.getByRole("region", { name: "Does it help?" });
}

/** Rows of the list of runs, its header included. */
function runs(page) {
  return page.getByRole("region", { name: /^Runs/ }).getByRole("row");
}

async function done(panel, count) {
  await panel.getByText(new RegExp(`^Done: ${count} of ${count} runs done`)).waitFor();
}

/** Drops a file on the page. */
async function drop(page, name, bytes) {
  await page.evaluate(([name, numbers]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(numbers)], name));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, [name, [...bytes]]);
}
