// Five tasks of a newcomer: each starts on the page in a fresh browser, ends with what the learner had to
// find, and has a limit of clicks, key presses and choices. On a phone, by roles and names alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleIsReady, training } from "./lib/page.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

/** As the page is at first, but for fewer and smaller drawings and the CPU engine. */
const FEW = "v=1&subset=30&valid=10&size=16&epochs=8&bs=16&engine=cpu";
const PHONE = { width: 390, height: 844 };

/** Someone who has never been here, and does no more than `limit` things. */
async function newcomer(t, limit, { context = {}, ...options } = {}) {
  const page = await open(t, FEW, { folded: true, context: { viewport: PHONE, ...context }, ...options });
  await sampleIsReady(page);
  const done = [];
  const act = (what) => {
    done.push(what);
    assert.ok(done.length <= limit, `more than ${limit}: ${done.join(", ")}`);
  };
  const button = (name) => page.getByRole("button", { name, exact: true });
  return {
    page,
    press: async (name) => {
      act(name);
      await button(name).click();
    },
    /** Opens what answers a question, by the question. */
    unfold: async (question) => {
      act(question);
      await page.getByText(question).click();
    },
    follow: async (link) => {
      act("a link");
      await link.click();
    },
    choose: async (answer) => {
      act("an answer");
      await answer.check();
    },
    type: async (field, text) => {
      act("a number");
      await field.fill(text);
      await field.press("Tab");
    },
    finished: () => training(page).getByText("Finished").first().waitFor(),
  };
}

const region = (page, name) => page.getByRole("region", { name, exact: true });

test("a first accuracy: one click", async (t) => {
  const person = await newcomer(t, 1);
  await person.press("Train");
  await person.finished();
  const panel = training(person.page);
  await panel.getByRole("term").getByText("Accuracy", { exact: true }).waitFor();
  await panel.getByRole("definition").getByText(/^\d+\.\d%$/).waitFor();
});

test("what did mixup do: two clicks", async (t) => {
  const person = await newcomer(t, 2);
  await person.press("Train");
  await person.finished();
  await person.press("Switch on mixup and train the twin");
  const results = region(person.page, "Results");
  await results.getByText(/^After epoch 8: \d+\.\d%, \d+\.\d points (above|below) run 1 \(\d+\.\d%\)\.$/).waitFor();
  await results.getByText(/\d+ fixed, \d+ broken of 100 images: .* points \(95% from .* to .*\)/).waitFor();
});

test("why is it less sure: four clicks", async (t) => {
  const person = await newcomer(t, 4);
  await person.press("Train");
  await person.finished();
  await person.press("Switch on mixup and train the twin");
  await region(person.page, "Results").getByText(/^After epoch 8: /).waitFor();
  await person.unfold("When the network is 90% sure, is it right 9 times out of 10?");
  const confidence = person.page.getByRole("group", { name: "Confidence" });
  const mean = async (run) => {
    const told = await region(confidence, run).getByText(/^Mean confidence \d+\.\d%, accuracy/).innerText();
    return Number(told.match(/Mean confidence (\d+\.\d)%/)[1]);
  };
  // Both runs stand side by side, without a choice.
  assert.ok((await mean("Run 2")) < (await mean("Run 1")), "the twin with mixup is less sure");
  await region(confidence, "Run 2").getByText(/“Targets” shows what they ask for/).waitFor();
  await person.unfold("What do label smoothing and mixup ask the network for?");
  const targets = person.page.getByRole("group", { name: "Targets" });
  await targets.getByText(/A prediction that is more certain than the target has a higher loss\./).waitFor();
});

test("which lesson next: two clicks to the first, one from an answered lesson to the next", async (t) => {
  const person = await newcomer(t, 6);
  await person.unfold("Fourteen questions of the book’s chapter 7, answered by experiment");
  const lessons = region(person.page, "Lessons");
  await person.follow(lessons.getByRole("paragraph").filter({ hasText: "Next:" }).getByRole("link", { name: "1. ImageNet and Imagenette" }));
  const first = person.page.getByRole("article", { name: "1. ImageNet and Imagenette" });
  await first.getByRole("heading", { name: "Predict" }).waitFor();
  await person.type(first.getByLabel("Answer (times as long)"), "135");
  await person.press("Save my prediction");
  await person.type(first.getByRole("group").last().getByLabel("Answer (times as long)"), "135");
  await person.press("Check my answer");
  await lessons.getByText("1 of 14 answered.").waitFor();
  await lessons.getByRole("link", { name: "2. What normalization is" }).waitFor();
});

test("show it to a friend by link: three clicks, and the friend’s one", async (t) => {
  const context = { permissions: ["clipboard-read", "clipboard-write"] };
  const person = await newcomer(t, 3, { context });
  await person.press("Train");
  await person.finished();
  await person.press("Switch on mixup and train the twin");
  const told = region(person.page, "Results").getByText(/^After epoch 8: /);
  const [, accuracy] = (await told.innerText()).match(/^After epoch 8: (\d+\.\d%)/);
  await person.press("Copy link");
  await region(person.page, "Training").waitFor();
  await person.page.getByRole("button", { name: "Copied" }).waitFor();
  const link = await person.page.evaluate(() => navigator.clipboard.readText());

  const friend = await newcomer(t, 1, { at: link });
  await friend.page.getByRole("switch", { name: "Mixup", checked: true }).waitFor();
  await friend.press("Train");
  await friend.finished();
  await training(friend.page).getByRole("definition").getByText(accuracy, { exact: true }).waitFor();
});
