// Explains the terms of the field where they stand. The first of each that is seen in a panel becomes a
// button, which shows its definition beside it: web/glossary.json, in the page's language. web/boot.js loads
// this once the page has started. It knows nothing of the programs whose texts it reads, and they nothing of it.
//
// The programs go on to own their nodes: a text keeps its node, cut before its first term, and the
// buttons and the rest of the text stand behind it. When a program changes or removes such a text, what was
// put behind it goes in the same turn, and a text that changed once is left alone.

/** What counts as a panel, the innermost first. */
const PANELS = ".instrument, .lesson, section.panel";
/** Where no button can be, or where the text is read out when it changes, or is explained already. */
const LEFT_ALONE =
  "button, a, label, summary, select, textarea, input, output, legend, h1, h2, h3, h4, code, pre, svg, time, progress, " +
  ".tag, .terms, .visually-hidden, .term-note, [role=status], [role=alert], [role=slider], [aria-live], [aria-hidden=true], [hidden]";
/** The label of a slider cannot hold a button: it stands below. */
const SLIDERS = ".field-range > label";
/** Milliseconds without a change before a panel is read. */
const CALM = 400;
/** Pixels between a term, its definition and the edge of the window. */
const GAP = 6;

const root = document.getElementById("app");
const language = document.documentElement.lang;
const found = await read();
/** For each text that was cut: the whole of it, and what stands behind it. */
const cuts = new Map();
/** Texts that a program has changed. */
const lively = new WeakSet();
/** Nodes that were made here. */
const ours = new WeakSet();
const observer = new MutationObserver(heard);
const paper = matchMedia("print");
let waiting = 0;
let open = null;

if (found && HTMLElement.prototype.togglePopover) start();

