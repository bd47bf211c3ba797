// Whether a page answers: its longest task, and what is too long.

import assert from "node:assert/strict";

/**
 * A task that takes longer is felt, in milliseconds of processor time. By the clock a task may
 * take any time where other programs want the same core; that is only reported.
 */
const LONGEST_TASK = 100;
const MICROSECONDS = 1000;

/**
 * Does `act` under a trace of the browser. Returns the longest task of a page's main thread
 * meanwhile, in milliseconds: by the clock, and of processor time.
 */
export async function longestTask(page, act) {
  const protocol = await page.context().browser().newBrowserCDPSession();
  const mains = new Set();
  const tasks = [];
  protocol.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value) {
      const thread = `${event.pid} ${event.tid}`;
      if (event.name === "thread_name" && event.args.name === "CrRendererMain") mains.add(thread);
      if (event.name === "RunTask" && event.ph === "X") tasks.push({ thread, clock: event.dur, processor: event.tdur });
    }
  });
  await protocol.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline"] },
  });
  await act();
  const complete = new Promise((done) => protocol.once("Tracing.tracingComplete", done));
  await protocol.send("Tracing.end");
  await complete;
  await protocol.detach();
  const seen = tasks.filter(({ thread, processor }) => mains.has(thread) && processor !== undefined);
  assert.ok(seen.length > 0, "the trace shows no task of a page");
  const longest = (kind) => Math.max(...seen.map((task) => task[kind])) / MICROSECONDS;
  return { clock: longest("clock"), processor: longest("processor") };
}

/** Fails if `what` blocked the page for long. */
export function responsive(t, { clock, processor }, what) {
  t.diagnostic(
    `longest task of the page by ${what}: ${Math.round(processor)} ms of processor time, ${Math.round(clock)} ms by the clock`,
  );
  assert.ok(processor < LONGEST_TASK, `the page was blocked for ${processor} ms of processor time by ${what}`);
}
