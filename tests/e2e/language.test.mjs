// German: asked for by a link, chosen on this device, preferred by the browser; offline, on a
// phone, and in English where its texts do not arrive.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { counted, link, sampleIsReady, SMALL } from "./lib/page.mjs";
import { archive } from "./lib/pictures.mjs";
import { playground } from "./lib/playground.mjs";

const { open } = playground();

function train(page, name = "Trainieren") {
  return page.getByRole("button", { name, exact: true });
}

async function language(page) {
  return page.evaluate(() => document.documentElement.lang);
}

async function lessonFile(name) {
  return JSON.parse(await readFile(new URL(`../../web/lessons/${name}`, import.meta.url), "utf8"));
}

async function germanIsReady(page) {
  await page.getByRole("region", { name: "Daten", exact: true }).getByText(/Trainings- und 500 Validierungsbilder/).waitFor();
}

async function openFile(page, name, buffer) {
  await page.getByLabel("Ein Archiv (.tgz, .tar)").setInputFiles({ name, mimeType: "application/gzip", buffer });
}

/** An archive whose end is missing. */
async function openDamaged(page) {
  const whole = archive({ train: 24, valid: 10 });
  await openFile(page, "cut.tgz", whole.subarray(0, whole.length / 2));
}

async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })), []);
}

test("a link with lang=de shows the page in German, and training says so", async (t) => {
  const page = await open(t, `${SMALL}&lang=de`);
  await train(page).waitFor();
  assert.equal(await language(page), "de");
  assert.match(await page.title(), /Imagenette Playground/);
  await page.getByRole("heading", { name: "Techniken" }).waitFor();
  const words = await page.getByRole("switch").evaluateAll((all) => all.map((it) => getComputedStyle(it, "::after").content));
  assert.deepEqual([...new Set(words)].sort(), ['"an"', '"aus"'], "the words on the switches");
  await page.getByRole("switch", { name: "Label-Smoothing" }).waitFor();
  await germanIsReady(page);
  await train(page).click();
  const panel = page.getByRole("region", { name: "Training", exact: true });
  await panel.getByText("Beendet").first().waitFor();
  // A decimal comma and a space before the sign.
  await panel.getByText(/^\d+,\d\s%$/).first().waitFor();
  await page.getByRole("img", { name: "Genauigkeit über Epoche" }).waitFor();
  // The address keeps the language for a reload; the link to copy is the experiment's alone.
  assert.ok(link(page).endsWith("&lang=de"), link(page));
});

test("numbers of the thousands are written as German writes them", async (t) => {
  const page = await open(t, "v=1&lang=de");
  await page.getByText(/\d{1,3}\.\d{3} Gewichte, \d+,\d Mio\. MACs/).first().waitFor();
});

test("the copied link names no language", async (t) => {
  const page = await open(t, `${SMALL}&lang=de`, { context: { permissions: ["clipboard-read", "clipboard-write"] } });
  await page.getByRole("button", { name: "Link kopieren" }).click();
  await page.getByRole("button", { name: "Kopiert" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.includes("#v=1") && !copied.includes("lang="), copied);
});

test("an error of the worker and notices about the link are German", async (t) => {
  const page = await open(t, `${SMALL}&nosuchkey=1&lang=de`);
  await page.getByText("Der Schlüssel `nosuchkey` ist nicht bekannt und wurde ausgelassen.").waitFor();
  await germanIsReady(page);
  await openFile(page, "notes.tgz", Buffer.from("%PDF is not an archive. ".repeat(100)));
  await page.getByText("Das ist kein Archiv mit Bildern").first().waitFor();
  await page.getByText("„notes.tgz“ ist kein Archiv vom Typ .tgz, .tar oder .zip: Es sieht aus wie ein PDF-Dokument").first().waitFor();
  await openDamaged(page);
  await page.getByText("Das Archiv ist beschädigt").first().waitFor();
  await page.getByText(/„cut\.tgz“ endet zu früh, nach \d+ Bildern: /).first().waitFor();
  await page.getByText("Lade oder kopiere die Datei noch einmal").first().waitFor();
});

for (const [why, answer, said] of [
  ["does not arrive", (route) => route.fulfill({ status: 503 }), "the server answered 503"],
  [
    "is of another build",
    async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), keys: 1 } });
    },
    "sie stammen aus einem anderen Build",
  ],
]) {
  test(`if what only the worker says in German ${why}, it speaks English, and the page says why once`, async (t) => {
    const page = await open(t, `${SMALL}&lang=de`, { prepare: (page) => page.route("**/worker-texts-de-*.json", answer) });
    await germanIsReady(page);
    await openDamaged(page);
    await page.getByText("The archive is damaged").first().waitFor();
    await page.getByText(/„cut\.tgz“ ends too early, after \d+ images: /).first().waitFor();
    const warning = page.getByText(`Die Engine meldet sich auf Englisch, weil ihre Texte nicht angekommen sind: ${said}.`);
    await counted(warning, 1);
    // The page itself stays German.
    await germanIsReady(page);
  });
}

