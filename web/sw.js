// The service worker: once the page has loaded, it works without a network.
//
// It stores the files of exactly one build, which the build lists below, and stores either all
// of them or none. Each is checked against its hash. Every file except the entry page has a name
// that changes with its content, so the page of one build never meets the worker of another,
// whichever service worker is active. The entry page comes from the network if there is one, so
// a rebuilt site appears at the next reload. Requests for other files, such as data archives,
// are not touched.

const BUILD = "__BUILD__";
const FILES = "__FILES__"; // [path, integrity] of every file, the entry page as ""
const NAMED = "__NAMED__"; // the files that the entry page names
const RECORDED = "__RECORDED__"; // paths of the recorded results, which are stored when first requested

const SCOPE = self.registration.scope;
// One origin may host this site at several paths; each has its own cache.
const OURS = `playground ${SCOPE} `;
const CACHE = OURS + BUILD;
// Milliseconds after which a network that does not answer counts as missing.
const PATIENCE = 5000;
const STORED = new Set(FILES.map(([path]) => new URL(path, SCOPE).href));
const RECORDED_CACHE = `${OURS}recorded`;
const LATER = new Set(RECORDED.map((path) => new URL(path, SCOPE).href));

self.addEventListener("install", (event) => event.waitUntil(storeAll()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  url.hash = "";
  url.search = "";
  if (request.mode === "navigate") {
    if (url.href === SCOPE || url.href === `${SCOPE}index.html`) event.respondWith(entryPage(request));
  } else if (STORED.has(url.href)) {
    event.respondWith(storedFile(request, url.href));
  } else if (LATER.has(url.href)) {
    event.respondWith(recordedFile(request, url.href));
  }
});

async function storeAll() {
  try {
    const cache = await caches.open(CACHE);
    // One at a time, so that this never competes with the page for the connection.
    for (const [path, integrity] of FILES) {
      await cache.put(new URL(path, SCOPE).href, await asBuilt(path, integrity));
    }
  } catch (error) {
    if (error instanceof Changed) await tell(error.message);
    if (error.name === "QuotaExceededError") await tell("The browser’s storage for this site is used up.");
    throw error;
  }
}

/** A file is not as it was built. */
class Changed extends Error {}

async function asBuilt(path, integrity) {
  const url = new URL(path, SCOPE).href;
  // The entry page's name does not change with its content, so caches may have an old one.
  for (const cache of path === "" ? ["reload"] : ["default", "reload"]) {
    const response = await fetch(url, { cache });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const bytes = await response.clone().arrayBuffer();
    if ((await digest(bytes)) === integrity) return response;
    if (path === "" && namesThisBuild(new TextDecoder().decode(bytes))) return response;
  }
  throw new Changed(
    path === ""
      ? "The entry page is not from this build: the host modifies it, or was just updated."
      : `The host modifies ${path}. It has to serve the file as it was built.`,
  );
}

async function digest(bytes) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...sum))}`;
}

function namesThisBuild(page) {
  return NAMED.every((name) => page.includes(name));
}

/** Tells every open page of this site why it is not stored. */
async function tell(notKept) {
  for (const client of await self.clients.matchAll({ includeUncontrolled: true })) {
    if (client.url.startsWith(SCOPE)) client.postMessage({ notKept });
  }
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== CACHE && name !== RECORDED_CACHE) await caches.delete(name);
  }
  const recorded = await caches.open(RECORDED_CACHE);
  for (const { url } of await recorded.keys()) {
    if (!LATER.has(url)) await recorded.delete(url);
  }
  await self.clients.claim();
}

async function entryPage(request) {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (response.ok) return response;
  } catch {
    // No network: the stored page will do.
  }
  return (await (await caches.open(CACHE)).match(SCOPE)) ?? Response.error();
}

/** Stored when it is first requested. */
async function recordedFile(request, url) {
  const recorded = await caches.open(RECORDED_CACHE);
  const stored = await recorded.match(url);
  if (stored) return stored;
  const response = await fetch(request);
  // If there is no space, it comes from the network next time, too.
  if (response.ok) await recorded.put(url, response.clone()).catch(() => {});
  return response;
}

async function storedFile(request, url) {
  return (await (await caches.open(CACHE)).match(url)) ?? fetch(request);
}
