// Faults of the browser, put in its way before the page or its worker starts.

import { beforeWorker } from "./worker.mjs";

/** The name of the page's database on a site. */
export function databaseName(site) {
  return `imagenette-playground ${new URL(site.url).pathname} runs`;
}

/** Runs `hook` in the worker before its program. To be done before the page loads. */
export async function inWorker(page, hook, argument = null) {
  await beforeWorker(page, () => `(${hook})(${JSON.stringify(argument)})`);
}

/** Runs in a page: all rows of the page's database, by store. */
export async function rowsOf(name) {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open(name));
  const rows = {};
  for (const store of database.objectStoreNames) {
    rows[store] = (await done(database.transaction(store).objectStore(store).getAllKeys())).length;
  }
  database.close();
  return rows;
}
