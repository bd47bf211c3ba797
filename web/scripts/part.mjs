// Cuts a small first part out of an archive, which a host offers beside it: an archive of the
// same layout with a few photographs of each class, and the noise table's rows for them.
//
//   node web/scripts/part.mjs ARCHIVE.tgz FOLDER
//
// writes ARCHIVE-first.tgz and `served.json` into FOLDER. The same archive gives the same bytes on
// every machine. Any beginning of the part holds all classes, so it can be read as it arrives.

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gunzipSync, gzipSync } from "node:zlib";

/** Photographs of each class: about 4 MB of Imagenette at 160 px. */
export const PER_CLASS = { train: 35, val: 15 };

const BLOCK = 512;
const GZIP = [0x1f, 0x8b];
const PICTURE = /^(?:.*\/)?(train|val)\/([^/]+)\/[^/]+\.(?:jpe?g|jpe|jfif|png|webp)$/i;
const NOISE_TABLE = /^(?:.*\/)?noisy_image(?:nette|woof)\.csv$/i;

/** The regular files of a tar archive, as pairs of a path and its content. */
function* filesIn(tar) {
  let long = null;
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const text = (from, length) => header.toString("utf8", from, from + length).split("\0")[0];
    const size = parseInt(text(124, 12), 8);
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (!(size >= 0) || content.length < size) throw new Error("it is no whole .tar or .tar.gz");
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
    const kind = text(156, 1);
    if (kind === "L") long = content.toString("utf8").split("\0")[0];
    else if (kind === "x") long = /^\d+ path=(.*)$/m.exec(content.toString("utf8"))?.[1] ?? long;
    else {
      const prefix = text(257, 5) === "ustar" && text(345, 155);
      const name = long ?? (prefix ? `${prefix}/${text(0, 100)}` : text(0, 100));
      if (kind === "" || kind === "0") yield [name, content];
      long = null;
    }
  }
}

function entry(name, content) {
  const header = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > 100) throw new Error(`the path ${name} is longer than 100 bytes`);
  header.write(name, 0);
  header.write("0000644\0" + "0000000\0" + "0000000\0", 100, "latin1");
  header.write(`${content.length.toString(8).padStart(11, "0")}\0` + "00000000000\0" + "        0", 124, "latin1");
  header.write("ustar\0" + "00", 257, "latin1");
  const sum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** The same on every machine, which a search for repetitions is not: only runs are shortened. */
function packed(tar) {
  const bytes = gzipSync(tar, { strategy: constants.Z_RLE, level: 6 });
  // The system that packed it: unknown.
  bytes[9] = 255;
  return bytes;
}

/** The rows of a noise table for these pictures. */
function rowsFor(table, names) {
  const [head, ...rows] = table.toString("utf8").split("\n");
  const column = head.trim().replace(/^\ufeff/, "").split(",").indexOf("path");
  const kept = (row) => names.some((name) => name.endsWith(`/${row.split(",")[column]?.replaceAll('"', "").trim()}`));
  return Buffer.from([head, ...rows.filter((row) => row && kept(row))].join("\n") + "\n");
}

/**
 * The first part of `archive`, a .tar or .tar.gz: `{ bytes, images }`; null if the archive does not
 * hold twice as many pictures, so that a part is worth nothing.
 */
export function cut(archive, perClass = PER_CLASS) {
  const tar = GZIP.every((byte, at) => archive[at] === byte) ? gunzipSync(archive) : archive;
  const classes = new Map();
  const tables = [];
  let all = 0;
  for (const [name, content] of filesIn(tar)) {
    const [, split, folder] = PICTURE.exec(name) ?? [];
    if (NOISE_TABLE.test(name)) tables.push([name, content]);
    if (!split) continue;
    all += 1;
    const key = `${split.toLowerCase()}/${folder}`;
    const order = createHash("sha256").update(name).digest("hex");
    if (!classes.has(key)) classes.set(key, []);
    classes.get(key).push({ name, content, order });
  }
  const chosen = [...classes].flatMap(([key, pictures]) => {
    const count = perClass[key.split("/")[0]];
    pictures.sort((a, b) => (a.order < b.order ? -1 : 1));
    // How far along the part a picture lies: so classes and splits alternate.
    return pictures.slice(0, count).map((picture, place) => ({ ...picture, key, along: (place + 0.5) / count }));
  });
  if (all < 2 * chosen.length || chosen.length === 0) return null;
  chosen.sort((a, b) => a.along - b.along || (a.key < b.key ? -1 : 1));
  const names = chosen.map((picture) => picture.name);
  const files = [
    ...tables.map(([name, content]) => entry(name, rowsFor(content, names))),
    ...chosen.map(({ name, content }) => entry(name, content)),
  ];
  return { bytes: packed(Buffer.concat([...files, Buffer.alloc(2 * BLOCK)])), images: chosen.length };
}

/** The name of an archive's first part. */
function partName(archive) {
  return `${archive.replace(/\.(tgz|tar|tar\.gz)$/i, "")}-first.tgz`;
}

/**
 * What `served.json` says of an archive, and of its first part if there is one: `url` makes an address
 * of a file's name.
 */
export function described(name, bytes, part, url) {
  const entry = (name, bytes) => ({ name, url: url(name), bytes });
  const first = part && { ...entry(partName(name), part.bytes.length), images: part.images };
  return { ...entry(name, bytes), ...(first && { part: first }) };
}

async function main([file, folder]) {
  if (!file || !folder) throw new Error("name an archive, and the folder that it will be served from");
  const archive = await readFile(file);
  const part = cut(archive);
  if (!part) throw new Error("the archive is too small for a first part");
  const name = path.basename(file);
  const served = described(name, archive.length, part, (name) => `data/${encodeURIComponent(name)}`);
  const first = path.join(folder, served.part.name);
  await mkdir(folder, { recursive: true });
  await writeFile(first, part.bytes);
  await writeFile(path.join(folder, "served.json"), `${JSON.stringify(served, null, 2)}\n`);
  console.log(`${first}: ${part.images} images, ${part.bytes.length} bytes; ${name} belongs beside it`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(`part: ${error.message}`);
    process.exitCode = 1;
  });
}
