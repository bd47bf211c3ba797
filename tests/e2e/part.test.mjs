// A site that offers a first part of its archive: a run on it says so, the whole comes beside it, and
// the part is cut the same way each time.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { cut } from "../../web/scripts/part.mjs";
import { controls, link, runSays, SMALL, training } from "./lib/page.mjs";
import { archive } from "./lib/pictures.mjs";
import { PATIENCE, playground } from "./lib/playground.mjs";
import { beforeWorker } from "./lib/worker.mjs";

const folder = await mkdtemp(path.join(tmpdir(), "playground-part-"));
after(() => rm(folder, { recursive: true }));
const whole = path.join(folder, "made.tgz");
const NOISE = "path,noisy_labels_0,noisy_labels_1,noisy_labels_5,noisy_labels_25,noisy_labels_50,is_valid\n";
const row = (n) => `train/red/${n}.png,red,red,red,blue,blue,False\n`;
const table = NOISE + Array.from({ length: 30 }, (_, n) => row(n)).join("");
await writeFile(whole, archive({ train: 30, valid: 24, others: [["made/noisy_imagenette.csv", Buffer.from(table)]] }));
const PART = { train: 12, val: 10 };

const { open, site } = playground({ data: whole, part: PART });

const data = (page) => page.getByRole("region", { name: "Data", exact: true });
const onPart = (page) => data(page).getByRole("button", { name: /^Train on the first 44 photographs/ });

/** The paths and the text of the files in a .tar. */
function* entries(tar) {
  for (let at = 0; tar[at] !== 0; ) {
    const size = parseInt(tar.toString("latin1", at + 124, at + 135), 8);
    yield [tar.toString("utf8", at, at + 100).split("\0")[0], tar.subarray(at + 512, at + 512 + size)];
    at += 512 + 512 * Math.ceil(size / 512);
  }
}

test("a part is cut the same way each time, its classes alternate, and its noise table fits", async () => {
  const bytes = await readFile(whole);
  const part = cut(bytes, PART);
  assert.ok(part.bytes.equals(cut(gunzipSync(bytes), PART).bytes), "packed or not");
  assert.equal(part.images, 44);
  const [[table, rows], ...pictures] = entries(gunzipSync(part.bytes));
  assert.equal(table, "made/noisy_imagenette.csv");
  const red = pictures.map(([name]) => name).filter((name) => name.startsWith("made/train/red/"));
  assert.equal(rows.toString(), NOISE + Array.from({ length: 30 }, (_, n) => n).filter((n) => red.includes(`made/train/red/${n}.png`)).map(row).join(""));
  const originals = new Map(entries(gunzipSync(bytes)));
  for (const [name, content] of pictures) assert.ok(content.equals(originals.get(name)), name);
  for (const beginning of [4, 11, 24]) {
    const counts = ["train/red", "train/blue", "val/red", "val/blue"].map(
      (kind) => pictures.slice(0, beginning).filter(([name]) => name.includes(kind)).length,
    );
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, `${beginning}: ${counts}`);
  }
  assert.equal(cut(bytes, { train: 30, val: 24 }), null, "a part as large as the whole is none");
  assert.throws(() => cut(Buffer.from("no archive ".repeat(100)), PART), /no whole .tar/);
});

test("the site tells of the part beside the archive", async () => {
  const { bytes, part } = await (await fetch(`${site().url}data/served.json`)).json();
  assert.equal(bytes, (await readFile(whole)).length);
  assert.deepEqual([part.name, part.images], ["made-first.tgz", 44]);
  const answer = await fetch(new URL(part.url, site().url));
  assert.equal((await answer.arrayBuffer()).byteLength, part.bytes);
});

