// A class without a server: browsers train their seat's share and hand it in as a line of
// text; another browser puts the lines together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { SMALL, training } from "./lib/page.mjs";
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
