// The instruments on predictions: the confusion matrix and its images, confidence, the
// views of test-time augmentation, the program in fastai. All through roles and names.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { controls, counted, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();
const WITH_TTA = `${SMALL}&tta=2`;

test("a cell of the confusion matrix opens its images, by keyboard, too", async (t) => {
  const page = await trainedPage(t, WITH_TTA);
  const inside = await instrument(page, "Predictions");
  const matrix = inside.getByRole("table", { name: /^Confusion matrix/ });
  const cells = matrix.getByRole("button");
  await cells.first().waitFor();
  await counted(cells, 100);
  const counts = (await cells.allInnerTexts()).map(Number);
  assert.equal(counts.reduce((sum, count) => sum + count), 100, "every image is in one cell");

  // The arrow keys reach every cell from the one in the order of the Tab key.
  await cells.first().focus();
  const fullest = counts.indexOf(Math.max(...counts));
  for (let down = 0; down < Math.floor(fullest / 10); down += 1) await page.keyboard.press("ArrowDown");
  for (let right = 0; right < fullest % 10; right += 1) await page.keyboard.press("ArrowRight");
  const label = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.equal(label, await cells.nth(fullest).getAttribute("aria-label"));
  await page.keyboard.press("Enter");
  const opened = inside.getByRole("region", { name: new RegExp(`: ${counts[fullest]} images?$`) });
  await opened.getByRole("img").first().waitFor();
  await counted(opened.getByRole("figure"), Math.min(12, counts[fullest]));
  const captions = await opened.getByRole("figure").allInnerTexts();
  assert.match(captions[0], /^.+ \/ .+ \/ \d+\.\d\d \/ [01]\.\d\d$/);
  await opened.getByRole("button", { name: "Close" }).click();
  await opened.waitFor({ state: "detached" });

  const shares = inside.getByRole("checkbox", { name: "Shares of each row" });
  await shares.check();
  await cells.first().getByText(/^[01]\.\d\d$/).waitFor();
});

test("top losses, classes and pairs are shown, and every image can be taken away", async (t) => {
  const page = await trainedPage(t, WITH_TTA);
  const inside = await instrument(page, "Predictions");
  const losses = inside.getByRole("list", { name: "Top losses" });
  await losses.getByRole("img").first().waitFor();
  const worst = (await losses.getByRole("figure").allInnerTexts()).map((text) => Number(text.split(" / ")[2]));
  assert.deepEqual(worst, worst.toSorted((a, b) => b - a));
  const classes = inside.getByRole("table", { name: /^Precision:/ });
  await counted(classes.getByRole("row"), 12, "a header, ten classes and their mean");
  const waiting = page.waitForEvent("download");
  await inside.getByRole("button", { name: "Download CSV of the predictions of all images" }).click();
  const csv = await readFile(await (await waiting).path(), "utf8");
  assert.equal(csv.trim().split("\r\n").length, 101);
  assert.ok(csv.startsWith("\uFEFFimage,prediction,actual,loss,probability\r\n"), csv.slice(0, 80));
});

test("confidence has its figures with an interval, and another run beside it", async (t) => {
  const page = await trainedPage(t, WITH_TTA);
  await page.evaluate(() => (location.hash += "&ls=0.2"));
  await controls(page).reset.click();
  await controls(page).train.click();
  await page.getByRole("region", { name: /^Runs/ }).getByRole("row").nth(2).waitFor();
  const inside = await instrument(page, "Confidence");
  const first = inside.getByRole("region", { name: "Run 2", exact: true });
  await first.getByText(/^\d+\.\d% \(95% from \d+\.\d% to \d+\.\d%\)$/).waitFor();
  await first.getByRole("img", { name: /^Reliability diagram of run 2: at / }).waitFor();
  await first.getByRole("img", { name: /^Confidence histogram of run 2: \d+ images right, \d+ wrong/ }).waitFor();
  await inside.getByLabel("Compare with").selectOption({ index: 2 });
  await inside.getByRole("region", { name: "Run 1", exact: true }).getByText("95% from").waitFor();
  await inside.getByRole("checkbox", { name: /^With test-time augmentation/ }).check();
  await inside.getByRole("region", { name: "Run 1 with TTA" }).waitFor();
});