test("one click trains on the part, which link and record name, and the whole follows", async (t) => {
  const page = await open(t, `${SMALL.replace("epochs=1", "epochs=60")}&data=imagenette`);
  await onPart(page).click();
  await controls(page).pause.click();
  await runSays(page, /^Paused/);
  await data(page).getByText("24 training and 20 validation images").waitFor();
  const address = new URL((await served()).part.url, site().url).href;
  assert.match(link(page), new RegExp(`data=${address.replaceAll(".", "\\.")}`));

  await data(page).getByRole("button", { name: /^Meanwhile, download all photographs/ }).click();
  await data(page).getByText("All photographs are here.").waitFor();
  const train = data(page).getByRole("button", { name: "Train on all photographs" });
  assert.equal(await train.isDisabled(), true, "a run keeps its images");
  await training(page).getByText("24 training images").waitFor();
  await controls(page).goOn.click();
  await runSays(page, "Finished");
  const ofPart = await record(page, 1);
  assert.match(ofPart.link, /made-first\.tgz/);
  assert.equal(ofPart.dataset.name, "made-first");

  await page.getByLabel("Epochs", { exact: true }).fill("1");
  await page.getByLabel("Epochs", { exact: true }).press("Tab");
  await train.click();
  await data(page).getByText("60 training and 48 validation images").waitFor();
  await runSays(page, "Finished");
  assert.match(link(page), /data=imagenette/);
  const ofWhole = await record(page, 2);
  assert.notEqual(ofWhole.dataset.hash, ofPart.dataset.hash);
  await train.waitFor({ state: "detached" });
});

test("a link to the part loads it again at a click on Train", async (t) => {
  const address = new URL((await served()).part.url, site().url).href;
  const page = await open(t, `${SMALL}&data=${address}`);
  await onPart(page).waitFor();
  assert.equal(await data(page).getByRole("button", { name: /^Ask / }).count(), 0);
  await controls(page).train.click();
  await runSays(page, "Finished");
  await data(page).getByText("24 training and 20 validation images").waitFor();
});

test("the whole can be cancelled on its way, and a failure is told", async (t) => {
  let answer;
  const page = await open(t, `${SMALL.replace("epochs=1", "epochs=60")}&data=imagenette`, {
    prepare: (page) => page.route("**/made.tgz", async (route) => answer?.(route)),
  });
  await onPart(page).click();
  await controls(page).pause.click();
  const fetch = data(page).getByRole("button", { name: /^Meanwhile, download all photographs/ });
  await fetch.click();
  await data(page).getByText(/^All photographs are on their way/).waitFor();
  await data(page).getByRole("button", { name: "Cancel" }).click();
  answer = (route) => route.fulfill({ status: 503 });
  await fetch.click();
  await page.getByText(/The host answered 503/).first().waitFor();
  await fetch.waitFor();
});

test("shaders compiled on made-up images while the part arrives change no result", async (t) => {
  const small = `${SMALL.replace("engine=cpu", "engine=webgpu")}&data=imagenette`;
  const losses = [];
  const submissions = [];
  for (const warm of [true, false]) {
    const page = await open(t, warm ? small : small.replace("engine=webgpu", "engine=cpu"), {
      prepare: (page) => beforeWorker(page, () => COUNT),
    });
    const submitted = async () => {
      const counts = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.submissions ?? 0).catch(() => 0)));
      return Math.max(...counts);
    };
    await data(page).getByRole("button", { name: /^Load made.tgz from this site/ }).click();
    await data(page).getByText("60 training and 48 validation images").waitFor();
    const end = Date.now() + PATIENCE;
    while (warm && (await submitted()) === 0 && Date.now() < end);
    submissions.push(await submitted());
    if (!warm) await page.evaluate((link) => (location.hash = link), small);
    await controls(page).train.click();
    await runSays(page, "Finished");
    losses.push((await record(page, 1)).epochs);
  }
  assert.ok(submissions[0] > 0, "shaders were compiled before the run");
  assert.equal(submissions[1], 0, "nothing is compiled for the CPU");
  const numbers = (epochs) => epochs.map(({ seconds, ...others }) => others);
  assert.deepEqual(numbers(losses[0]), numbers(losses[1]));
});

/** Runs in the worker before its program: counts what goes to the GPU. */
const COUNT = `
  self.submissions = 0;
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (...buffers) {
    self.submissions += 1;
    return submit.apply(this, buffers);
  }`;

async function served() {
  return (await fetch(`${site().url}data/served.json`)).json();
}

/** The record of a run, as the page downloads it. */
async function record(page, number) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: new RegExp(`^JSON (?!with).*run ${number}$`) }).click(),
  ]);
  return JSON.parse(await readFile(await download.path(), "utf8"));
}
