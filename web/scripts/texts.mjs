// The catalogues of texts, as the page gets them: English as a block of JSON in the entry page,
// every other language as a file with the same content. What only the worker says is a file of its own
// in every language but English, which is compiled into the worker.

import { readFileSync, readdirSync } from "node:fs";

/** The language of the block, and of whatever another language lacks. */
export const ENGLISH = "en";

/** The languages other than English, from A to Z. */
export function otherLanguages() {
  return readdirSync("web/texts")
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .filter((language) => language !== ENGLISH)
    .sort();
}

/** A language's name in itself: `Deutsch`. */
export function languageName(language) {
  return new Intl.DisplayNames([language], { type: "language" }).of(language);
}

/**
 * What the page gets of a language: its tag, a checksum of the keys, how it writes numbers, the
 * files of its glossary, its list of lessons and of what only its worker says, as far as it has them,
 * and its messages in the order of the keys. What it lacks is in English.
 */
export function textsBlock(language, own = {}) {
  return block("", language, { language, ...numbers(language), ...own });
}

/** What only the worker says in a language: a checksum of the keys, and the messages in their order. */
export function workerTextsBlock(language) {
  return block("worker/", language, {});
}

function block(folder, language, more) {
  const english = catalogue(folder, ENGLISH);
  const messages = { ...english, ...catalogue(folder, language) };
  const keys = Object.keys(english).sort();
  const all = { ...more, keys: checksum(keys), messages: keys.map((key) => messages[key]) };
  // Nothing in the block can end it or begin a comment.
  return JSON.stringify(all).replaceAll("<", "\\u003c");
}

function catalogue(folder, language) {
  return JSON.parse(readFileSync(`web/texts/${folder}${language}.json`, "utf8"));
}

/** The decimal separator, and what follows the number of a percentage. */
function numbers(language) {
  const parts = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1 }).formatToParts(0.5);
  const at = parts.findIndex(({ type }) => type === "fraction");
  const decimal = parts.find(({ type }) => type === "decimal").value;
  return { decimal, percent: parts.slice(at + 1).map(({ value }) => value).join("") };
}

/** FNV-1a of the keys, separated by line feeds. src/text/generate.rs computes the same. */
function checksum(keys) {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(keys.join("\n"))) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
