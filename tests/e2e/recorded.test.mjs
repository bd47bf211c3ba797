// Recorded results: fetched when a person looks at them, labelled, and there without a network.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { link, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

function panel(page) {
  return page.getByRole("region", { name: "Imagenette, recorded" });
}

async function look(page) {
  await panel(page).getByText("Results on the real photographs").click();
  await panel(page).getByText(/^Accuracy of each arm$/).waitFor();
}

test("nothing recorded is fetched before a person looks, and every number is labelled", async (t) => {
  const page = await open(t, SMALL);
  const fetched = [];
  page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
  await sampleIsReady(page);
  assert.ok(!fetched.some((path) => /\/(recorded|classroom|lessons)/.test(path)), fetched.join("\n"));
  await look(page);
  assert.ok(!fetched.some((path) => path.includes("/lessons")), "the lessons have a panel of their own");
  assert.equal(fetched.filter((path) => path.includes("/recorded/")).length, 1);
  await panel(page).getByText(/^recorded webgpu on .+, \d{4}-\d\d-\d\d$/).waitFor();
  await panel(page).getByText(/They were not trained in this browser/).waitFor();
  const options = await panel(page).getByLabel("Which comparison").locator("option").allInnerTexts();
  const listed = JSON.parse(await readFile(new URL("../../web/recorded/index.json", import.meta.url), "utf8"));
  assert.deepEqual(options, listed.map(({ title }) => title));
});

test("another comparison replaces the first, with its verdicts and curves", async (t) => {
  const page = await open(t, SMALL);
  await look(page);
  const verdicts = panel(page).locator(".queue-outcome li");
  const before = await verdicts.allInnerTexts();
  assert.ok(before.length > 0);
  await panel(page).getByLabel("Which comparison").selectOption({ index: 1 });
  await page.waitForFunction((before) => !document.body.innerText.includes(before), before[0]);
  await panel(page).getByRole("heading", { name: "Recorded accuracy" }).waitFor();
});

test("one link queues the same runs here", async (t) => {
  const page = await open(t, SMALL);
  await look(page);
  await panel(page).getByRole("link", { name: /^Reproduce it here/ }).click();
  await page.getByRole("region", { name: "Queue" }).waitFor();
  assert.match(link(page), /data=imagenette.*sweep=alone/);
});

test("what was looked at is there without a network", async (t) => {
  const page = await open(t, SMALL, { context: { serviceWorkers: "allow" } });
  await sampleIsReady(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  await look(page);
  await page.context().setOffline(true);
  await page.reload();
  await look(page);
});
