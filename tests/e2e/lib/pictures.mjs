// An archive of pictures made up on the spot: a data set that is not the sample, for
// machines without the real one.

import { deflateSync, gzipSync } from "node:zlib";

const CRC = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  let sum = 0xffffffff;
  for (const byte of body) sum = CRC[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(~sum >>> 0, 4 + body.length);
  return framed;
}

/** A PNG of stripes in one colour; `number` tells it from its like. */
function picture(side, red, number) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2], 8);
  const rows = Buffer.alloc(side * (1 + 3 * side));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const stripe = ((x + y + number) % 8) * 16;
      rows.set([red ? 120 + stripe : 20, 40, red ? 20 : 120 + stripe], y * (1 + 3 * side) + 1 + 3 * x);
    }
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function entry(path, content) {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write(content.length.toString(8).padStart(11, "0"), 124);
  header.write("00000000000", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\0" + "00", 257, "latin1");
  const sum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/**
 * A `.tgz` of two classes, `train` and `valid` pictures of each, `side` pixels wide, so many `broken`
 * ones, and `others` after the training pictures: pairs of a path and its content.
 */
export function archive({ train, valid, side = 32, broken = 0, others = [] }) {
  const files = [];
  for (let n = 0; n < broken; n++) {
    files.push(entry(`made/train/red/broken${n}.png`, picture(side, true, n).subarray(0, 100)));
  }
  for (const [split, count] of [["train", train], ["val", valid]]) {
    for (const name of ["red", "blue"]) {
      for (let n = 0; n < count; n++) {
        files.push(entry(`made/${split}/${name}/${n}.png`, picture(side, name === "red", n)));
      }
    }
    if (split === "train") files.push(...others.map(([path, content]) => entry(path, content)));
  }
  return gzipSync(Buffer.concat([...files, Buffer.alloc(1024)]));
}

/** Opens such an archive on the page, and resolves with the data panel once it is read. */
export async function openArchive(page, { train = 24, valid = 10, ...others } = {}) {
  await page.getByLabel("Open an archive (.tgz, .tar)").setInputFiles({
    name: "made.tgz",
    mimeType: "application/gzip",
    buffer: archive({ train, valid, ...others }),
  });
  const data = page.getByRole("region", { name: "Data", exact: true });
  await data.getByText(`${2 * train} training and ${2 * valid} validation images`).waitFor();
  return data;
}
