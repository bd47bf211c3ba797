// The service worker: once the page has loaded, it works without a network.
//
// It keeps the files of exactly one build, the list that the build wrote below, and
// takes them all or none: each is fetched against its hash. Every file but the entry
// page has a name that changes with its content, so the page of one build can never
// meet the worker of another, whichever service worker is in charge. The entry page
// comes from the network while there is one; a rebuilt site shows at the next reload.
// Anything not on the list, data archives above all, passes by untouched.

const BUILD = "__BUILD__";
const FILES = "__FILES__"; // [path, integrity] of every file, the entry page as ""
const NAMED = "__NAMED__"; // those that the entry page names
const RECORDED = "__RECORDED__"; // paths of the recorded results, stored when they are looked at

const SCOPE = self.registration.scope;
// One origin may host this site at several paths; each keeps its own.
const OURS = `playground ${SCOPE} `;
const CACHE = OURS + BUILD;
// After so long without an answer the network counts as gone, in milliseconds.
const PATIENCE = 5000;
const KEPT = new Set(FILES.map(([path]) => new URL(path, SCOPE).href));
const LOOKED_AT = `${OURS}recorded`;
const LATER = new Set(RECORDED.map((path) => new URL(path, SCOPE).href));

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  url.hash = "";
  url.search = "";
  if (request.mode === "navigate") {
    if (url.href === SCOPE || url.href === `${SCOPE}index.html`) event.respondWith(entryPage(request));
  } else if (KEPT.has(url.href)) {
    event.respondWith(keptFile(request, url.href));
  } else if (LATER.has(url.href)) {
    event.respondWith(recordedFile(request, url.href));
  }
});

async function keepAll() {
  try {
    const cache = await caches.open(CACHE);
    // One at a time, so that this never competes with the page for the connection.
    for (const [path, integrity] of FILES) {
      await cache.put(new URL(path, SCOPE).href, await asBuilt(path, integrity));
    }
  } catch (error) {
    if (error instanceof Changed) await tell(error.message);
    if (error.name === "QuotaExceededError") await tell("The space that the browser gives this site is used up.");
    throw error;
  }
}

/** A file came otherwise than it was built. */
class Changed extends Error {}

async function asBuilt(path, integrity) {
  const url = new URL(path, SCOPE).href;
  // The entry page's name stays when its content changes, so that caches may have an old one.
  for (const cache of path === "" ? ["reload"] : ["default", "reload"]) {
    const response = await fetch(url, { cache });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const bytes = await response.clone().arrayBuffer();
    if ((await digest(bytes)) === integrity) return response;
    if (path === "" && namesThisBuild(new TextDecoder().decode(bytes))) return response;
  }
  throw new Changed(
    path === ""
      ? "The entry page that came is not of this build: the host rewrites it, or was just updated."
      : `The host changes ${path} on its way; it has to serve the file as it was built.`,
  );
}

async function digest(bytes) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...sum))}`;
}

function namesThisBuild(page) {
  return NAMED.every((name) => page.includes(name));
}

/** Says in every open page of this site why it is not kept. */
async function tell(notKept) {
  for (const client of await self.clients.matchAll({ includeUncontrolled: true })) {
    if (client.url.startsWith(SCOPE)) client.postMessage({ notKept });
  }
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== CACHE && name !== LOOKED_AT) await caches.delete(name);
  }
  const looked = await caches.open(LOOKED_AT);
  for (const { url } of await looked.keys()) {
    if (!LATER.has(url)) await looked.delete(url);
  }
  await self.clients.claim();
}

async function entryPage(request) {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (response.ok) return response;
  } catch {
    // No network: the kept page is as good.
  }
  return (await (await caches.open(CACHE)).match(SCOPE)) ?? Response.error();
}

/** Stored the first time that it is asked for. */
async function recordedFile(request, url) {
  const looked = await caches.open(LOOKED_AT);
  const stored = await looked.match(url);
  if (stored) return stored;
  const response = await fetch(request);
  // Without space it comes from the network the next time, too.
  if (response.ok) await looked.put(url, response.clone()).catch(() => {});
  return response;
}

async function keptFile(request, url) {
  return (await (await caches.open(CACHE)).match(url)) ?? fetch(request);
}