test("a choice applies at the next load, is kept, and wins over the link that it was made on", async (t) => {
  const page = await open(t, `${SMALL}&lang=de`);
  await train(page).waitFor();
  const choice = page.getByLabel("Sprache");
  assert.deepEqual(await choice.locator("option").allInnerTexts(), ["English", "Deutsch"]);
  await choice.selectOption("English");
  // Nothing reloads by itself.
  await page.getByText("Die Sprache wechselt, wenn die Seite neu geladen wird.").waitFor();
  assert.equal(await train(page).count(), 1);
  assert.ok(!link(page).includes("lang="), link(page));
  await page.getByRole("button", { name: "Neu laden" }).click();
  await train(page, "Train").waitFor();
  assert.equal(await language(page), "en");
  await page.getByLabel("Language").selectOption("Deutsch");
  await page.reload();
  await train(page).waitFor();
  assert.equal(await language(page), "de");
  // Another link says otherwise for once.
  await page.goto(`${page.url().split("#")[0]}?#${SMALL}&lang=en`);
  await train(page, "Train").waitFor();
});

test("the browser's preference counts where nothing else does", async (t) => {
  const page = await open(t, SMALL, { context: { locale: "de-AT" } });
  await train(page).waitFor();
  assert.equal(await language(page), "de");
});

test("a language that there is not falls back to English", async (t) => {
  const page = await open(t, `${SMALL}&lang=tlh`);
  await train(page, "Train").waitFor();
  assert.equal(await language(page), "en");
});

for (const [why, answer] of Object.entries({
  "do not arrive": (route) => route.abort(),
  "are of another build": async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), keys: 1 } });
  },
})) {
  test(`the page is in English if the German texts ${why}, and says so in the console`, async (t) => {
    const warned = [];
    const page = await open(t, `${SMALL}&lang=de`, {
      prepare: async (page) => {
        page.on("console", (message) => warned.push(message.text()));
        await page.route("**/texts-de-*.json", answer);
      },
    });
    await train(page, "Train").waitFor();
    assert.equal(await language(page), "en");
    assert.ok(warned.some((text) => text.startsWith("The page is in English")), warned.join("\n"));
  });
}

test("English takes no request for texts", async (t) => {
  const asked = [];
  const page = await open(t, SMALL, { prepare: async (page) => page.on("request", (it) => asked.push(it.url())) });
  await sampleIsReady(page);
  assert.ok(asked.some((url) => url.endsWith("/worker_loader.js")), asked.join("\n"));
  assert.ok(!asked.some((url) => url.includes("texts-")), asked.join("\n"));
});

