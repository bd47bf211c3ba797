// What every end-to-end test stands on: the built site behind a server of its own, at
// a sub-path, and pages of a headless Chromium on it. Independent of what is tested.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../../../web/scripts/serve.mjs";
import { FLAGS } from "./browser.mjs";
import { watchPolicy } from "./policy.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** The built site: `make test-e2e SITE=dist` tests another one. */
export const SITE = path.resolve(ROOT, process.env.SITE || ".site");
/** Not at the root of the host: the site must work from any sub-path. */
const BASE = "/some/sub-path/";
/** How long anything may take before a test gives up, in milliseconds. */
export const PATIENCE = 120_000;

/**
 * Starts server and browser before the tests of a file and ends them after. With
 * `data`, the site offers that archive, and with `part` so many pictures of each class as a first
 * part of it; `root` is asked for another folder than the built site; `headers` go with every file.
 * Answers `open` and the server's `site()`.
 */
export function playground({ data = null, part = null, root = async () => SITE, headers = {} } = {}) {
  let site;
  let browser;
  before(async () => {
    site = await serve({ root: await root(), base: BASE, data, part, headers });
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      args: FLAGS,
    });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  return { open: (t, link = "", options = {}) => open(t, browser, site, link, options), site: () => site };
}

/**
 * Opens the page of an experiment's link in a browser profile of its own. An error
 * that nobody caught fails the test at its end, and so does whatever breaks the page's
 * Content-Security-Policy, unless the test is about that (`strict: false`). `context`
 * goes to Playwright; service workers are blocked unless it says otherwise, since requests
 * of theirs escape `route`. `prepare` is given the page before it loads; `at` is another
 * address than the link's. What the page folds away is open, as a person's choice of an earlier
 * visit, unless the test is about a first visit (`folded: true`).
 */
async function open(t, browser, site, link, { context: wanted = {}, prepare = async () => {}, at = null, strict = true, folded = false }) {
  const context = await browser.newContext({
    serviceWorkers: "block",
    viewport: { width: 1400, height: 1000 },
    ...wanted,
  });
  if (!folded) await context.addInitScript(unfold);
  const violations = await watchPolicy(context);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const uncaught = [];
  page.on("pageerror", (error) => uncaught.push(error.stack ?? String(error)));
  t.after(async () => {
    if (!t.passed) t.diagnostic(`the page showed: ${await shown(page)}`);
    // What a route still answers when its page ends is no error.
    for (const open of context.pages()) await open.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
    assert.deepEqual(uncaught, [], "errors that the page did not catch");
    if (strict) assert.deepEqual(violations, [], "violations of the Content-Security-Policy");
  });
  await prepare(page);
  await page.goto(at ?? address(site, link));
  return page;
}

/** Runs in the page before its program: opens what is folded away, as an earlier visit did. */
function unfold() {
  try {
    const folder = new URL(".", location.href).pathname;
    for (const fold of ["fold-data", "fold-model", "fold-queue"]) {
      const key = `imagenette-playground ${folder} ${fold}`;
      if (localStorage.getItem(key) === null) localStorage.setItem(key, "open");
    }
  } catch {
    // Without storage everything is folded away at first.
  }
}

/** What a page shows first, for a test that failed. */
async function shown(page) {
  const LENGTH = 3000;
  const text = await page.evaluate(() => document.body.innerText).catch((error) => String(error));
  return text.slice(0, LENGTH).replace(/\s+/g, " ");
}

/** The address of an experiment's link on the site. */
export function address(site, link) {
  return link ? `${site.url}#${link}` : site.url;
}
