// Checks the built site against its size budget, compressed with brotli as most hosts do.
//
//   node .ci/size.mjs dist

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const KIB = 1024;
// What the browser downloads before the page appears, and before it can train.
const BUDGETS = [
  { name: "page wasm", pattern: /^page-.*\.wasm$/, limit: 450 * KIB },
  { name: "worker wasm", pattern: /^worker-.*\/.*\.wasm$/, limit: 2930 * KIB },
];

const root = process.argv[2];
const files = readdirSync(root, { recursive: true }).map((name) => name.split(path.sep).join("/"));
let over = false;
for (const { name, pattern, limit } of BUDGETS) {
  const found = files.filter((file) => pattern.test(file));
  if (found.length !== 1) throw new Error(`${root}: one ${name} expected, found ${found.length}`);
  const bytes = readFileSync(path.join(root, found[0]));
  const small = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;
  const verdict = small <= limit ? "within" : "OVER";
  console.log(`${name}: ${kib(bytes.length)}, ${kib(small)} with brotli: ${verdict} ${kib(limit)}`);
  over ||= small > limit;
}
if (over) {
  console.error("size: over budget; make the code smaller, or raise the limit in .ci/size.mjs with a reason");
  process.exitCode = 1;
}

function kib(bytes) {
  return `${Math.round(bytes / KIB)} KiB`;
}
