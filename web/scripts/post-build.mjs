// Trunk's post-build hook: completes the staged site.
//
// 1. Shrinks the worker's wasm with wasm-opt if PLAYGROUND_OPTIMIZE=1. This takes minutes;
//    the result is cached by content.
// 2. Replaces Trunk's worker loader with our own.
// 3. Moves the files of the worker and of the classroom to folders named by content, because Trunk
//    does not hash their names.
// 4. Adds the page's first script without its comments, the web app manifest and its icons, named by content.
// 5. Adds the recorded results and their list, named by content.
// 6. Adds the lessons of all languages, and what explains the terms, in folders named by content; and the glossary.
// 7. Puts the English texts into the entry page, as a block of JSON, with the list of languages; adds
//    the texts and glossaries of the other languages, and what only the worker says in them, named by content.
// 8. Adds the picture of link previews, under a name that stays.
// 9. Writes `data/served.json`, with which a host can offer an archive: none at first.
//    To offer one, put {"name", "url", "bytes"} there, the url relative to the page.
// 10. Writes the licences page.
// 11. Writes the service worker with the list of all files that it stores for offline use.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { writeLicenses } from "./licenses.mjs";
import { ENGLISH, languageName, otherLanguages, textsBlock, workerTextsBlock } from "./texts.mjs";

// The wasm features that rustc uses for this target; wasm-opt has to be given them.
const WASM_FEATURES = [
  "bulk-memory",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
  "simd",
].map((feature) => `--enable-${feature}`);
// Large functions stay apart even where they are called once: brotli finds more that is alike.
const WASM_OPT_LEVEL = [
  "--one-caller-inline-max-function-size=20",
  "--low-memory-unused",
  "-Os",
  "--strip-debug",
  "--strip-producers",
];

/** Only the programs that make link previews fetch it: it is not stored for offline use. */
const PREVIEW = "social.png";

const staging = process.env.TRUNK_STAGING_DIR;
if (!staging) throw new Error("post-build runs as a hook of Trunk: use 'make serve' or 'make dist'");
const cache = process.env.PLAYGROUND_CACHE;

if (process.env.PLAYGROUND_OPTIMIZE === "1") shrinkWorker();
for (const program of ["worker", "classroom"]) pointPageTo(`${program}_loader.js`, moveProgram(program));
const lessons = addFolder("lessons");
pointPageTo("lessons/index.json", `${lessons}/index.json`);
pointPageTo("terms.js", `${addFolder("terms")}/terms.js`);
pointPageTo("glossary.json", addByContent("glossary.json", readFileSync("web/glossary.json")));
pointPageTo("boot.js", addByContent("boot.js", withoutComments(readFileSync("web/boot.js", "utf8"))));
pointPageTo("app.webmanifest", addManifest());
pointPageTo("recorded.txt", addRecorded());
addTexts();
copyFileSync(`web/${PREVIEW}`, path.join(staging, PREVIEW));
offerNoArchive();
writeLicenses(path.join(staging, "licenses.html"));
writeServiceWorker();

function shrinkWorker() {
  const file = path.join(staging, "worker_bg.wasm");
  const args = [...WASM_OPT_LEVEL, ...WASM_FEATURES];
  const version = execFileSync("wasm-opt", ["--version"], { encoding: "utf8" }).trim();
  const key = hash(readFileSync(file), `${version} ${args.join(" ")}`).slice(0, 32);
  const cached = path.join(cache, "wasm-opt", `${key}.wasm`);
  if (!existsSync(cached)) {
    console.log("    wasm-opt on the worker: takes a few minutes, then cached");
    mkdirSync(path.dirname(cached), { recursive: true });
    execFileSync("wasm-opt", [...args, file, "-o", `${cached}.part`], { stdio: "inherit" });
    renameSync(`${cached}.part`, cached);
  }
  copyFileSync(cached, file);
}

// With the loader of web/ in place of Trunk's, and with its style sheet if it has one. Returns the loader's new path.
function moveProgram(program) {
  const loader = `${program}_loader.js`;
  const own = [loader, `${program}.css`].filter((name) => existsSync(`web/${name}`));
  for (const name of own) copyFileSync(`web/${name}`, path.join(staging, name));
  const files = [`${program}.js`, `${program}_bg.wasm`, ...own];
  const folder = `${program}-${hash(...files.map((name) => readFileSync(path.join(staging, name)))).slice(0, 16)}`;
  mkdirSync(path.join(staging, folder));
  for (const name of files) renameSync(path.join(staging, name), path.join(staging, folder, name));
  return `${folder}/${loader}`;
}

