// What other programs read of the site: the web app manifest, and what link previews show.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { SMALL } from "./lib/page.mjs";
import { playground, SITE } from "./lib/playground.mjs";

const { open } = playground();

/** Width and height from the header of a PNG. */
async function sides(name) {
  const bytes = await readFile(path.join(SITE, name));
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test("the browser reads the manifest, and every icon has the size that it states", async (t) => {
  const page = await open(t, SMALL);
  const session = await page.context().newCDPSession(page);
  const { errors, data } = await session.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  assert.equal(manifest.start_url, ".");
  assert.equal(manifest.display, "standalone");
  assert.ok(manifest.icons.some(({ purpose }) => purpose === "maskable"));
  for (const { src, sizes } of manifest.icons) assert.equal((await sides(src)).join("x"), sizes, src);
});

test("link previews have a title, a description and a picture, which is not stored for offline use", async () => {
  const page = await readFile(path.join(SITE, "index.html"), "utf8");
  for (const property of ["og:title", "og:description", "og:image:alt"]) assert.ok(page.includes(property), property);
  assert.match(page, /<meta [^>]*content="?social\.png"?[\s>]/);
  assert.deepEqual(await sides("social.png"), [1200, 630]);
  assert.doesNotMatch(await readFile(path.join(SITE, "sw.js"), "utf8"), /social\.png/);
});
