// Lessons: each of the fourteen from its card to its check, by roles and names, with reduced data, on a
// laptop and then on a phone, where axe finds nothing; what each costs in full; progress; lessons from files; the program that
// shows them, which comes when it is wanted.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { link, sampleIsReady, SMALL } from "./lib/page.mjs";
import { PATIENCE, playground } from "./lib/playground.mjs";

const { open } = playground();
const ROOT = path.join(import.meta.dirname, "../..");
const FOLDER = path.join(ROOT, "web/lessons");
const FILES = (await readdir(FOLDER)).filter((name) => /^\d/.test(name)).sort();
const LESSONS = await Promise.all(FILES.map(async (name) => JSON.parse(await readFile(path.join(FOLDER, name), "utf8"))));
const DOCS = await readFile(path.join(ROOT, "docs/lessons.md"), "utf8");

/** Keys of links in canonical order, as far as lessons use them. */
const ORDER = ["subset", "valid", "noise", "dseed", "model", "size", "epochs", "bs", "lr", "crop", "norm", "prog", "mixup", "ls", "tta", "engine"];
const LITTLE = { valid: "10", size: "16", epochs: "1", bs: "16", engine: "cpu" };

/** The same experiment on a few drawings of 16 pixels. */
function reduced(link) {
  const [head, sweep] = link.split("&sweep=");
  const given = Object.fromEntries(head.split("&").slice(1).map((pair) => pair.split("=")));
  const keys = { ...given, ...LITTLE };
  if (!sweep?.includes("subset:")) keys.subset = "10";
  if (given.prog) {
    keys.prog = "16x1,20x1";
    delete keys.size;
    delete keys.epochs;
  }
  const pairs = ORDER.filter((key) => key in keys).map((key) => `${key}=${keys[key]}`);
  const small = sweep?.replace(/prog:\|[^;]*/, "prog:|16x1,20x1");
  return ["v=1", ...pairs, ...(small ? [`sweep=${small}`] : [])].join("&");
}

async function serveReduced(page) {
  for (const [index, lesson] of LESSONS.entries()) {
    const little = { ...lesson, try: { ...lesson.try, link: reduced(lesson.try.link) } };
    await page.route(`**/${FILES[index]}`, (route) => route.fulfill({ json: little }));
  }
}

const PHONE = { width: 390, height: 844 };

const panel = (page) => page.getByRole("region", { name: "Lessons" });
const card = (page, lesson) => page.getByRole("article", { name: `${lesson.number}. ${lesson.title}` });

/** Opens the panel as a person does. */
async function openPanel(page) {
  await panel(page).getByText("Fourteen questions of the book’s chapter 7").click();
  await panel(page).getByRole("link", { name: LESSONS[0].title, exact: true }).waitFor();
}

async function assertFits(page) {
  const { scroll, client } = await page.evaluate(() => {
    const { scrollWidth: scroll, clientWidth: client } = document.documentElement;
    return { scroll, client };
  });
  assert.ok(scroll <= client, `the page is ${scroll} px wide on ${client} px`);
}

async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).include(".panel-lessons").analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })), []);
}

/** Answers one of the card's two questions, which may be worded alike: the prediction's comes first. */
async function answer(page, lesson, question, { guess, conclusion, right = true } = {}) {
  const groups = card(page, lesson).getByRole("group", { name: question, exact: true });
  const group = guess === undefined ? groups.last() : groups.first();
  const { kind, labels } = lesson.predict;
  if (kind === "effect") {
    await group.getByRole("radio", { name: guess ?? conclusion, exact: conclusion !== undefined }).check();
  } else if (kind === "choice") {
    const place = right ? lesson.check.right : (lesson.check.right % lesson.predict.options.length) + 1;
    await group.getByRole("radio", { name: lesson.predict.options[place - 1] }).check();
  } else {
    const values = kind === "number" ? [lesson.check.value] : lesson.check.values;
    const names = kind === "number" ? [/^Answer/] : labels;
    for (const [index, name] of names.entries()) {
      const field = group.getByLabel(name, { exact: true });
      await field.fill(String(right ? values[index] : values[index] + 40));
      await field.press("Tab");
    }
  }
}

async function predict(page, lesson) {
  await answer(page, lesson, lesson.predict.text, { guess: /^higher: / });
  await card(page, lesson).getByRole("button", { name: "Save my prediction" }).click();
  await card(page, lesson).getByText("Your prediction is saved.").waitFor();
}

