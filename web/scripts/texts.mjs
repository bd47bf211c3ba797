// The catalogue of texts, as the page gets it: a block of JSON in the entry page.

import { readFileSync } from "node:fs";

/**
 * The content of the block: the catalogue's language, a checksum of its keys, and its
 * messages in the order of the keys.
 */
export function textsBlock(language) {
  const catalogue = JSON.parse(readFileSync(`web/texts/${language}.json`, "utf8"));
  const keys = Object.keys(catalogue).sort();
  const block = { language, keys: checksum(keys), messages: keys.map((key) => catalogue[key]) };
  // Nothing in the block can end it or begin a comment.
  return JSON.stringify(block).replaceAll("<", "\\u003c");
}

/** FNV-1a of the keys, separated by line feeds. src/text/generate.rs computes the same. */
function checksum(keys) {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(keys.join("\n"))) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
