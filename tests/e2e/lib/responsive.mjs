// Whether a page answers: its longest task, and what is too long.

import assert from "node:assert/strict";
import os from "node:os";

/** A longer task of the page is felt, in milliseconds. The goal of 50 ms is only reported. */
const LONGEST_TASK = 200;
/** With so many programs to a processor, what takes long is waiting for it. */
const CROWDED = 3;

/** Runs in the page: keeps its longest task from now on in `window.longestTask`. */
export function noteLongTasks() {
  window.longestTask = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longestTask = Math.max(window.longestTask, duration);
  }).observe({ type: "longtask" });
}

/** The longest task since the page notes them or since `window.longestTask` was set to 0. */
export function longestTask(page) {
  return page.evaluate(() => window.longestTask);
}

/** Fails if `what` blocked the page for long, unless the machine is crowded. */
export function responsive(t, longest, what) {
  const crowd = os.loadavg()[0] / os.cpus().length;
  const took = longest > 0 ? `${Math.round(longest)} ms` : "below 50 ms";
  t.diagnostic(`longest task of the page by ${what}: ${took}, at ${crowd.toFixed(1)} programs a processor`);
  assert.ok(longest < LONGEST_TASK || crowd > CROWDED, `the page was blocked for ${longest} ms by ${what}`);
}