for (const lesson of LESSONS) {
  test(`lesson ${lesson.number}, “${lesson.title}”, from its card to its check`, async (t) => {
    const page = await open(t, `lesson=${lesson.id}`, { prepare: serveReduced });
    const it = card(page, lesson);
    await it.getByText(lesson.question).waitFor();
    await sampleIsReady(page);
    assert.equal(await it.getByRole("heading", { name: "Check" }).count(), 0, "the prediction comes first");
    const before = link(page);
    await predict(page, lesson);
    assert.equal(link(page), before, "answers do not touch the experiment");

    const name = lesson.try.start ? "Set up and train" : "Set up";
    await it.getByRole("button", { name, exact: true }).click();
    const said = lesson.try.start ? "Done. Now look at the results." : "The page is set up.";
    await it.getByText(said).waitFor({ timeout: PATIENCE });
    assert.equal(link(page), `${reduced(lesson.try.link)}&lesson=${lesson.id}`, "the address names experiment and lesson");
    await assertFits(page);
    await page.setViewportSize(PHONE);
    await assertFits(page);

    for (const button of await it.getByRole("button", { name: /^Show “/ }).all()) {
      await button.click();
      const title = (await button.innerText()).match(/“(.*)”/)[1];
      const focused = await page.evaluate(() => document.activeElement.textContent);
      assert.ok(focused.includes(title), `${title} should have the focus, not ${focused}`);
    }

    if (lesson.predict.kind === "effect") {
      // So few images tell nothing, or at times something: both are graded.
      const passes = async (conclusion) => {
        await answer(page, lesson, lesson.check.text, { conclusion });
        await it.getByRole("button", { name: "Check my answer" }).click();
        const verdict = it.getByRole("status").last();
        await verdict.getByText(/Your prediction/).waitFor();
        return /^(Right|Your intervals? excludes? 0, so you may claim)/.test(await verdict.innerText());
      };
      const results = [];
      for (const conclusion of ["higher", "lower", "cannot tell"]) results.push(await passes(conclusion));
      assert.equal(results.filter(Boolean).length, 1, "one conclusion holds");
    } else {
      await answer(page, lesson, lesson.check.text, { right: false });
      await it.getByRole("button", { name: "Check my answer" }).click();
      await it.getByText(/too far off|This one holds instead|Not yet/).waitFor();
      await answer(page, lesson, lesson.check.text);
      await it.getByRole("button", { name: "Check my answer" }).click();
      await it.getByText(/^Right: .* Your prediction was right\./).waitFor();
    }
    await it.getByRole("heading", { name: "Why" }).waitFor();
    await it.getByText(lesson.why[0]).waitFor();
    await it.getByText(lesson.book).waitFor();
    await assertFits(page);
    for (const colorScheme of ["light", "dark"]) {
      // No colour is on its way to another one.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await assertAccessible(page);
    }
  });
}

