// A class without a server: browsers train their seat's share and hand it in as a line of
// text; another browser puts the lines together.

import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { counted, SMALL, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

const CLASS = `${SMALL}&sweep=alone:mixup;seed:1..3`;

test("shares of several browsers come together, whatever is pasted between them", async (t) => {
  const lines = [];
  for (const [seat, name] of [["1", "Ada"], ["2", ""], ["?", "Grace"]]) {
    const pupil = await open(t, `${CLASS}&seat=${seat}`);
    const queue = pupil.getByRole("region", { name: "Does it help?" });
    const panel = await opened(pupil);
    await panel.getByText(/^2 of 2 runs have not ended yet/).waitFor();
    await queue.getByRole("button", { name: "Start the queue" }).click();
    await panel.getByText(/Your share \(seed \d+\) is complete/).waitFor();
    await panel.getByLabel("Nickname (optional)").fill(name);
    lines.push(await panel.getByLabel("Your hand-in").inputValue());
  }
  const teacher = await open(t, CLASS);
  const panel = await opened(teacher);
  const damaged = `${lines[0].slice(0, 60)}x${lines[0].slice(61)}`;
  await panel.getByLabel("Hand-ins", { exact: true }).fill(`Ada: ${lines[0]}\n> ${lines[0]}\n${damaged}\nBest wishes ${lines[1]}`);
  await panel.getByRole("button", { name: "Add these hand-ins" }).click();
  await panel.getByText("2 of 4 hand-ins added.").waitFor();
  await panel.getByText(/Hand-in 2: seed 1 was handed in before, with the same results/).waitFor();
  await panel.getByText(/Hand-in 3: it is damaged/).waitFor();
  const pool = panel.getByRole("region", { name: /^cpu, / });
  await pool.getByText("2 of 3 seats are in.").waitFor();
  await pool.getByText("provisional", { exact: true }).waitFor();
  await panel.getByRole("button", { name: "Close the collection and judge" }).click();
  await pool.getByText("provisional", { exact: true }).waitFor({ state: "detached" });
  await panel.getByRole("button", { name: "Reopen the collection" }).click();
  // The last one comes as a file.
  await panel.getByLabel("Or text files with hand-ins").setInputFiles({
    name: "mail.txt",
    mimeType: "text/plain",
    buffer: Buffer.from(`From: Grace\n\n${lines[2]}\n`),
  });
  await pool.getByText("3 of 3 seats are in.").waitFor();
  await pool.getByText(/Mixup/).first().waitFor();
  const { violations } = await new AxeBuilder({ page: teacher }).include(".panel-class").analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
});

/** The array in a hand-in, and the line of an array: JSON and its CRC-32, in base64 for URLs. */
const unpacked = (line) => JSON.parse(Buffer.from(line.slice("ipg1.".length), "base64url").subarray(0, -4).toString());
function packed(handIn) {
  const json = Buffer.from(JSON.stringify(handIn));
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(zlib.crc32(json));
  return `ipg1.${Buffer.concat([json, sum]).toString("base64url")}`;
}

test("thirty hand-ins, pasted and dropped: three again, two of another build, one damaged", async (t) => {
  const sweep = `${SMALL}&sweep=alone:mixup;seed:1..30`;
  const pupil = await open(t, `${sweep}&seat=1`);
  const share = await opened(pupil);
  await pupil.getByRole("region", { name: "Does it help?" }).getByRole("button", { name: "Start the queue" }).click();
  await share.getByText(/Your share \(seed \d+\) is complete/).waitFor();
  const line = await share.getByLabel("Your hand-in").inputValue();
  assert.equal(packed(unpacked(line)), line, "the test writes lines as the page does");

  // Twenty-six seats, each a little better or worse than the first one.
  const [SEED, BUILD, RUNS] = [1, 5, 7];
  const seats = Array.from({ length: 26 }, (_, index) => {
    const it = unpacked(line);
    it[SEED] = index + 1;
    if (index === 7 || index === 20) it[BUILD] = "0000000another";
    for (const [plain] of it[RUNS]) plain[0] = Math.max(0, plain[0] + (index % 3) - 1);
    return packed(it);
  });
  const damaged = `${seats[2].slice(0, 80)}${seats[2][80] === "A" ? "B" : "A"}${seats[2].slice(81)}`;
  const pasted = [...seats.slice(0, 13), seats[4], damaged];
  const dropped = [...seats.slice(13), seats[4], seats[17]];
  assert.equal(pasted.length + dropped.length, 30);

  const teacher = await open(t, sweep);
  const panel = await opened(teacher);
  const area = panel.getByLabel("Hand-ins", { exact: true });
  await area.fill(pasted.map((it, index) => `Pupil ${index}: ${it}`).join("\n"));
  await panel.getByRole("button", { name: "Add these hand-ins" }).click();
  await panel.getByText("13 of 15 hand-ins added.").waitFor();
  await panel.getByText("Hand-in 14: seed 5 was handed in before, with the same results.").waitFor();
  await panel.getByText(/^Hand-in 15: it is damaged/).waitFor();
  const files = await teacher.evaluateHandle((lines) => {
    const data = new DataTransfer();
    lines.forEach((line, index) => data.items.add(new File([line], `${index}.txt`, { type: "text/plain" })));
    return data;
  }, dropped);
  for (const event of ["dragover", "drop"]) await area.dispatchEvent(event, { dataTransfer: files });
  await panel.getByText("From 15 files:").waitFor();
  await panel.getByText("13 of 15 hand-ins added.").waitFor();
  await counted(panel.getByText(/was handed in before, with the same results/), 2);
  const pool = panel.getByRole("region", { name: /^cpu, / });
  await pool.getByText("26 of 30 seats are in.").waitFor();
  await pool.getByText(/^Trained by several versions of this page: .*0000000another/).waitFor();
  await pool.getByText("provisional", { exact: true }).waitFor();
  await panel.getByRole("button", { name: "Close the collection and judge" }).click();
  await pool.getByText("provisional", { exact: true }).waitFor({ state: "detached" });
});

test("a class's link is built by clicks and does what it says", async (t) => {
  const page = await open(t, CLASS);
  const panel = await opened(page);
  await panel.getByRole("group", { name: "Hide" }).getByLabel("inside").check();
  await panel.getByRole("group", { name: "Lock" }).getByLabel("epochs").check();
  await panel.getByLabel(/seed of its own/).check();
  const address = await panel.getByLabel("Link", { exact: true }).inputValue();
  assert.match(address, /&hide=inside&lock=epochs&seat=\?$/);
  const pupil = await open(t, "", { at: address });
  await training(pupil).waitFor();
  assert.equal(await pupil.getByRole("region", { name: "Look inside" }).count(), 0);
  assert.equal(await pupil.getByLabel("Epochs", { exact: true }).isDisabled(), true);
  await (await opened(pupil)).getByText(/You train seed \d+/).waitFor();
});

/** The panel for a class, opened. */
async function opened(page) {
  const panel = page.getByRole("region", { name: "For a class" });
  await panel.locator("summary").first().click();
  await panel.getByRole("heading", { name: "Collect a class’s results" }).waitFor();
  return panel;
}
