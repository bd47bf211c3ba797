// Writes the licences page: every crate that the site's wasm contains, and each licence text once.
//
// Usage: node web/scripts/licenses.mjs FILE, from the repository's root; or `writeLicenses(FILE)`.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const TARGET = "wasm32-unknown-unknown";
const TEXT = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;

export function writeLicenses(file) {
  const crates = shipped();
  writeFileSync(file, page(crates));
  return crates.length;
}

// The crates in the wasm files, sorted, with their licences.
function shipped() {
  const found = new Set(["ui", "classroom", "worker"].flatMap(tree));
  const args = ["--format-version", "1", "--filter-platform", TARGET, "--no-default-features", "--features", "ui,classroom,worker"];
  const metadata = JSON.parse(cargo("metadata", "--locked", ...args));
  const crates = metadata.packages
    .filter((crate) => crate.source && found.delete(`${crate.name} v${crate.version}`))
    .map((crate) => ({ ...crate, texts: texts(crate) }))
    .sort((a, b) => a.name.localeCompare(b.name, "en") || a.version.localeCompare(b.version, "en"));
  if (found.size > 0 || crates.length < 50) throw new Error(`unknown crates: ${[...found].join(", ")}`);
  return crates;
}

// `name version` of every crate that a build links. Macros are left out: they only run in the compiler.
function tree(features) {
  const own = JSON.parse(cargo("metadata", "--locked", "--format-version", "1", "--no-deps")).packages[0].name;
  const args = ["--no-default-features", "--features", features, "--target", TARGET];
  const lines = cargo("tree", "--locked", ...args, "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}");
  return lines
    .split("\n")
    .map((line) => line.split(" ").slice(0, 2).join(" "))
    .filter((crate) => crate && !crate.startsWith(`${own} `));
}

function cargo(...args) {
  return execFileSync("cargo", args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
}

// The licence texts in a crate's folder. If the crate offers a choice that includes MIT, only that text.
function texts(crate) {
  const folder = path.dirname(crate.manifest_path);
  const names = new Set(readdirSync(folder, { withFileTypes: true }).filter((it) => it.isFile() && TEXT.test(it.name)).map((it) => it.name));
  if (crate.license_file) names.add(crate.license_file);
  const chosen = [...names].filter((name) => /mit/i.test(name));
  const choice = /\bOR\b|\//.test(crate.license ?? "") && !/\bAND\b/.test(crate.license) && chosen.length > 0;
  return (choice ? chosen : [...names]).sort().map((name) => readFileSync(path.join(folder, name), "utf8").replaceAll("\r\n", "\n").trim());
}

// The authors of a crate without a licence text, without their mail addresses.
function authors(crate) {
  const names = crate.authors.map((author) => author.replace(/\s*<.*>/, ""));
  return names.join(", ") || "its contributors";
}

function page(crates) {
  // Compared by words only, because many differ in their line breaks.
  const byText = new Map();
  for (const crate of crates) {
    for (const text of crate.texts) {
      const key = text.replace(/\s+/g, " ");
      const entry = byText.get(key) ?? { text, crates: new Set() };
      entry.crates.add(crate.name);
      byText.set(key, entry);
    }
  }
  const rows = crates.map((crate) => {
    const name = crate.repository ? `<a href="${escape(crate.repository)}">${escape(crate.name)}</a>` : escape(crate.name);
    const by = crate.texts.length > 0 ? "" : ` (${escape(authors(crate))})`;
    return `<tr><td>${name}</td><td>${escape(crate.version)}</td><td>${escape(crate.license ?? "see its text")}${by}</td></tr>`;
  });
  const sections = [...byText.values()].map(
    ({ text, crates }) => `<section><h3>${escape([...crates].join(", "))}</h3>\n<pre>${escape(text)}</pre></section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Licences – Imagenette Playground</title>
</head>
<body>
<h1>Licences</h1>
<p>Imagenette Playground is under the MIT licence. Its two WebAssembly files contain the ${crates.length} crates below, and
Rust's standard library, which is under the MIT licence or the Apache licence 2.0. Each crate's name links to its source.
Where a crate offers a choice of licences, the MIT licence was chosen. Where a crate contains no licence text, its
authors are named, and the text of the same licence below applies.</p>
<table>
<thead><tr><th scope="col">Crate</th><th scope="col">Version</th><th scope="col">Licence</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
<h2>Texts</h2>
<section><h3>Imagenette Playground</h3>
<pre>${escape(readFileSync("LICENSE", "utf8").trim())}</pre></section>
${sections.join("\n")}
</body>
</html>
`;
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = process.argv[2];
  if (!file) throw new Error("usage: node web/scripts/licenses.mjs FILE");
  console.log(`${writeLicenses(file)} crates in ${file}`);
}
