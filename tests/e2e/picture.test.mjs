// A picture of the person's own: chosen, dropped or pasted, seen as the training sees its
// images, with the model's predictions and the views that it saw.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { counted, runSays, sampleIsReady, SMALL } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

test("without a model the picture waits, and says for what", async (t) => {
  const page = await open(t, SMALL);
  await sampleIsReady(page);
  await drop(page, await picture(page));
  const look = part(page);
  await look.getByText("Picture: mine.png").waitFor();
  await look.getByText(/Train a model first/).waitFor();
  // It was not taken for a data set.
  await page.getByRole("region", { name: "Data", exact: true }).getByText(/500 validation images/).waitFor();
});

test("a dropped picture is classified plainly and with all views", async (t) => {
  const page = await open(t, `${SMALL}&run=1`);
  await runSays(page, "Finished");
  await drop(page, await picture(page));
  const look = part(page);
  await look.getByText(/sure; with test-time augmentation/).waitFor();
  for (const name of ["The unaugmented view", "All views combined"]) {
    const cells = look.getByRole("table", { name }).getByRole("cell");
    await counted(cells, 5);
    const shares = (await cells.allInnerTexts()).map(Number.parseFloat);
    assert.ok(shares.every((share) => share >= 0 && share <= 100), String(shares));
  }
  const views = look.getByRole("list", { name: "Views" });
  await views.getByRole("img", { name: "unaugmented view of the picture" }).waitFor();
  await counted(views.getByRole("img"), 5);
  // More views are looked at by the same model, and shown.
  await look.getByLabel("Augmented views").fill("6");
  await look.getByRole("img", { name: "view 6 of the picture" }).waitFor();
});

test("the orientation tag is ignored as in training, and a pasted picture is taken", async (t) => {
  const page = await open(t, `${SMALL}&run=1`);
  await runSays(page, "Finished");
  const look = part(page);
  const corners = [];
  for (const tag of [1, 6]) {
    const name = `turned-${tag}.jpg`;
    await paste(page, { name, base64: await jpeg(page, tag) });
    await look.getByText(`Picture: ${name}`).waitFor();
    await look.getByText(/sure; with test-time augmentation/).waitFor();
    corners.push(await look.getByRole("img", { name: "unaugmented view of the picture" }).evaluate((canvas) => {
      const { width, height } = canvas;
      const context = canvas.getContext("2d");
      const red = (x, y) => context.getImageData(x, y, 1, 1).data[0] > 128;
      return { left: red(1, height / 2), top: red(width / 2, 1) };
    }));
  }
  // Red on the left, whatever the tag says: so fastai reads it, and so does the training.
  assert.deepEqual(corners, [{ left: true, top: false }, { left: true, top: false }]);
});

test("what is no picture is refused in a sentence", async (t) => {
  const page = await open(t, `${SMALL}&run=1`);
  await runSays(page, "Finished");
  await drop(page, { name: "broken.png", base64: Buffer.from("no picture").toString("base64") });
  await part(page).getByText(/picture could not be read/).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing around the picture in ${colorScheme}`, async (t) => {
    const page = await open(t, `${SMALL}&run=1`, { context: { colorScheme } });
    await runSays(page, "Finished");
    await drop(page, await picture(page));
    await part(page).getByText(/sure; with test-time augmentation/).waitFor();
    const { violations } = await new AxeBuilder({ page }).include(".panel-inside").analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  });
}

/** The instrument. */
function part(page) {
  const panel = page.getByRole("region", { name: "Look inside" });
  return panel.locator("details", { hasText: "Your own picture" }).first();
}

/** A PNG of 60 × 40 pixels, red on the left and blue on the right. */
async function picture(page) {
  return { name: "mine.png", base64: await drawn(page, "image/png") };
}

/** The same as a JPEG with an orientation tag. */
async function jpeg(page, orientation) {
  const plain = Buffer.from(await drawn(page, "image/jpeg"), "base64");
  const tag = Buffer.from([
    0xff, 0xe1, 0x00, 0x22, ...Buffer.from("Exif\0\0MM\0*"), 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1,
    0, orientation, 0, 0, 0, 0, 0, 0,
  ]);
  return Buffer.concat([plain.subarray(0, 2), tag, plain.subarray(2)]).toString("base64");
}

function drawn(page, kind) {
  return page.evaluate((kind) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
    const context = canvas.getContext("2d");
    context.fillStyle = "blue";
    context.fillRect(0, 0, 40, 40);
    context.fillStyle = "red";
    context.fillRect(0, 0, 14, 40);
    return canvas.toDataURL(kind).split(",")[1];
  }, kind);
}

function drop(page, file) {
  return page.evaluate(hand, { ...file, how: "drop" });
}

function paste(page, file) {
  return page.evaluate(hand, { ...file, how: "paste" });
}

/** Runs in the page: gives it a file as a drop or a paste does. */
function hand({ name, base64, how }) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const type = name.endsWith(".png") ? "image/png" : "image/jpeg";
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const settings = { bubbles: true, cancelable: true };
  window.dispatchEvent(
    how === "drop"
      ? new DragEvent("drop", { ...settings, dataTransfer: transfer })
      : new ClipboardEvent("paste", { ...settings, clipboardData: transfer }),
  );
}
