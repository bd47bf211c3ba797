// `make bench`: our engines beside TensorFlow.js in one headless Chromium, and the CPU
// engine natively. Prints one Markdown table each. See docs/performance.md.
//
//   node tests/bench/run.mjs ENGINE_FOLDER NATIVE_BINARY
//
// CASES=res3-w8,resnet9 measures some; ROUNDS=9 more often; MINUTES=1 gives each case that
// long beyond its first steps; LIMIT=60 ends an engine whose step takes longer, in seconds.

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { serve } from "../../web/scripts/serve.mjs";
import { FLAGS } from "../e2e/lib/browser.mjs";
import { median, table } from "./report.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const [engineFolder, nativeBinary] = process.argv.slice(2);
const CASES = (process.env.CASES || "res3-w8,res3-w16,resnet9").split(",");
const ROUNDS = Number(process.env.ROUNDS || 7);
const MINUTES = Number(process.env.MINUTES || 1);
const LIMIT = Number(process.env.LIMIT || 60) * 1000;
/** How long one engine trains before the next has its turn, if its steps are short. */
const TURN = 1000;
/** Losses are read together after at most this many steps, as in the product. */
const TOGETHER = 4;

const ENGINES = [
  { library: "ours", engine: "cpu" },
  { library: "TensorFlow.js", engine: "cpu" },
  { library: "ours", engine: "webgpu" },
  { library: "TensorFlow.js", engine: "webgpu" },
];

/** Seconds of processor time that all of Chromium's processes have used so far. */
let processorTime;

const folder = await mkdtemp(path.join(os.tmpdir(), "bench-"));
const site = await assemble(folder);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: FLAGS,
});
try {
  const page = await browser.newPage();
  const system = await browser.newBrowserCDPSession();
  processorTime = async () => {
    const { processInfo } = await system.send("SystemInfo.getProcessInfo");
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  page.on("pageerror", (error) => console.error(`page: ${error}`));
  await page.goto(`${site.url}page.html`);
  await page.waitForFunction(() => window.bench);
  const adapter = await page.evaluate(() => window.bench.adapter());
  console.log(`Browser: Chromium ${browser.version()}; WebGPU adapter: ${adapter ?? "none"}`);
  console.log(`Machine: ${os.cpus()[0].model}, ${os.cpus().length} logical CPUs, load ${load()} at the start\n`);
  const engines = ENGINES.filter(({ engine }) => adapter || engine === "cpu");
  const rows = [];
  for (const name of CASES) rows.push(...(await measure(page, name, engines)));
  console.log(table(rows));
  console.log(`\nLoad at the end of the browser's part: ${load()}\n`);
} finally {
  await browser.close();
  await site.close();
  await rm(folder, { recursive: true });
}
console.log(table(await native()));
console.log(`\nLoad at the end: ${load()}`);

/** Everything that the browser loads, in one folder, served. */
async function assemble(root) {
  const ours = ["page.html", "tally.js", "ours.mjs", "tfjs.js"];
  const theirs = ["tfjs/dist/tf.min.js", "tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js"];
  for (const name of ours) await cp(path.join(HERE, name), path.join(root, name));
  for (const name of theirs) {
    await cp(path.join(HERE, "node_modules/@tensorflow", name), path.join(root, path.basename(name)));
  }
  await cp(engineFolder, path.join(root, "engine"), { recursive: true });
  return serve({ root });
}

/** First steps one by one, then rounds in which every engine has its turn. */
async function measure(page, name, engines) {
  const rows = [];
  for (const { library, engine } of engines) {
    const row = { name, library, engine, key: `${name} ${library} ${engine}`, times: [], cpus: [], losses: [] };
    rows.push(row);
    say(`${row.key}: first step`);
    const request = [row.key, library, { case: name, engine }, LIMIT];
    const opened = await page.evaluate((args) => window.bench.open(...args), request);
    if (opened.type !== "opened") {
      stop(row, opened);
      continue;
    }
    row.batch = opened.batch ?? rows[0].batch;
    const first = await train(page, row, 1);
    if (first) row.first = first.ms;
  }
  const until = Date.now() + MINUTES * 60_000;
  for (let round = 0; round < ROUNDS && (round === 0 || Date.now() < until); round += 1) {
    for (const row of rows.filter(({ stopped }) => !stopped)) {
      const expected = row.times.length ? median(row.times) : Infinity;
      if (round > 0 && Date.now() + expected > until + LIMIT / 2) continue;
      say(`${row.key}: round ${round + 1} of ${ROUNDS}`);
      await turn(page, row, expected);
    }
  }
  for (const row of rows.filter(({ cpus }) => cpus.length)) row.cpu = median(row.cpus);
  for (const row of rows) await page.evaluate((key) => window.bench.end(key), row.key);
  return rows;
}

/** About a second of steps, or one step. */
async function turn(page, row, expected) {
  const total = Math.max(1, Math.round(TURN / expected));
  const [used, before] = [await processorTime(), row.times.length];
  for (let done = 0; done < total; done += TOGETHER) {
    const count = Math.min(TOGETHER, total - done);
    const answer = await train(page, row, count);
    if (!answer) return;
    row.times.push(...Array(count).fill(answer.ms / count));
    row.dispatches = answer.dispatches / count;
    row.submits = answer.submits / count;
  }
  // Only this engine works now, so that what Chromium uses is what its steps cost.
  const cpu = (((await processorTime()) - used) * 1000) / (row.times.length - before);
  row.cpus.push(cpu);
}

async function train(page, row, count) {
  const before = row.tally;
  const request = [row.key, count, LIMIT * count];
  const answer = await page.evaluate((args) => window.bench.steps(...args), request);
  if (answer.type !== "stepped") {
    stop(row, answer);
    return null;
  }
  row.losses.push(...answer.losses);
  row.tally = answer.tally;
  const dispatches = answer.tally.dispatches - (before?.dispatches ?? 0);
  const submits = answer.tally.submits - (before?.submits ?? 0);
  return { ...answer, dispatches, submits };
}

function stop(row, answer) {
  row.stopped = answer.type === "late" ? `over ${LIMIT / 1000} s` : "failed";
  if (answer.why) console.error(`${row.key}: ${answer.why}`);
}

async function native() {
  say("natively");
  const { stdout } = await promisify(execFile)(nativeBinary, CASES);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ case: name, ...rest }) => ({ name, library: "ours", engine: "cpu, native", ...rest }));
}

function load() {
  return os.loadavg()[0].toFixed(1);
}

function say(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else console.error(text);
}
