// Searches settings in which a technique visibly helps or hurts, and repeats the lessons' cards.
//
//   node tests/lessons/search.mjs --train PATH --out DIR [--phase search|repeat] [--jobs 16]
//     [--minutes 30] [--lesson 9]
//
// search   every candidate of candidates.mjs, five seeds an arm, on other draws of the data
//          than those of the cards
// repeat   the experiment of every card in web/lessons whose check is an effect: once with
//          five fresh seeds, and ten times with fresh seeds, as many as the card has
//
// Each sweep is one process of `train` on one core, and leaves its records in a folder of its own. The
// same command goes on where it was interrupted or ran out of time. DIR/search.json and
// DIR/repeat.json hold what has ended so far, the clearest effects first; the .tsv files beside them
// hold a line for each difference, as found.tsv and repeats.tsv here do.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { CANDIDATES } from "./candidates.mjs";

/** Draws of the data and seeds of the search: no card uses them. */
const SEARCH = { dseed: 1001, seeds: "1001..1005" };
/** First seed of the one confirmation, and of the ten repeats. */
const CONFIRM_FROM = 3001;
const REPEAT_FROM = 2001;
const CONFIRM_SEEDS = 5;
const REPEATS = 10;
const LESSONS = path.join(import.meta.dirname, "../../web/lessons");

const { values: options } = parseArgs({
  options: {
    train: { type: "string" },
    out: { type: "string" },
    phase: { type: "string", default: "search" },
    jobs: { type: "string", default: String(os.availableParallelism()) },
    minutes: { type: "string", default: "30" },
    lesson: { type: "string" },
  },
});
if (!options.train || !options.out || !["search", "repeat"].includes(options.phase)) {
  console.error("usage: node tests/lessons/search.mjs --train PATH --out DIR [--phase search|repeat] [--jobs N] [--minutes N] [--lesson N]");
  process.exit(2);
}
const train = path.resolve(options.train);
const version = execFileSync(train, ["--version"], { encoding: "utf8" }).trim();
const deadline = Date.now() + 60_000 * Number(options.minutes);
const wanted = (job) => !options.lesson || String(job.lesson) === options.lesson;
const jobs = (options.phase === "search" ? searched() : repeated()).filter(wanted);

const running = new Set();
/** The summaries of the sweeps that have ended, by link. */
const summaries = new Map();
let next = 0;
jobs.forEach(collect);
const stop = () => running.forEach((child) => child.kill("SIGTERM"));
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
const timer = setTimeout(stop, Math.max(0, deadline - Date.now()));
await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, work));
clearTimeout(timer);
const done = report();
console.log(`${done} of ${jobs.length} sweeps have ended: ${target()}`);
process.exitCode = done === jobs.length ? 0 : 1;

function searched() {
  return CANDIDATES.map((it) => ({
    ...it,
    kind: "search",
    link: `${it.link}&dseed=${SEARCH.dseed}&engine=cpu&sweep=${it.sweep};seed:${SEARCH.seeds}`,
  }));
}

function repeated() {
  const files = readdirSync(LESSONS).filter((name) => /^\d.*\.json$/.test(name));
  const lessons = files.map((name) => JSON.parse(readFileSync(path.join(LESSONS, name), "utf8")));
  return lessons
    .filter((it) => it.predict.kind === "effect")
    .flatMap((it) => {
      const [head, seeds] = it.try.link.split(";seed:");
      const common = {
        lesson: it.number,
        measure: it.predict.measure,
        claim: it.check.expected,
        card: it.try.link,
      };
      const count = countOf(seeds);
      const link = (first, seeds) => `${head};seed:${first}..${first + seeds - 1}`;
      const repeats = Array.from({ length: REPEATS }, (_, index) => ({
        ...common,
        kind: "repeat",
        link: link(REPEAT_FROM + 20 * index, count),
      }));
      return [{ ...common, kind: "confirm", link: link(CONFIRM_FROM, CONFIRM_SEEDS) }, ...repeats];
    });
}

function countOf(seeds) {
  return seeds.split("|").reduce((count, part) => {
    const [first, last] = part.split("..").map(Number);
    return count + (last === undefined ? 1 : last - first + 1);
  }, 0);
}