// One folder for all, so that a list of lessons never meets lessons of another build. Languages other than
// English have theirs in a folder of it. Returns the folder's name.
function addFolder(name) {
  const names = list(`web/${name}`);
  const folder = `${name}-${hash(...names.flatMap((file) => [file, readFileSync(`web/${name}/${file}`)])).slice(0, 16)}`;
  for (const file of names) {
    const target = path.join(staging, folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(`web/${name}/${file}`, target);
  }
  return folder;
}

// Every visit loads the first script before anything appears. Only lines that are nothing but comment go.
function withoutComments(script) {
  return script.replace(/^ *(\/\/|\/\*\*|\*).*\n/gm, "");
}

// Writes a file under a name that contains its hash, and returns that name.
function addByContent(name, source) {
  const { dir, name: stem, ext } = path.posix.parse(name);
  const named = path.posix.join(dir, `${stem}-${hash(source).slice(0, 16)}${ext}`);
  writeFileSync(path.join(staging, named), source);
  return named;
}

function addManifest() {
  const manifest = JSON.parse(readFileSync("web/app.webmanifest", "utf8"));
  for (const icon of manifest.icons) icon.src = addByContent(icon.src, readFileSync(`web/icons/${icon.src}`));
  return addByContent("app.webmanifest", JSON.stringify(manifest));
}

// The list of recorded results names their files; each is fetched when it is looked at.
function addRecorded() {
  mkdirSync(path.join(staging, "recorded"));
  const tables = JSON.parse(readFileSync("web/recorded/index.json", "utf8"));
  const lines = tables.map(({ file, title }) => {
    const named = addByContent(`recorded/${file}`, readFileSync(`web/recorded/${file}`));
    return `${named}\t${title}\n`;
  });
  return addByContent("recorded.txt", lines.join(""));
}

// The page finds its worker, its classroom, its lessons, its glossary, what explains it, and its languages through `<meta>`, its first script through
// `<script src>`, and its manifest through `<link href>`. The minifier may have dropped the quotes.
function pointPageTo(plain, built) {
  const file = path.join(staging, "index.html");
  const before = readFileSync(file, "utf8");
  const after = before.replace(new RegExp(`\\b(content|href|src)=(["']?)${plain.replace(".", "\\.")}\\2(?=[\\s/>])`), `$1="${built}"`);
  if (after === before) throw new Error(`index.html no longer names ${plain}`);
  writeFileSync(file, after);
}

// A data block: the browser does not execute it, so the Content-Security-Policy allows it.
// It comes last, so that the page shows that it loads before its texts have arrived.
function addTexts() {
  listLanguages();
  const file = path.join(staging, "index.html");
  const before = readFileSync(file, "utf8");
  const end = before.lastIndexOf("</body>");
  if (end < 0) throw new Error("index.html has no </body>");
  const block = `<script type="application/json" id="texts">${textsBlock(ENGLISH)}</script>`;
  writeFileSync(file, before.slice(0, end) + block + before.slice(end));
}

// Each language is its tag, its file and its name in itself; English has no file.
function listLanguages() {
  const others = otherLanguages().map((tag) => {
    const glossary = `glossary.${tag}.json`;
    const own = {
      worker: addByContent(`worker-texts-${tag}.json`, workerTextsBlock(tag)),
      glossary: existsSync(`web/${glossary}`) ? addByContent(glossary, readFileSync(`web/${glossary}`)) : undefined,
      lessons: existsSync(`web/lessons/${tag}`) ? `${lessons}/${tag}/index.json` : undefined,
    };
    return `${tag} ${addByContent(`texts-${tag}.json`, textsBlock(tag, own))} ${languageName(tag)}`;
  });
  pointPageTo("languages", [`${ENGLISH}  ${languageName(ENGLISH)}`, ...others].join(";"));
}

function offerNoArchive() {
  mkdirSync(path.join(staging, "data"));
  writeFileSync(path.join(staging, "data", "served.json"), "null\n");
}

function writeServiceWorker() {
  const files = list(staging)
    .filter((name) => name !== "sw.js" && name !== PREVIEW && !name.startsWith("data/") && !name.startsWith("recorded/"))
    .map((name) => {
      const digest = createHash("sha256").update(readFileSync(path.join(staging, name))).digest("base64");
      return [name === "index.html" ? "" : name, `sha256-${digest}`];
    });
  const entry = readFileSync(path.join(staging, "index.html"), "utf8");
  const named = files.map(([name]) => name).filter((name) => name !== "" && entry.includes(name));
  const target = path.join(staging, "sw.js");
  const source = readFileSync("web/sw.js", "utf8")
    .replace('"__BUILD__"', JSON.stringify(hash(JSON.stringify(files)).slice(0, 16)))
    .replace('"__FILES__"', JSON.stringify(files))
    .replace('"__NAMED__"', JSON.stringify(named))
    .replace('"__RECORDED__"', JSON.stringify(list(staging).filter((name) => name.startsWith("recorded/"))));
  if (source.includes('"__')) throw new Error("web/sw.js: a placeholder was not filled");
  writeFileSync(target, source);
}

// Paths of all files below a folder, sorted, with forward slashes.
function list(root, below = "") {
  return readdirSync(path.join(root, below), { withFileTypes: true })
    .flatMap((entry) => {
      const name = below ? `${below}/${entry.name}` : entry.name;
      return entry.isDirectory() ? list(root, name) : [name];
    })
    .sort();
}

function hash(...parts) {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part);
  return sum.digest("hex");
}