test("the list opens every lesson, and each states its full cost", async (t) => {
  const page = await open(t, "v=1&engine=cpu");
  await sampleIsReady(page);
  await openPanel(page);
  for (const lesson of LESSONS) {
    await panel(page).getByRole("link", { name: lesson.title, exact: true }).click();
    const it = card(page, lesson);
    await it.waitFor();
    await predict(page, lesson);
    const [, cost] = DOCS.match(new RegExp(`\\| ${lesson.number} \\| [^|]* \\| (\\d+) \\|`));
    const text = cost === "0" ? "Nothing is trained." : `: ${cost} billion multiply-accumulates.`;
    await it.getByText(text, { exact: cost === "0" }).waitFor();
    assert.equal(link(page), `v=1&engine=cpu&lesson=${lesson.id}`);
  }
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in ${colorScheme}`, async (t) => {
    const page = await open(t, "lesson=five-classes", { context: { colorScheme } });
    const lesson = LESSONS.find((it) => it.id === "five-classes");
    await card(page, lesson).waitFor();
    await sampleIsReady(page);
    await assertAccessible(page);
    await predict(page, lesson);
    await answer(page, lesson, lesson.check.text);
    await card(page, lesson).getByRole("button", { name: "Check my answer" }).click();
    await card(page, lesson).getByRole("heading", { name: "Why" }).waitFor();
    await assertAccessible(page);
    const effect = LESSONS.find((it) => it.predict.kind === "effect");
    await panel(page).getByRole("link", { name: effect.title }).click();
    await predict(page, effect);
    await assertAccessible(page);
  });
}

test("a lesson’s address opens it, moves the focus to it and says so", async (t) => {
  const page = await open(t, `${SMALL}&lesson=mixup`);
  const lesson = LESSONS.find((it) => it.id === "mixup");
  await card(page, lesson).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "lesson-title");
  await panel(page).getByRole("status").getByText("The lesson “What mixup is” is open.").waitFor();
  assert.ok(link(page).startsWith(SMALL), "the experiment beside it is open, too");
  await page.evaluate(() => (location.hash = "#lesson=nonsense"));
  await panel(page).getByText("There is no lesson “nonsense”.").waitFor();
  assert.ok(link(page).startsWith(SMALL), link(page));
});

test("the terms of the field are explained", async (t) => {
  const page = await open(t, SMALL);
  await openPanel(page);
  await panel(page).getByText("Terms from A to Z").click();
  await panel(page).getByRole("term").getByText("Holm's correction").waitFor();
  await assertAccessible(page);
  await assertFits(page);
});

test("a lesson shows its recorded results", async (t) => {
  const lesson = LESSONS.find((it) => it.id === "mixup-epochs");
  const page = await open(t, `lesson=${lesson.id}`);
  await predict(page, lesson);
  await card(page, lesson).getByRole("button", { name: "Show it on photographs, recorded" }).click();
  const recorded = page.getByRole("region", { name: "Imagenette, recorded" });
  await recorded.getByText(/^Accuracy of each arm$/).waitFor();
  const chosen = await recorded.getByLabel("Which comparison").evaluate((list) => list.selectedOptions[0].text);
  assert.match(chosen, /^tiny, 64 px, 5 epochs/);
});

test("the program comes when it is wanted, says why it does not, and is fetched again", async (t) => {
  let fails = true;
  const fetched = [];
  const page = await open(t, SMALL, {
    prepare: (page) =>
      page.route(/classroom-[0-9a-f]+\//, (route) => {
        fetched.push(route.request().url());
        return fails && route.request().url().includes("classroom_bg.wasm") ? route.abort() : route.continue();
      }),
  });
  await sampleIsReady(page);
  assert.deepEqual(fetched, [], "nothing before the panel is opened");
  await panel(page).getByText("Fourteen questions").click();
  await panel(page).getByText(/^The lessons did not start: /).waitFor();
  fails = false;
  await panel(page).getByRole("button", { name: "Try again" }).click();
  await panel(page).getByRole("link", { name: LESSONS[0].title, exact: true }).waitFor();
});

test("a program of another build is refused", async (t) => {
  const page = await open(t, "lesson=mixup");
  await card(page, LESSONS.find((it) => it.id === "mixup")).waitFor();
  await page.evaluate(() => dispatchEvent(new CustomEvent("playground-classroom", { detail: '0000000\n"Listen"' })));
  await panel(page).getByText(/of another build \(0000000\).*reload the page/).waitFor();
});

test("what was opened is there without a network", async (t) => {
  const page = await open(t, SMALL, { context: { serviceWorkers: "allow" } });
  await sampleIsReady(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  await openPanel(page);
  await page.context().setOffline(true);
  await page.reload();
  await openPanel(page);
  await panel(page).getByRole("link", { name: LESSONS[0].title, exact: true }).click();
  await card(page, LESSONS[0]).waitFor();
});

test("progress outlives a reload and leaves as a file and as a worksheet", async (t) => {
  const lesson = LESSONS.find((it) => it.id === "five-classes");
  const page = await open(t, "lesson=five-classes");
  await predict(page, lesson);
  await page.reload();
  await card(page, lesson).getByText("Your prediction is saved.").waitFor();
  await answer(page, lesson, lesson.check.text);
  await card(page, lesson).getByRole("button", { name: "Check my answer" }).click();
  await panel(page).getByText("1 of 14 answered.").waitFor();
  const saved = async (name) => {
    const waiting = page.waitForEvent("download");
    await panel(page).getByRole("button", { name }).click();
    return readFile(await (await waiting).path(), "utf8");
  };
  const progress = JSON.parse(await saved("Download my progress"));
  assert.deepEqual(progress.lessons.map(({ lesson, passed }) => [lesson, passed]), [["five-classes", true]]);
  assert.match(await saved("Download a worksheet to print"), /A target with five categories/);
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await panel(page).getByText("0 of 14 answered.").waitFor();
  const file = { name: "lessons.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(progress)) };
  await panel(page).getByLabel("Open a lesson or your progress from a file").setInputFiles(file);
  await panel(page).getByText("1 of 14 answered.").waitFor();
});

test("a lesson of one’s own opens from a file and from beside the page, and mistakes name their line", async (t) => {
  const own = { ...LESSONS[12], id: "our-own", title: "Our own", number: 1 };
  const page = await open(t, "lesson=ours/own.json", {
    prepare: (page) => page.route("**/ours/own.json", (route) => route.fulfill({ json: own })),
  });
  await card(page, own).waitFor();
  const give = (name, text) =>
    panel(page).getByLabel("Open a lesson or your progress from a file").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await give("second.json", JSON.stringify({ ...own, id: "second", title: "A second one" }));
  await card(page, { ...own, title: "A second one" }).waitFor();
  await give("bad.json", JSON.stringify({ ...own, titel: "x" }, null, 2).replace('"v=1&ls=0.1"', '"v=1&smoothing=0.1"'));
  const alert = panel(page).getByRole("alert");
  await alert.getByText(/line \d+, column \d+, `titel`: there is no such field/).waitFor();
  assert.match(await alert.innerText(), /line \d+, column \d+, `try\.link`: The key `smoothing` is not known/);
});
