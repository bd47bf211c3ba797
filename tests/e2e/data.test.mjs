// Data sets: what is missing is said, what is bad is refused, what was there stays.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { controls, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { openArchive } from "./lib/pictures.mjs";
import { playground } from "./lib/playground.mjs";

const FOLDER = process.env.IMAGENETTE_DIR || fileURLToPath(new URL("../../../shared/data", import.meta.url));
const MINI = path.join(FOLDER, "imagenette2-160-mini.tgz");
const HAS_MINI = existsSync(MINI);
if (!HAS_MINI) console.log(`SKIPPED: ${MINI} is not there (set IMAGENETTE_DIR); the real data are not tested`);

const { open } = playground({ data: HAS_MINI ? MINI : null });

test("a file that is no archive is refused and the data set stays", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await page.getByLabel("Open an archive (.tgz, .tar)").setInputFiles({
    name: "holiday.tgz",
    mimeType: "application/gzip",
    buffer: Buffer.from("This is not an archive. ".repeat(100)),
  });
  await page.getByText("holiday.tgz").first().waitFor();
  await page.getByText("The previous data set is still loaded").waitFor();
  await controls(page).train.click();
  await runSays(page, "Finished");
});

test("a link without its data says what is missing and substitutes nothing", async (t) => {
  const page = await open(t, `${SMALL}&data=imagenette&run=1`);
  const missing = page.getByRole("region", { name: "Missing data" });
  await missing.waitFor();
  await missing.getByRole("button", { name: "Run on the built-in sample instead (synthetic)" }).click();
  await runSays(page, "Finished");
});

test("an address is asked only after a click that names its host", async (t) => {
  const asked = [];
  const page = await open(t, `${SMALL}&data=https://example.org/pictures.tgz`, {
    prepare: (page) =>
      page.route("https://example.org/**", (route) => {
        asked.push(route.request().method());
        return route.abort();
      }),
  });
  const ask = page.getByRole("button", { name: "Ask example.org for the size" });
  await ask.waitFor();
  assert.deepEqual(asked, [], "nothing may be asked for without a click");
  await ask.click();
  await page.getByRole("alert").first().waitFor();
  assert.ok(asked.length > 0);
});

test("the archive that the site serves loads and trains", { skip: !HAS_MINI && "no data" }, async (t) => {
  const page = await open(t, `${SMALL}&data=imagenette`);
  await page.getByRole("button", { name: /^Load imagenette2-160-mini\.tgz from this site/ }).click();
  await page.getByText("tench").first().waitFor();
  await controls(page).train.click();
  await runSays(page, "Finished");
});

test("the images of an archive are there again after a reload, until they are forgotten", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  const data = await openArchive(page);
  await data.getByText(/^This browser stores .* of its images/).waitFor();

  await page.reload();
  await data.getByText("48 training and 20 validation images").waitFor();
  await controls(page).train.click();
  await runSays(page, "Finished");

  await data.getByRole("button", { name: "Delete them" }).click();
  await data.getByText(/^This browser stores/).waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("region", { name: "Missing data" }).waitFor();
  await controls(page).train.waitFor();
});
