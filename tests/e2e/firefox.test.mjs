// The page in Firefox: it starts, trains on the CPU, runs a queue, keeps what it has over a
// reload, exports, and works in a private window. Driven over WebDriver BiDi, which is the
// browser's own protocol; what the other tests look at in Chromium is not repeated.

import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";
import { serve } from "../../web/scripts/serve.mjs";
import { SMALL } from "./lib/page.mjs";
import { PATIENCE, SITE } from "./lib/playground.mjs";

let site;
before(async () => {
  site = await serve({ root: SITE, base: "/some/sub-path/" });
});
after(() => site?.close());

test("Firefox: the page trains, keeps the run over a reload, and exports it", async (t) => {
  const downloads = await mkdtemp(path.join(os.tmpdir(), "playground-"));
  t.after(() => rm(downloads, { recursive: true }));
  const page = await firefox(t, SMALL, {
    "browser.download.folderList": 2,
    "browser.download.dir": downloads,
    "browser.download.useDownloadDir": true,
  });
  await says(page, "training and 500 validation images");
  await press(page, "Train");
  await says(page, "Finished");
  await says(page, "Run 1");
  await page.reload();
  await says(page, "Run 1");
  await press(page, "Export all runs");
  const file = await downloaded(downloads);
  assert.match(path.basename(file), /^imagenette-runs-.*\.ipruns$/);
  assert.equal((await readFile(file)).subarray(0, 6).toString(), "IPruns");
});

test("Firefox: a queue in a link runs to its answer, and is there after a reload", async (t) => {
  const page = await firefox(t, `${SMALL}&sweep=mixup:0|0.4;seed:1..2`);
  await says(page, "training and 500 validation images");
  await press(page, "Start the queue");
  await says(page, /4 of 4 runs done/);
  await page.reload();
  await says(page, /4 seeds|2 seeds|Run 4/);
});

test("Firefox: a private window trains, and says what it cannot keep", async (t) => {
  const page = await firefox(t, SMALL, { "browser.privatebrowsing.autostart": true });
  await says(page, "training and 500 validation images");
  await press(page, "Train");
  await says(page, "Finished");
  await says(page, "Run 1");
});

/** Opens the page of a link in a Firefox of its own. What nobody caught, and what breaks the policy, fails the test. */
async function firefox(t, link, preferences = {}) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX || "/usr/bin/firefox-esr",
    headless: true,
    extraPrefsFirefox: preferences,
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.stack ?? String(error)));
  page.on("console", (message) => {
    if (/Content.Security.Policy/.test(message.text())) wrong.push(message.text());
  });
  t.after(async () => {
    const fault = await page.$eval("#fault", (it) => (it.hidden ? "" : it.innerText)).catch(() => "");
    await browser.close();
    assert.deepEqual([...wrong, fault].filter(Boolean), []);
  });
  await page.setViewport({ width: 1400, height: 1000 });
  await page.goto(`${site.url}#${link}`);
  return page;
}

/** Resolves when the page shows this text. */
async function says(page, text) {
  const source = typeof text === "string" ? text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : text.source;
  const shown = await page.evaluate(comesTrue, `text ${source}`, PATIENCE);
  assert.ok(shown, `the page never said: ${source}\n${await page.evaluate(() => document.body.innerText)}`);
}

/** Presses the first button with this name that can be pressed. */
async function press(page, name) {
  assert.ok(await page.evaluate(comesTrue, `button ${name}`, PATIENCE), `no button to press: ${name}`);
}

/**
 * Runs in the page: waits for a text, or for a button, which it presses. The page's policy
 * forbids the functions from texts by which the driver itself would wait.
 */
function comesTrue(wanted, patience) {
  const [kind, ...words] = wanted.split(" ");
  const text = words.join(" ");
  const look = () => {
    if (kind === "text") return new RegExp(text).test(document.body.innerText);
    const named = ({ innerText }) => innerText.trim().replace(/^[^\p{L}]+/u, "") === text;
    const button = [...document.querySelectorAll("button")].find((button) => !button.disabled && named(button));
    button?.click();
    return button !== undefined;
  };
  return new Promise((done) => {
    if (look()) return done(true);
    const observer = new MutationObserver(() => {
      if (!look()) return;
      observer.disconnect();
      done(true);
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    setTimeout(() => done(false), patience);
  });
}

/** The first finished download of a folder. */
async function downloaded(folder) {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    const names = await readdir(folder);
    // Firefox writes to a name of its own first.
    const done = names.find((name) => /^imagenette-runs-.*\.ipruns$/.test(name));
    if (done && !names.some((name) => name.endsWith(".part"))) return path.join(folder, done);
  }
  throw new Error("nothing was downloaded");
}
