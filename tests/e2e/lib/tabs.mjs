// Chromium by its own protocol, without Playwright: that makes every page believe to be
// in sight, so that no tab is ever hidden.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { FLAGS } from "./browser.mjs";

/** How long a page may take before a test gives up, in milliseconds. */
const PATIENCE = 120_000;

/** Starts a headless Chromium. Ends with the test. */
export async function tabs(t) {
  const profile = await mkdtemp(path.join(os.tmpdir(), "playground-"));
  const flags = [...FLAGS, "--headless=new", `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank"];
  const chromium = spawn(process.env.CHROMIUM || "/usr/bin/chromium", flags, {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const { send, next } = protocol(chromium);
  t.after(async () => {
    const gone = once(chromium, "exit");
    await send("Browser.close");
    await gone;
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  return {
    /** A new tab in front of all others, which hides them. */
    async open(url) {
      const { targetId } = await send("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
      await send("Page.enable", {}, sessionId);
      const loaded = next("Page.loadEventFired", sessionId);
      await send("Page.navigate", { url }, sessionId);
      await loaded;
      return {
        /** What an expression of the page gives. */
        async says(expression) {
          const asked = { expression, returnByValue: true, awaitPromise: true };
          const { result, exceptionDetails } = await send("Runtime.evaluate", asked, sessionId);
          if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
          return result.value;
        },
        /** Resolves when an expression of the page is true. A hidden page has no frames, but its document changes. */
        async shows(expression) {
          const shown = await this.says(`new Promise((done) => {
            const look = () => { if (${expression}) { observer.disconnect(); done(true); } };
            const observer = new MutationObserver(look);
            observer.observe(document, { subtree: true, childList: true, characterData: true });
            setTimeout(() => done(false), ${PATIENCE});
            look();
          })`);
          if (!shown) throw new Error(`the page never showed this: ${expression}`);
        },
        close: () => send("Target.closeTarget", { targetId }),
      };
    },
  };
}

// One JSON text after another, each ended by a zero byte: commands down the fourth pipe,
// answers and events up the fifth.
function protocol(chromium) {
  const [, , , down, up] = chromium.stdio;
  const waiting = new Map();
  const expected = new Map();
  let begun = "";
  up.setEncoding("utf8");
  up.on("data", (text) => {
    const messages = (begun + text).split("\0");
    begun = messages.pop();
    for (const { id, result, error, method, sessionId } of messages.map((message) => JSON.parse(message))) {
      expected.get(`${method} ${sessionId}`)?.();
      const { resolve, reject } = waiting.get(id) ?? {};
      waiting.delete(id);
      if (error) reject?.(new Error(error.message));
      else resolve?.(result);
    }
  });
  let sent = 0;
  return {
    /** The answer to a command. */
    send(method, params = {}, sessionId = undefined) {
      sent += 1;
      const id = sent;
      down.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    /** Resolves at the next event of this name. */
    next: (method, sessionId) => new Promise((resolve) => expected.set(`${method} ${sessionId}`, resolve)),
  };
}
