// Puts faults back that the program once had, or might have, one at a time, and checks that a test
// fails for each.
//
//   node tests/planted/run.mjs [--only PART-OF-A-NAME]
//
// Works on a copy of what is committed, in a temporary folder, with CARGO_TARGET_DIR if that is set.
// docs/fuzzing.md lists the faults. A fault that changes nothing any more, because its line was
// rewritten, fails an ordinary test: `planted` in tests/native.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const ROOT = path.join(import.meta.dirname, "../..");
const { values: options } = parseArgs({ options: { only: { type: "string", default: "" } } });
const faults = JSON.parse(readFileSync(path.join(import.meta.dirname, "faults.json"), "utf8"));
const chosen = faults.filter(({ fault }) => fault.includes(options.only));

const copy = mkdtempSync(path.join(os.tmpdir(), "planted-"));
execFileSync("git", ["clone", "--quiet", "--shared", ROOT, copy]);
const env = { CARGO_TARGET_DIR: path.join(copy, "target"), ...process.env };
let missed = 0;
for (const { fault, file, find, put, test, filter } of chosen) {
  const place = path.join(copy, file);
  const right = readFileSync(place, "utf8");
  writeFileSync(place, right.replace(find, () => put));
  const target = test === "lib" ? ["--lib"] : ["--test", test];
  const started = Date.now();
  const cargo = (...last) => spawnSync("cargo", ["test", "--locked", ...target, ...last], { cwd: copy, env, encoding: "utf8" });
  // The program has to compile, or the fault would be found by no test.
  const built = cargo("--no-run");
  const { status, stdout } = built.status === 0 ? cargo(filter) : built;
  writeFileSync(place, right);
  const failed = [...(stdout ?? "").matchAll(/^test (\S+) \.\.\. FAILED$/gm)].map((it) => it[1]);
  const verdict = built.status !== 0 ? "does not compile" : status === 0 || failed.length === 0 ? "NOT FOUND" : "found";
  if (verdict !== "found") missed += 1;
  console.log(`${verdict} in ${Math.round((Date.now() - started) / 1000)} s: ${fault}${failed.length ? ` (${failed.slice(0, 3).join(", ")})` : ""}`);
  if (built.status !== 0) console.log(built.stderr.split("\n").filter((line) => line.startsWith("error")).join("\n"));
}
rmSync(copy, { recursive: true, force: true });
console.log(`${chosen.length - missed} of ${chosen.length} faults were found by a test`);
process.exitCode = missed === 0 ? 0 : 1;