test("the page reloads offline in German", async (t) => {
  const page = await open(t, `${SMALL}&lang=de`, { context: { serviceWorkers: "allow" } });
  await germanIsReady(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  await page.context().setOffline(true);
  await page.reload();
  await germanIsReady(page);
  assert.equal(await language(page), "de");
  await openDamaged(page);
  await page.getByText("Das Archiv ist beschädigt").first().waitFor();
});

test("class, recorded results and glossary are German, too", async (t) => {
  const page = await open(t, `${SMALL}&lang=de`);
  await train(page).waitFor();
  const recorded = page.getByRole("region", { name: "Imagenette, aufgezeichnet" });
  await recorded.getByText("Ergebnisse auf den echten Fotos").click();
  await recorded.getByText(/^Genauigkeit jedes Arms$/).waitFor();
  await recorded.getByText(/: (hilft|schadet|nicht zu sagen)/).first().waitFor();
  const lessons = page.getByRole("region", { name: "Lektionen" });
  await lessons.getByText("Vierzehn Fragen").click();
  await lessons.getByText("Begriffe von A bis Z").click();
  await lessons.getByText("Überanpassung").waitFor();
  const german = JSON.parse(await readFile(new URL("../../web/glossary.de.json", import.meta.url), "utf8"));
  await counted(lessons.locator("dt"), german.length);
  const group = page.getByRole("region", { name: "Für eine Klasse" });
  await group.getByText("Anteil abgeben").click();
  await group.getByText("Ergebnisse einer Klasse sammeln").first().waitFor();
});

test("a lesson is German, its frame and its content, and stores the same answers", async (t) => {
  const german = await lessonFile("de/08-mixup.json");
  const page = await open(t, `${SMALL}&lesson=mixup&lang=de`);
  await germanIsReady(page);
  const panel = page.getByRole("region", { name: "Lektionen" });
  const card = panel.getByRole("article", { name: `8. ${german.title}` });
  await card.getByText(german.question).waitFor();
  await panel.getByRole("status").getByText(`Die Lektion „${german.title}“ ist geöffnet.`).waitFor();
  await panel.getByText("0 von 14 beantwortet.").waitFor();
  await panel.getByRole("link", { name: "Was Normalisierung ist" }).waitFor();
  const fill = async (question, values) => {
    const group = card.getByRole("group", { name: question, exact: true });
    for (const [index, label] of german.predict.labels.entries()) {
      await group.getByLabel(label, { exact: true }).fill(String(values[index]));
    }
  };
  await fill(german.predict.text, [0.5, 0.5, 0]);
  await card.getByRole("button", { name: "Meine Vorhersage speichern" }).click();
  await card.getByText("Deine Vorhersage ist gespeichert.").waitFor();
  await card.getByRole("heading", { name: "Ausprobieren" }).waitFor();
  await card.getByText(german.try.text).waitFor();
  await card.getByText("Trainiert wird nichts.", { exact: true }).waitFor();
  await card.getByRole("button", { name: "„Der nächste Batch“ zeigen" }).waitFor();
  await fill(german.check.text, german.check.values);
  await card.getByRole("button", { name: "Meine Antwort prüfen" }).click();
  await card.getByText("Richtig: Alle Zahlen stimmen. Deine Vorhersage war eine andere.").waitFor();
  await card.getByRole("heading", { name: "Warum" }).waitFor();
  await card.getByText(german.why[0]).waitFor();
  await assertAccessible(page);
  // In English it is the same progress, told in English.
  const english = await lessonFile("08-mixup.json");
  await page.goto(`${page.url().split("#")[0]}?#${SMALL}&lesson=mixup&lang=en`);
  const told = page.getByRole("region", { name: "Lessons" }).getByRole("article", { name: `8. ${english.title}` });
  await told.getByText("Right: all of the numbers are correct. Your prediction was different.").waitFor();
  await told.getByText(english.why[0]).waitFor();
  await page.getByRole("region", { name: "Lessons" }).getByText("1 of 14 answered.").waitFor();
});

test("German fits a phone, and axe finds nothing there", async (t) => {
  const page = await open(t, `${SMALL}&mixup=0.4&tta=2&ls=0.1&lang=de`, { context: { viewport: { width: 360, height: 740 } } });
  await germanIsReady(page);
  await train(page).click();
  await page.getByRole("region", { name: "Training", exact: true }).getByText("Beendet").first().waitFor();
  // Everything that folds is open.
  await page.evaluate(() => document.querySelectorAll("details").forEach((it) => it.setAttribute("open", "")));
  await page.getByText("Begriffe von A bis Z").waitFor();
  await page.getByLabel("Sprache").selectOption("English");
  const wide = await page.evaluate(() => {
    const width = document.documentElement.scrollWidth;
    const cut = [...document.querySelectorAll("button, summary, label, h1, h2, h3, h4, select")]
      .filter((it) => it.checkVisibility() && !it.closest(".skip, .visually-hidden") && it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).display !== "inline")
      .map((it) => it.textContent);
    return { width, cut };
  });
  assert.ok(wide.width <= 360, `the page is ${wide.width} px wide on a 360 px screen`);
  assert.deepEqual(wide.cut, []);
  await assertAccessible(page);
});
