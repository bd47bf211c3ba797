// What a teacher uses around a lesson: a QR code of the link, lessons in order, a prediction
// first, what fits into the time, paper, the projector, files of many, and a cleared browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import jsQR from "jsqr";
import { databaseName, rowsOf } from "./lib/faults.mjs";
import { controls, counted, link, runSays, sampleIsReady, SMALL, technique, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open, site } = playground();

const CLASS = `${SMALL}&sweep=alone:mixup;seed:1..3`;

test("the QR code of a link is the link, in the dark too; a long link says that it has none", async (t) => {
  const page = await open(t, SMALL, { context: { colorScheme: "dark" } });
  const panel = await opened(page);
  await panel.getByText("Show the link as a QR code").click();
  const address = await panel.getByLabel("Link", { exact: true }).inputValue();
  const code = panel.getByRole("img", { name: `QR code of: ${address}` });
  await code.scrollIntoViewIfNeeded();
  assert.equal(await decoded(page, await code.screenshot()), address);
  await page.evaluate((data) => (location.hash = `v=1&data=https://example.org/${data}.tgz`), "x".repeat(1300));
  await panel.getByText("This is too long for a QR code").waitFor();
});

test("a link lists lessons: they are chosen in order, and opened in order", async (t) => {
  const page = await open(t, SMALL);
  const panel = await opened(page);
  const choice = panel.getByLabel("Add a lesson");
  await counted(choice.getByRole("option"), 15);
  for (const place of [9, 2]) await choice.selectOption({ index: place });
  const chosen = panel.getByRole("list", { name: "Lessons of the link" }).getByRole("listitem");
  await counted(chosen, 2);
  const address = await panel.getByLabel("Link", { exact: true }).inputValue();
  const [first, second] = new URL(address).hash.match(/&lesson=([^&]+)$/)[1].split(",");
  assert.ok(first && second);

  const pupil = await open(t, "", { at: address });
  const lessons = pupil.getByRole("region", { name: "Your class’s lessons" });
  await lessons.getByText("0 of 2 lessons answered.").waitFor();
  await pupil.getByRole("article", { name: /^9\. / }).waitFor();
  await lessons.getByRole("button").nth(1).click();
  await pupil.getByRole("article", { name: /^2\. / }).waitFor();
  // A reload keeps the list.
  await pupil.reload();
  await counted(lessons.getByRole("button"), 2);
});

test("with predict=1 training waits for a prediction, which is compared with the outcome", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.evaluate(() => (location.hash = `${location.hash}&mixup=0.4&predict=1`));
  await training(page).getByText("Training starts after your prediction.").waitFor();
  assert.equal(await controls(page).train.getAttribute("aria-disabled"), "true");
  await training(page).getByRole("group", { name: /^Will the accuracy be lower/ }).getByLabel("lower", { exact: true }).check();
  await training(page).getByRole("button", { name: "Keep my prediction" }).click();
  await training(page).getByText("Your prediction: lower. Now train.").waitFor();
  await page.reload();
  await training(page).getByText("Your prediction: lower. Now train.").waitFor();
  await controls(page).train.click();
  await training(page).getByText(/^[\d.]+% against [\d.]+%: [^ ]+ points/).waitFor();
  await training(page).getByText("One pair of runs says little").waitFor();
});

test("where the lessons do not arrive nobody is kept from training", async (t) => {
  const page = await open(t, `${SMALL}&predict=1`, {
    prepare: (page) => page.route(/classroom_loader\.js/, (route) => route.abort()),
  });
  await sampleIsReady(page);
  await controls(page).train.and(page.locator(":not([aria-disabled])")).click();
  await runSays(page, "Finished");
});

test("what fits into the time is proposed and set up", async (t) => {
  const page = await open(t, SMALL.replace("&epochs=1", "&epochs=2"));
  await sampleIsReady(page);
  const panel = await opened(page);
  await panel.getByLabel("Minutes for training").fill("2");
  await panel.getByRole("button", { name: "Fit to 2 minutes" }).click();
  await panel.getByText(/an estimate for a slow device/).waitFor();
  await controls(page).train.click();
  await runSays(page, "Finished");
  await panel.getByRole("button", { name: "Fit to 2 minutes" }).click();
  const found = panel.getByText(/^1 run of \d+ epochs would take about .* This is an estimate from a run on this device\.$/);
  const [, epochs] = (await found.innerText()).match(/of (\d+) epochs/);
  await panel.getByRole("button", { name: "Set this up" }).click();
  await page.waitForFunction((epochs) => location.hash.includes(`&epochs=${epochs}&`), epochs);
  assert.ok((await panel.getByLabel("Link", { exact: true }).inputValue()).includes(`&epochs=${epochs}&`));
});

test("results print on white, without controls, and so does a lesson", async (t) => {
  const page = await open(t, `${SMALL}&lesson=tta`, { context: { colorScheme: "dark" } });
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const paper = await page.evaluate(() => {
    const { backgroundColor, color } = getComputedStyle(document.body);
    return { backgroundColor, color };
  });
  assert.equal(paper.backgroundColor, "rgb(255, 255, 255)");
  assert.equal(paper.color, "rgb(29, 35, 41)");
  assert.equal(await page.getByRole("button").filter({ visible: true }).count(), 0);
  assert.ok(await page.getByRole("article", { name: /^6\. / }).isVisible());
  assert.ok(await page.getByRole("heading", { name: "Results", exact: true }).isVisible());
  const pdf = await page.pdf();
  assert.ok(pdf.length > 10_000, `${pdf.length}`);
});

