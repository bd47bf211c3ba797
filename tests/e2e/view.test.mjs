// A teacher's link: what it hides and locks, the way to the whole page, and the page inside
// of another one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { controls, counted, link, runSays, sampleIsReady, SMALL, technique, training } from "./lib/page.mjs";
import { address, playground } from "./lib/playground.mjs";

const { open, site } = playground();

test("a teacher's link hides and locks what it says, and the whole page is one link away", async (t) => {
  const view = "&hide=data,queue,inside&lock=epochs,mixup,seed";
  const page = await open(t, `${SMALL}${view}`);
  await training(page).waitFor();
  for (const name of ["Data", "Does it help?", "Look inside"]) {
    await counted(page.getByRole("region", { name, exact: true }), 0, name);
  }
  assert.equal(await page.getByLabel("Epochs", { exact: true }).isDisabled(), true);
  assert.equal(await page.getByLabel("Seed", { exact: true }).isDisabled(), true);
  assert.equal(await technique(page, "Mixup").isDisabled(), true);
  assert.equal(await technique(page, "Label smoothing").isDisabled(), false);
  assert.equal(await controls(page).newSeed.getAttribute("aria-disabled"), "true");
  // What is not locked can be changed, and the view stays in the address.
  await technique(page, "Label smoothing").click();
  await page.waitForFunction(() => location.hash.includes("ls=0.1"));
  assert.ok(link(page).endsWith(view), link(page));
  await controls(page).train.click();
  await runSays(page, "Finished");
  // A reload is no way out by accident.
  await page.reload();
  await training(page).waitFor();
  await counted(page.getByRole("region", { name: "Data", exact: true }), 0);
  await page.getByRole("link", { name: "Show the whole page" }).click();
  await sampleIsReady(page);
  assert.ok(!link(page).includes("hide="), link(page));
  assert.ok(link(page).includes("ls=0.1"), link(page));
  assert.equal(await page.getByLabel("Epochs", { exact: true }).isDisabled(), false);
});

test("a word that names nothing is told and hides nothing", async (t) => {
  const page = await open(t, `${SMALL}&hide=garden`);
  await sampleIsReady(page);
  await page.getByRole("region", { name: "About the link" }).getByText("`garden` is not a panel or a key").waitFor();
});

const FRAMES = {
  "with storage": {},
  // Another host's page: the browser gives the frame a storage of its own, or none.
  "of another host, with partitioned storage": { host: "localhost" },
  "that may store nothing": { denied: true },
  "sandboxed without its origin": { sandbox: "allow-scripts allow-popups" },
};
for (const [name, frameOf] of Object.entries(FRAMES)) {
  test(`an embedded page ${name} trains, or says to open it in a new tab`, async (t) => {
    const frame = await embedded(t, `${SMALL}&embed=1`, frameOf);
    if (frameOf.sandbox) {
      await frame.getByRole("link", { name: "Open the page in a new tab" }).waitFor();
      return;
    }
    await frame.getByRole("button", { name: "Train", exact: true }).click();
    await frame.getByText("Finished", { exact: true }).waitFor();
    if (frameOf.denied) await frame.getByText(/Runs cannot be stored/).first().waitFor();
    await counted(frame.getByRole("button", { name: "Copy link" }), 0);
    await frame.getByRole("link", { name: "Open in a new tab" }).waitFor();
    // The page around it learns how high it is.
    await frame.owner().page().waitForFunction(() => Number(document.title) > 300);
  });
}

/** A page of somebody else's with the playground in a frame. */
async function embedded(t, link, { sandbox = null, host: outer = null, denied = false }) {
  const src = address(site(), link);
  const host = `<!doctype html><title>0</title>
    <script>
      addEventListener("message", ({ data }) => {
        const height = data?.["imagenette-playground"]?.height;
        if (height) document.title = String(height);
      });
    </script>
    <iframe title="playground" width="900" height="900" src="${src.replaceAll("&", "&amp;")}"
      ${sandbox ? `sandbox="${sandbox}"` : ""}></iframe>`;
  const page = await open(t, "", {
    // Another host's page has to be a real one: a browser lets no other reach this machine.
    at: outer ? `${site().url.replace("127.0.0.1", outer)}licenses.html` : `${site().url}host.html`,
    strict: false,
    prepare: async (page) => {
      if (denied) await page.addInitScript(denyStorage);
      await page.route("**/host.html", (route) => route.fulfill({ contentType: "text/html", body: host }));
    },
  });
  if (outer) await page.setContent(host);
  return page.frameLocator("iframe");
}

/** Runs in the frame before its program, as in a browser that blocks the storage of others' frames. */
function denyStorage() {
  const refuse = () => {
    throw new DOMException("denied", "SecurityError");
  };
  for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
    Object.defineProperty(globalThis, name, { get: refuse, configurable: true });
  }
  StorageManager.prototype.getDirectory = async () => refuse();
}
