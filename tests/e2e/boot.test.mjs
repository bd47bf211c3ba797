// Where the page cannot start it says why; where a program of somebody else's fails, it
// keeps quiet; a translator leaves it whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open, site } = playground();

const PROGRAM = /\/page-[0-9a-f]+\.js$/;
const WASM = /\/page-[0-9a-f]+_bg\.wasm$/;
const BOOT = /\/boot-[0-9a-f]+\.js$/;
const gone = { status: 404, contentType: "text/plain", body: "gone" };
const entry = { status: 200, contentType: "text/html", body: "<!doctype html><p>Not what you asked for" };

// What a host answers instead of a file of the page, and what the page says of it.
const HOSTS = [
  { what: "the program is missing", file: PROGRAM, answer: gone, says: /answered 404 to page-\w+\.js/ },
  { what: "the program comes as a page", file: PROGRAM, answer: entry, says: /sent page-\w+\.js as text\/html instead of text\/javascript/ },
  { what: "the program's wasm is missing", file: WASM, answer: gone, says: /answered 404 to page-\w+_bg\.wasm/ },
  { what: "the program's wasm comes as a page", file: WASM, answer: entry, says: /sent page-\w+_bg\.wasm as text\/html instead of application\/wasm/ },
  { what: "the program does not arrive", file: PROGRAM, answer: null, says: /page-\w+\.js did not arrive/ },
];
for (const { what, file, answer, says } of HOSTS) {
  test(`the page says it when ${what}`, async (t) => {
    const page = await open(t, SMALL, {
      prepare: (page) => page.route(file, (route) => (answer ? route.fulfill(answer) : route.abort())),
    });
    const alert = page.getByRole("alert");
    await alert.getByText("The page could not start.").waitFor();
    await alert.getByText(says).waitFor();
    await alert.getByRole("button", { name: "Reload the page" }).waitFor();
  });
}

test("a person who reads German is told in German why the page could not start", async (t) => {
  for (const [hash, locale, answer, says] of [
    [`${SMALL}&lang=de`, "en-GB", gone, /^Der Server hat bei page-\w+\.js mit 404 geantwortet: Die Website wurde unvollständig/],
    [SMALL, "de-CH", null, /^page-\w+\.js ist nicht angekommen: /],
  ]) {
    const page = await open(t, hash, {
      context: { locale },
      prepare: (page) => page.route(PROGRAM, (route) => (answer ? route.fulfill(answer) : route.abort())),
    });
    const alert = page.getByRole("alert");
    await alert.getByText("Die Seite konnte nicht starten.").waitFor();
    await alert.getByText(says).waitFor();
    await alert.getByRole("button", { name: "Seite neu laden" }).waitFor();
    assert.equal(await alert.getAttribute("lang"), "de");
  }
});

test("the page names the rule of the host that forbids its program", async (t) => {
  for (const [policy, says] of [
    ["script-src 'self'", /Content-Security-Policy of the host forbids page-\w+_bg\.wasm/],
    ["script-src-elem 'self'; script-src 'none'", /Content-Security-Policy of the host forbids page-/],
  ]) {
    const page = await open(t, SMALL, { strict: false, prepare: (page) => withPolicy(page, policy) });
    await page.getByRole("alert").getByText(says).waitFor();
  }
});

// The texts come in the entry page, which a host or a cache may have mixed up.
const TEXTS = /(<script type="application\/json" id="texts">)(.*)(<\/script>)/;
for (const [what, spoil, says] of [
  ["are those of another build", (json) => json.replace(/"keys":\d+/, '"keys":1'), "are of another build"],
  ["are cut short", (json) => json.slice(0, 100), "contains no texts"],
]) {
  test(`the page does not start with texts that ${what}`, async (t) => {
    const page = await open(t, SMALL, {
      prepare: (page) =>
        page.route(site().url, async (route) => {
          const response = await route.fetch();
          const body = (await response.text()).replace(TEXTS, (_, start, json, end) => start + spoil(json) + end);
          await route.fulfill({ response, body });
        }),
    });
    const alert = page.getByRole("alert");
    await alert.getByText("The page could not start.").waitFor();
    await alert.getByText(says, { exact: false }).waitFor();
  });
}

// Where not even the first script runs, the page's own text says what may be the matter.
const SILENT = [
  { what: "the first script is missing", prepare: (page) => page.route(BOOT, (route) => route.fulfill(gone)) },
  { what: "the first script comes as a page", prepare: (page) => page.route(BOOT, (route) => route.fulfill({ ...entry, headers: { "x-content-type-options": "nosniff" } })) },
  { what: "the host forbids all scripts", strict: false, prepare: (page) => withPolicy(page, "script-src 'none'") },
];
for (const { what, prepare, strict = true } of SILENT) {
  test(`the page's own text is seen when ${what}`, async (t) => {
    const page = await open(t, SMALL, { prepare, strict });
    await page.getByText("the page’s files did not arrive", { exact: false }).waitFor({ state: "visible" });
  });
}