test("the maximum over the views is refused as a probability, with the reason", async (t) => {
  const page = await trainedPage(t, `${WITH_TTA}&ttamax=1`);
  const confidence = await instrument(page, "Confidence");
  await confidence.getByText("95% from").waitFor();
  await confidence.getByRole("checkbox", { name: /^With test-time augmentation/ }).check();
  await confidence.getByText(/^Refused: the scores of image \d+ sum to .* no probabilities/).waitFor();
  const predictions = await instrument(page, "Predictions");
  await predictions.getByText(/^None: the scores of image/).waitFor();
});

test("the X-ray shows the views of one image, and accuracy against their number", async (t) => {
  const page = await trainedPage(t, WITH_TTA);
  const inside = await instrument(page, "TTA X-ray");
  await inside.getByText(/with 2 augmented views/).waitFor();
  const views = inside.getByRole("table", { name: /^Views of validation image 0,/ });
  await views.getByRole("img", { name: "augmented 2 view" }).waitFor();
  await counted(views.getByRole("row"), 4, "a header, the plain view and two more");
  await inside.getByText(/^It is a .+\. (Right|Fixed|Broken|Wrong)/).waitFor();
  await inside.getByRole("button", { name: "Next image" }).press("Enter");
  await inside.getByRole("table", { name: /^Views of validation image 1,/ }).waitFor();
  await inside.getByLabel(/^Validation image, 0 to 99/).fill("42");
  await inside.getByLabel(/^Validation image, 0 to 99/).press("Enter");
  await inside.getByRole("table", { name: /^Views of validation image 42,/ }).waitFor();

  // More views without training again.
  await inside.getByRole("button", { name: "Compute 8 views" }).click();
  await inside.getByText(/with 8 augmented views/).waitFor();
  await inside.getByText("Data table").click();
  const counts = inside.getByRole("table", { name: /^Accuracy against the number of views/ });
  await counted(counts.getByRole("row"), 10, "a header and 0 to 8 views");
});

test("before a run the X-ray says what it needs", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await (await instrument(page, "TTA X-ray")).getByText(/^Train a run first/).waitFor();
  await (await instrument(page, "Predictions")).getByText(/^Nothing to show yet/).waitFor();
});

test("the program follows the controls, and a run prints fastai's table", async (t) => {
  const page = await trainedPage(t, WITH_TTA);
  const inside = await instrument(page, "As code");
  const program = inside.getByRole("region", { name: "The program" });
  await program.getByText("learn.tta(n=2, beta=0.25)").waitFor();
  await page.getByRole("switch", { name: "Mixup" }).check();
  await program.getByText("cbs=MixUp(0.4)").waitFor();
  const table = await inside.getByRole("region", { name: "The table" }).innerText();
  assert.match(table, /^epoch {5}train_loss {2}valid_loss {2}accuracy {2}time\n0 {9}\d\.\d{6}/);
  assert.match(table, /\n\nTTA accuracy: 0\.\d{6}/);
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in the open instruments in ${colorScheme}, nor does a phone scroll sideways`, async (t) => {
    const context = { colorScheme, viewport: { width: 390, height: 844 } };
    const page = await trainedPage(t, WITH_TTA, { context });
    const predictions = await instrument(page, "Predictions");
    await predictions.getByRole("list", { name: "Top losses" }).getByRole("img").first().waitFor();
    await predictions.getByRole("table", { name: /^Confusion/ }).getByRole("button").first().click();
    await (await instrument(page, "Confidence")).getByText("95% from").waitFor();
    await (await instrument(page, "TTA X-ray")).getByRole("img", { name: "augmented 2 view" }).waitFor();
    await (await instrument(page, "As code")).getByRole("region", { name: "The table" }).waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const told = violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`) }));
    assert.deepEqual(told, []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `the page is ${width} px wide on a 390 px screen`);
  });
}

/** A page on which the experiment of this link was trained. */
async function trainedPage(t, link, options = {}) {
  const page = await open(t, link, options);
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  return page;
}

/** An instrument of the page, opened. */
async function instrument(page, name) {
  const heading = page.getByRole("heading", { name, exact: true, level: 3 });
  await heading.click();
  return page.getByRole("group", { name, exact: true });
}