async function read() {
  const { content } = document.querySelector("meta[name=glossary]");
  const response = await fetch(new URL(content, document.baseURI));
  if (!response.ok) throw new Error(`the glossary was not loaded: ${response.status}`);
  const spellings = new Map();
  for (const [term, meaning, spelled] of await response.json()) {
    for (const spelling of spelled) spellings.set(spelling.toLowerCase(), { term, meaning });
  }
  // The longest first: “label smoothing” is not “label”.
  const all = [...spellings.keys()].sort((a, b) => b.length - a.length);
  const escaped = all.map((spelling) => spelling.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_=/-])(?:${escaped.join("|")})(?![\\p{L}\\p{N}_=/])`, "giu");
  return { pattern, of: (spelled) => spellings.get(spelled.toLowerCase()) };
}

function start() {
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = new URL("terms.css", import.meta.url);
  // What is read out when a definition appears.
  const voice = document.createElement("p");
  voice.id = "term-voice";
  voice.className = "visually-hidden";
  voice.setAttribute("role", "status");
  document.head.append(style);
  document.body.append(voice);
  observe();
  document.addEventListener("toggle", later, true);
  // Paper has nothing to press.
  paper.addEventListener("change", () => (paper.matches ? quietly(() => [...cuts.keys()].forEach(mend)) : later()));
  later();
}

function observe() {
  observer.observe(root, { subtree: true, childList: true, characterData: true });
}

/** Changes the page without hearing of it, but of all that the programs did before. */
function quietly(change) {
  heard(observer.takeRecords());
  change();
  observer.takeRecords();
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(() => quietly(explain), CALM);
}

/** What the programs changed. Runs before it is painted. */
function heard(records) {
  let more = false;
  for (const { type, target, addedNodes, removedNodes } of records) {
    if (type === "characterData") {
      lively.add(target);
      // The program has written all of it anew.
      if (cuts.has(target)) take(target);
    } else {
      for (const node of removedNodes) {
        if (cuts.has(node)) mend(node);
      }
      more ||= [...addedNodes].some((node) => !ours.has(node)) && !target.closest?.("svg");
    }
  }
  // What was mended here is no change of a program.
  observer.takeRecords();
  if (more) later();
}

/** Finds the terms of all that is seen. */
function explain() {
  if (paper.matches) return;
  for (const [text, { behind }] of cuts) {
    const gone = !text.isConnected || !behind[0].checkVisibility();
    if (gone && !behind.includes(document.activeElement)) mend(text);
  }
  const known = new Map();
  for (const button of root.querySelectorAll("button.term")) knownIn(known, button).add(button.dataset.term);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    const foreign = node.lang && node.lang !== language;
    const shut = node.parentElement?.matches("details:not([open])");
    return foreign || shut || node.matches(LEFT_ALONE) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  });
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const fresh = !ours.has(text) && !lively.has(text) && !cuts.has(text);
    if (fresh && text.data.length > 1 && text.parentElement.checkVisibility()) cut(text, knownIn(known, text.parentElement));
  }
  for (const label of root.querySelectorAll(SLIDERS)) {
    if (label.checkVisibility() && !label.parentElement.querySelector(":scope > .term")) standBelow(label, knownIn(known, label));
  }
}

/** The terms that the panel of this element explains; none are wanted outside of panels. */
function knownIn(known, element) {
  const panel = element.closest(PANELS);
  if (!known.has(panel)) known.set(panel, new Set());
  return known.get(panel);
}

/** The terms in a text that its panel does not explain yet, each once, with their places. */
function wanted(text, known) {
  return [...text.matchAll(found.pattern)].filter(([spelled]) => {
    const { term } = found.of(spelled);
    const fresh = !known.has(term);
    known.add(term);
    return fresh;
  });
}

/** Makes the terms of a text buttons. */
function cut(text, known) {
  if (!text.parentElement.closest(PANELS)) return;
  const whole = text.data;
  const terms = wanted(whole, known);
  if (terms.length === 0) return;
  const behind = terms.flatMap(({ 0: spelled, index }, place) => {
    const rest = whole.slice(index + spelled.length, terms[place + 1]?.index);
    return [termButton(spelled), made(document.createTextNode(rest))];
  });
  cuts.set(text, { whole, behind });
  text.data = whole.slice(0, terms[0].index);
  text.after(...behind);
}

function standBelow(label, known) {
  for (const [spelled] of wanted(label.textContent, known)) {
    const button = termButton(spelled);
    button.textContent = found.of(spelled).term;
    label.parentElement.append(button);
  }
}

/** Removes what stands behind a text. */
function take(text) {
  for (const node of cuts.get(text).behind) {
    if (open?.button === node) close();
    node.remove();
  }
  cuts.delete(text);
}

/** Makes a text whole again. */
function mend(text) {
  const { whole } = cuts.get(text);
  take(text);
  text.data = whole;
}

function made(node) {
  ours.add(node);
  return node;
}

function termButton(spelled) {
  const button = made(document.createElement("button"));
  button.type = "button";
  button.className = "term";
  button.textContent = spelled;
  button.dataset.term = found.of(spelled).term;
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => quietly(() => (open?.button === button ? close() : show(button, found.of(spelled)))));
  // The Tab key leaves the definition behind.
  button.addEventListener("blur", ({ relatedTarget }) => relatedTarget && open?.button === button && quietly(close));
  return button;
}

/** Shows a definition beside its term. */
function show(button, { term, meaning }) {
  close();
  const note = made(document.createElement("span"));
  note.className = "term-note";
  note.popover = "auto";
  const name = document.createElement("strong");
  name.textContent = term;
  note.append(name, `: ${meaning}`);
  button.after(note);
  open = { button, note };
  note.addEventListener("toggle", ({ newState }) => newState === "closed" && open?.note === note && quietly(close));
  // With its source, a press on the term does not count as one outside of it.
  note.showPopover({ source: button });
  place(button, note);
  button.setAttribute("aria-expanded", "true");
  document.getElementById("term-voice").textContent = note.textContent;
}

function close() {
  if (!open) return;
  const { button, note } = open;
  open = null;
  note.remove();
  button.setAttribute("aria-expanded", "false");
  document.getElementById("term-voice").textContent = "";
}

/** Below the term, or above it where there is no room, and within the window. */
function place(button, note) {
  const term = button.getBoundingClientRect();
  const { width, height } = note.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const below = term.bottom + GAP;
  const top = below + height > clientHeight && term.top > height + GAP ? term.top - GAP - height : below;
  const left = Math.max(GAP, Math.min(term.left, clientWidth - width - GAP));
  note.style.top = `${top + scrollY}px`;
  note.style.left = `${left + scrollX}px`;
}
