// Checks the built site against its size budget, compressed with brotli as most hosts do.
//
//   node web/scripts/size.mjs dist

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const KIB = 1024;
// The page's limit was 450 KiB until the first screen gained the baseline's curve, the next thing to
// try, folds that remember, phases in fields, and the links of a class: 8 KiB together. The classroom,
// loaded when it is opened, took the recorded results and all of the lessons out of the page. Its limit
// was 220 KiB until it gained the check of a laptop, QR codes, what fits into the time, predictions, lists
// of lessons and the clearing of a browser: 24 KiB together.
//
// The first screen was 495 KiB until the frame of the lessons and the reasons why a hand-in does not count
// joined the texts that come with the entry page, and boot.js spoke German. The page was 460 KiB and the
// first screen 500 until the page offered a first part of an archive and fetched the whole beside it.
//
// What the browser downloads before the page appears, shows a lesson, and can train. The entry page
// contains the texts; the last line sums up all that is needed to show the page.
// The worker was 2,946 KiB with the flags of wasm-opt that post-build.mjs had before.
// Its limit was 2,760 until it gained its own messages, which the page had for it, and the compiling of
// shaders ahead of a run: 20 KiB together.
const BUDGETS = [
  { name: "page wasm", pattern: /^page-.*\.wasm$/, limit: 462 * KIB },
  { name: "classroom wasm", pattern: /^classroom-.*\/.*\.wasm$/, limit: 245 * KIB },
  { name: "worker wasm", pattern: /^worker-.*\/.*\.wasm$/, limit: 2775 * KIB },
  { name: "entry page", pattern: /^index\.html$/, limit: 30 * KIB },
  { name: "first screen", pattern: /^(index\.html|page-.*|boot-.*\.js|[^/]*\.css)$/, several: true, limit: 503 * KIB },
];

const root = process.argv[2];
const files = readdirSync(root, { recursive: true }).map((name) => name.split(path.sep).join("/"));
let over = false;
for (const { name, pattern, several = false, limit } of BUDGETS) {
  const found = files.filter((file) => pattern.test(file));
  if (several ? found.length < 2 : found.length !== 1) {
    throw new Error(`${root}: ${several ? "several files" : "one file"} expected as ${name}, found ${found.length}`);
  }
  const contents = found.map((file) => readFileSync(path.join(root, file)));
  const bytes = sum(contents.map(({ length }) => length));
  const small = sum(contents.map(compressed));
  const verdict = small <= limit ? "within" : "OVER";
  console.log(`${name}: ${kib(bytes)}, ${kib(small)} with brotli: ${verdict} ${kib(limit)}`);
  over ||= small > limit;
}
if (over) {
  console.error("size: over budget; make the code smaller, or raise the limit in web/scripts/size.mjs with a reason");
  process.exitCode = 1;
}

/** Its size in bytes after brotli. */
function compressed(bytes) {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

function kib(bytes) {
  return `${Math.round(bytes / KIB)} KiB`;
}