test("a page on a projector shows the curve, the verdict and the switches, and the way back", async (t) => {
  const page = await open(t, SMALL);
  const normal = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
  const panel = await opened(page);
  await panel.getByRole("link", { name: "Show this page on a projector" }).click();
  await counted(page.getByRole("region", { name: "Data", exact: true }).filter({ visible: true }), 0);
  const large = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
  assert.ok(large >= 1.25 * normal, `${large} against ${normal}`);
  await technique(page, "Mixup").click();
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.getByRole("region", { name: "Results", exact: true }).waitFor();
  await page.getByRole("link", { name: "Show the whole page" }).click();
  await page.getByRole("region", { name: "Data", exact: true }).waitFor();
});

test("hand-ins that are dropped as files are collected, with one account", async (t) => {
  const pupil = await open(t, `${CLASS}&seat=1`, { context: { deviceScaleFactor: 3 } });
  const queue = pupil.getByRole("region", { name: "Does it help?" });
  const share = await opened(pupil);
  await queue.getByRole("button", { name: "Start the queue" }).click();
  await share.getByText(/Your share \(seed \d+\) is complete/).waitFor();
  const line = await share.getByLabel("Your hand-in").inputValue();
  await share.getByText("Show the hand-in as a QR code").click();
  const code = share.getByRole("img", { name: /^QR code of: ipg1\./ });
  await code.scrollIntoViewIfNeeded();
  assert.equal(await decoded(pupil, await code.screenshot()), line);

  const teacher = await open(t, CLASS);
  const panel = await opened(teacher);
  const files = await teacher.evaluateHandle((line) => {
    const data = new DataTransfer();
    data.items.add(new File([`Ada\n${line}`], "ada.txt", { type: "text/plain" }));
    data.items.add(new File([line], "again.txt", { type: "text/plain" }));
    data.items.add(new File(["nothing"], "notes.txt", { type: "text/plain" }));
    return data;
  }, line);
  const zone = panel.getByLabel("Hand-ins", { exact: true });
  for (const event of ["dragover", "drop"]) await zone.dispatchEvent(event, { dataTransfer: files });
  await panel.getByText("From 3 files:").waitFor();
  await panel.getByText("1 of 2 hand-ins added.").waitFor();
  await panel.getByText(/handed in before, with the same results/).waitFor();
  // The page has not taken them for data, and is no longer marked.
  await counted(teacher.locator(".page.is-hovered"), 0);
  await sampleIsReady(teacher);
});

test("a cleared browser keeps nothing, and the page works", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
  await page.getByLabel("Theme").selectOption("dark");
  await page.evaluate(() => localStorage.setItem("another page’s", "stays"));
  const panel = await opened(page);
  await panel.getByRole("button", { name: "Clear this browser…" }).click();
  const confirm = panel.getByRole("group", { name: "This cannot be undone." });
  await confirm.getByText("1 run", { exact: true }).waitFor();
  await confirm.getByRole("button", { name: "Keep everything" }).click();
  await panel.getByRole("button", { name: "Clear this browser…" }).click();
  const loaded = page.waitForEvent("load");
  await confirm.getByRole("button", { name: "Delete all of it" }).click();
  await loaded;
  await sampleIsReady(page);
  await page.getByText("No finished runs yet.").waitFor();
  assert.equal(link(page).includes("subset=16"), false, "the settings are those of a first visit");
  const rows = await page.evaluate(rowsOf, databaseName(site()));
  assert.ok(Object.values(rows).every((count) => count === 0), JSON.stringify(rows));
  const kept = await page.evaluate(() => ({ ...localStorage }));
  assert.equal(kept["another page’s"], "stays");
  // What a first visit writes is there again, and nothing else.
  const ours = Object.keys(kept).filter((name) => !/ (choices|device-seed|fold-\w+)$/.test(name));
  assert.deepEqual(ours, ["another page’s"]);
  const choices = JSON.parse(kept[Object.keys(kept).find((name) => name.endsWith(" choices"))] ?? "{}");
  assert.ok(!choices.baseline && !choices.last_number, JSON.stringify(choices));
  const files = await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    return Array.fromAsync(root.keys());
  });
  assert.deepEqual(files.filter((name) => name === "class-check" || name === "images"), []);
  await controls(page).train.click();
  await runSays(page, /^Training: epoch|^Finished/);
});

/** The panel for a class, opened. */
async function opened(page) {
  const panel = page.getByRole("region", { name: "For a class" });
  await panel.locator("summary").first().click();
  await panel.getByRole("heading", { name: "Links for a class" }).waitFor();
  return panel;
}

/** What a picture of a QR code says. */
async function decoded(page, png) {
  // The pixels are read in a page of its own, which has no policy.
  const blank = await page.context().newPage();
  const { data, width, height } = await blank.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (it) => it.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const { width, height } = picture;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(picture, 0, 0);
    return { data: [...context.getImageData(0, 0, width, height).data], width, height };
  }, png.toString("base64"));
  await blank.close();
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}
