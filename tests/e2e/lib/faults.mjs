// Faults of the browser, put in its way before the page or its worker starts.

/** The name of the page's database on a site. */
export function databaseName(site) {
  return `imagenette-playground ${new URL(site.url).pathname} runs`;
}

/** Runs `hook` in the worker before its program. To be done before the page loads. */
export async function inWorker(page, hook, argument = null) {
  await page.route(/worker_loader\.js$/, async (route) => {
    const response = await route.fetch();
    // Imports run first wherever they stand, but the program only starts after this.
    const body = `(${hook})(${JSON.stringify(argument)});${await response.text()}`;
    await route.fulfill({ response, body });
  });
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
