// A tab that is hidden goes on training.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "../../web/scripts/serve.mjs";
import { address, SITE } from "./lib/playground.mjs";
import { tabs } from "./lib/tabs.mjs";

let site;
before(async () => {
  site = await serve({ root: SITE, base: "/", data: null });
});
after(() => site?.close());

const RUNS = [
  { engine: "cpu", link: "v=1&valid=10&size=16&bs=16&epochs=4" },
  { engine: "webgpu", link: "v=1&subset=16&valid=10&size=16&bs=16&epochs=2" },
];
const STATUS = 'document.getElementById("run-status")?.textContent ?? ""';

for (const { engine, link } of RUNS) {
  test(`${engine}: a hidden tab trains to the end`, async (t) => {
    const browser = await tabs(t);
    const times = {};
    for (const state of ["visible", "hidden"]) {
      const page = await browser.open(address(site, `${link}&engine=${engine}`));
      await page.shows('document.body?.innerText.includes("training and 500 validation images")');
      const cover = state === "hidden" ? await browser.open("about:blank") : null;
      await page.shows(`document.visibilityState === "${state}"`);
      const begun = performance.now();
      await page.says('[...document.querySelectorAll("button")].find((it) => it.textContent.endsWith("Train")).click()');
      await page.shows(`(${STATUS}).includes("Training")`);
      await page.shows(`(${STATUS}).includes("Finished")`);
      assert.equal(await page.says("document.visibilityState"), state);
      times[state] = performance.now() - begun;
      await cover?.close();
      await page.close();
    }
    t.diagnostic(`in sight ${Math.round(times.visible)} ms, hidden ${Math.round(times.hidden)} ms`);
    // A page's timers run once a second at most while it is hidden, and later once a minute.
    assert.ok(times.hidden < times.visible * 3 + 2000, `hidden ${times.hidden} ms, in sight ${times.visible} ms`);
  });
}
