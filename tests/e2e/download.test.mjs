// Archives from an address, which are read while they arrive: whatever comes when, the images are the same.

import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import http from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { controls, runSays, SMALL } from "./lib/page.mjs";
import { archive } from "./lib/pictures.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

const noise = (megabytes) => randomFillSync(Buffer.alloc(megabytes << 20));

/**
 * Serves `bytes` at an address of another site. The download stops after `first` of them, until
 * `goOn` is called; `breakOff` ends the connection there.
 */
async function serveInParts(t, bytes, first) {
  let goOn;
  const allowed = new Promise((resolve) => (goOn = resolve));
  const server = http.createServer(async (request, response) => {
    response.writeHead(200, { "access-control-allow-origin": "*", "content-length": bytes.length });
    if (request.method === "HEAD") return response.end();
    response.write(bytes.subarray(0, first));
    await allowed;
    response.end(bytes.subarray(first));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const breakOff = () => server.closeAllConnections();
  return { address: `http://127.0.0.1:${server.address().port}/pictures.tgz`, goOn, breakOff };
}

async function download(page) {
  await page.getByRole("button", { name: /^Ask 127\.0\.0\.1:\d+ for the size/ }).click();
  await downloadNow(page);
}

async function downloadNow(page) {
  await page.getByRole("button", { name: /^Download .* from 127\.0\.0\.1/ }).click();
}

const data = (page) => page.getByRole("region", { name: "Data", exact: true });

test("an archive that arrives in parts is read", async (t) => {
  const bytes = archive({ train: 24, valid: 10, others: [["made/notes.bin", noise(5)]] });
  const { address, goOn } = await serveInParts(t, bytes, bytes.length - 1000);
  const page = await open(t, `${SMALL}&data=${address}`);
  await download(page);
  await data(page).getByText(/^Loading/).first().waitFor();
  goOn();
  await data(page).getByText("48 training and 20 validation images").waitFor();
  await controls(page).train.click();
  await runSays(page, "Finished");
});

test("a file that is larger than what has arrived is read once the archive is complete", async (t) => {
  // Its size alone shows only when it is read: it is taken for a picture.
  const bytes = archive({ train: 24, valid: 10, others: [["made/train/red/large.png", noise(8)]] });
  const { address, goOn } = await serveInParts(t, bytes, 4 << 20);
  const page = await open(t, `${SMALL}&data=${address}`);
  await download(page);
  await data(page).getByText(/^Loading/).first().waitFor();
  goOn();
  await data(page).getByText("48 training and 20 validation images").waitFor();
  assert.equal(await data(page).getByText("large.png").count() > 0, true, "it is named as left out");
});

test("a download that breaks off says so, and can be tried again", async (t) => {
  const bytes = archive({ train: 24, valid: 10, others: [["made/notes.bin", noise(5)]] });
  const { address, goOn, breakOff } = await serveInParts(t, bytes, 4 << 20);
  const page = await open(t, `${SMALL}&data=${address}`);
  await download(page);
  await data(page).getByText(/MB of 5\.\d MB/).first().waitFor();
  breakOff();
  await data(page).getByText(/^The download broke off/).first().waitFor();
  goOn();
  await downloadNow(page);
  await data(page).getByText("48 training and 20 validation images").waitFor();
});

test("what has arrived shows before there is enough to begin with", async (t) => {
  const bytes = archive({ train: 24, valid: 10, others: [["made/notes.bin", noise(5)]] });
  const { address, goOn } = await serveInParts(t, bytes, 1 << 20);
  const page = await open(t, `${SMALL}&data=${address}`);
  await download(page);
  await data(page).getByText(/1\.\d MB of 5\.\d MB/).first().waitFor();
  goOn();
  await data(page).getByText("48 training and 20 validation images").waitFor();
});