test("without a slash at its end the address itself is named", async (t) => {
  const bare = site().url.replace(/\/$/, "");
  const page = await open(t, "", {
    at: bare,
    prepare: (page) =>
      page.route(bare, async (route) => route.fulfill({ response: await route.fetch({ url: site().url }) })),
  });
  const help = page.getByText("The address of this page must end in a slash", { exact: false });
  await help.waitFor({ state: "visible" });
});

test("while the page loads its text about failures is not seen", async (t) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const page = await open(t, SMALL, {
    prepare: (page) =>
      page.route(PROGRAM, async (route) => {
        await held;
        await route.continue();
      }),
  });
  await page.getByText("Loading the page…").waitFor();
  assert.ok(await page.locator("#boot-help").isHidden());
  release();
  await sampleIsReady(page);
});

test("in a sandboxed frame without an origin the page asks to be opened in a new tab", async (t) => {
  const outer = new URL("/outer.html", site().url).href;
  const page = await open(t, "", {
    at: outer,
    strict: false,
    prepare: (page) =>
      page.route(outer, (route) =>
        route.fulfill({
          contentType: "text/html",
          body: `<!doctype html><iframe sandbox="allow-scripts allow-popups" src="${site().url}#${SMALL}" width="900" height="600"></iframe>`,
        }),
      ),
  });
  const frame = page.frameLocator("iframe");
  await frame.getByText(/new tab/).first().waitFor({ state: "visible" });
});

test("an error of an extension is not shown as the page's, one of the page is", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  const fault = page.locator("#fault");
  const thrown = (stack, filename) =>
    page.evaluate(
      ({ stack, filename }) => {
        const error = Object.assign(new Error("a failure"), { stack: `Error: a failure\n    at ${stack}` });
        dispatchEvent(new ErrorEvent("error", { error, message: error.message, filename }));
        const promise = Promise.resolve();
        dispatchEvent(new PromiseRejectionEvent("unhandledrejection", { promise, reason: error }));
      },
      { stack, filename },
    );
  for (const scheme of ["chrome-extension", "moz-extension", "safari-web-extension"]) {
    const file = `${scheme}://abcdef/content.js`;
    await thrown(`read (${file}:1:1)\n    at ${site().url}page.js:1:1`, file);
  }
  await thrown("https://another.example/widget.js:1:1", "https://another.example/widget.js");
  // A foreign script without leave to be looked into, and a promise refused for no error.
  await page.evaluate(() => {
    dispatchEvent(new ErrorEvent("error", { message: "Script error." }));
    dispatchEvent(new PromiseRejectionEvent("unhandledrejection", { promise: Promise.resolve(), reason: "Object Not Found" }));
  });
  assert.ok(await fault.isHidden(), await fault.innerText());
  await thrown(`${site().url}page-abc_bg.wasm:wasm-function[1]:0x2`, `${site().url}page-abc.js`);
  await fault.getByText("The page broke.").waitFor();
  await fault.getByText("a failure").waitFor();
});

test("a translator that heeds the page leaves it whole", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  const changed = await page.evaluate(() => {
    // As Google Translate does it: every text becomes an element with another text.
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    const heeded = found.filter((text) => text.data.trim() && text.parentElement.translate);
    for (const text of heeded) {
      const font = document.createElement("font");
      font.textContent = `«${text.data}»`;
      text.replaceWith(font);
    }
    return { translated: heeded.length, inApp: document.querySelectorAll("#app font").length };
  });
  assert.equal(changed.inApp, 0, "what the program owns was translated");
  assert.ok(changed.translated > 0, "nothing was translated at all");
  await controls(page).train.click();
  await runSays(page, "Finished");
  assert.ok(await page.locator("#fault").isHidden());
});

test("over plain http from another machine the page says why it has no WebGPU, and trains", async (t) => {
  // An address of no machine, so that the browser trusts it as little as one on a LAN.
  const lan = "http://192.0.2.7/some/sub-path/";
  const page = await open(t, "", {
    at: `${lan}#${SMALL}`,
    prepare: (page) =>
      page.context().route(`${lan}**`, async (route) => {
        const url = new URL(route.request().url());
        const { port } = new URL(site().url);
        const response = await route.fetch({ url: `http://127.0.0.1:${port}${url.pathname}` });
        await route.fulfill({ response });
      }),
  });
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await page.getByText("This page was loaded over plain http from another machine", { exact: false }).waitFor();
  await sampleIsReady(page);
  await controls(page).train.click();
  await runSays(page, "Finished");
});

/** Adds a policy of the host's to the entry page. */
function withPolicy(page, policy) {
  return page.route(site().url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
}