async function work() {
  while (next < jobs.length && Date.now() < deadline) {
    const job = jobs[next];
    next += 1;
    if (!collect(job)) await run(job);
    if (collect(job)) report();
  }
}

function run(job) {
  const env = { ...process.env, RAYON_NUM_THREADS: "1" };
  const child = spawn(train, [job.link, "--out", folder(job), "--quiet"], { env, stdio: ["ignore", "ignore", "pipe"] });
  running.add(child);
  const complaints = [];
  child.stderr.on("data", (text) => complaints.push(text));
  return new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`${job.link}: ${error.message}`);
      resolve();
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      if (code !== 0 && signal === null && Date.now() < deadline) {
        console.error(`${job.link}: ended with ${code}\n${Buffer.concat(complaints)}`);
      }
      resolve();
    });
  });
}

/** The folder of a sweep, by its link. */
function folder(job) {
  const name = createHash("sha256").update(job.link).digest("hex").slice(0, 12);
  return path.join(options.out, `lesson-${job.lesson}-${name}`);
}

/** Reads what `train` summed up; true if all runs of the sweep have ended. */
function collect(job) {
  const file = path.join(folder(job), "summary.json");
  if (!existsSync(file)) return false;
  const summary = JSON.parse(readFileSync(file, "utf8"));
  if (summary.finished !== summary.runs) return false;
  summaries.set(job.link, summary);
  return true;
}

function target() {
  return path.join(options.out, `${options.phase}.json`);
}

/** Writes what has ended so far, and returns how many sweeps that is. */
function report() {
  const rows = jobs.flatMap((job) => {
    const summary = summaries.get(job.link);
    return summary ? [row(job, summary)] : [];
  });
  const clarity = (row) => Math.max(...row.effects.map((it) => it.p ?? 1));
  rows.sort((a, b) => a.lesson - b.lesson || clarity(a) - clarity(b) || (a.link < b.link ? -1 : 1));
  mkdirSync(options.out, { recursive: true });
  const text = JSON.stringify({ phase: options.phase, program: version, tried: jobs.length, ended: rows.length, rows }, null, 1);
  writeFileSync(`${target()}.part`, `${text}\n`);
  renameSync(`${target()}.part`, target());
  writeFileSync(target().replace(/json$/, "tsv"), table(rows));
  return rows.length;
}

/** A line for each measure of each difference. */
function table(rows) {
  const head = ["lesson", "link", "measure", "contrast", "delta", "low", "high", "p", "verdict"];
  const lines = rows.flatMap((row) =>
    row.effects.flatMap(({ name, others, ...own }) =>
      Object.entries({ [row.measure]: own, ...others }).map(([measure, { delta, interval, p, verdict }]) => {
        const figures = [delta, interval?.low, interval?.high].map((it) => it?.toFixed(4) ?? "");
        return [row.lesson, row.link, measure, name, ...figures, p == null ? "" : Number(p.toPrecision(2)), verdict];
      }),
    ),
  );
  return `${[head, ...lines].map((line) => line.join("\t")).join("\n")}\n`;
}

function row(job, summary) {
  const figures = ({ delta, interval, p, p_adjusted, verdict }) => ({ delta, interval, p, p_adjusted, verdict });
  const effects = summary.contrasts.map((contrast) => ({
    name: contrast.name,
    ...figures(job.measure === "accuracy" ? contrast : contrast.measures.find((it) => it.measure === job.measure).told),
    // The other figures, for the lessons that share these runs.
    others: Object.fromEntries(
      [["accuracy", contrast], ...contrast.measures.map((it) => [it.measure, it.told])]
        .filter(([measure]) => measure !== job.measure)
        .map(([measure, told]) => [measure, figures(told)]),
    ),
  }));
  return {
    lesson: job.lesson,
    kind: job.kind,
    ...(job.card ? { card: job.card } : {}),
    link: summary.link,
    measure: job.measure,
    claim: job.claim,
    seconds: summary.seconds,
    builds: summary.builds,
    arms: summary.arms.map(({ name, mean, sd, nll, ece }) => ({ name, mean, sd, nll, ece })),
    effects,
  };
}
