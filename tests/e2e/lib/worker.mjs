// JavaScript that runs in a page's workers before their program.

/**
 * To be done before the page loads. `script` gives the JavaScript for each worker that starts.
 * A page that ends meanwhile needs no worker.
 */
export async function beforeWorker(page, script) {
  await page.route(/worker_loader\.js$/, async (route) => {
    try {
      const response = await route.fetch();
      // Imports run first wherever they stand, but the program only starts after this.
      await route.fulfill({ response, body: `${script()};${await response.text()}` });
    } catch (error) {
      if (!page.isClosed()) throw error;
    }
  });
}
