// Watches a page and its worker while they train: steps by the clock, memory.

import { beforeWorker } from "./worker.mjs";

/** Runs in the worker before its program: keeps its wasm memory and its GPU buffers in sight. */
function hooks() {
  self.watched = { memory: null, buffers: 0 };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const result = await original.apply(WebAssembly, args);
      self.watched.memory = (result.instance ?? result).exports.memory;
      return result;
    };
  }
  if (!self.GPUDevice) return;
  const count = (bytes) => (self.watched.buffers += bytes);
  // A buffer ends by `destroy` or by being forgotten.
  const forgotten = new FinalizationRegistry((size) => count(-size));
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    count(buffer.size);
    forgotten.register(buffer, buffer.size, buffer);
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    if (forgotten.unregister(this)) count(-this.size);
    destroy.call(this);
  };
}

/** Runs in the page: notes when the status tells of which step. */
function observe() {
  window.watched = { seen: [] };
  const { watched } = window;
  const look = () => {
    const text = document.getElementById("run-status")?.textContent ?? "";
    const found = text.match(/epoch (\d+), batch (\d+) of (\d+)/);
    if (!found) return;
    const [epoch, batch, batches] = found.slice(1).map(Number);
    const step = (epoch - 1) * batches + batch;
    if (step !== watched.seen.at(-1)?.step) watched.seen.push({ epoch, step, at: performance.now() });
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}

/** To be done before the page loads. */
export async function prepare(page) {
  await beforeWorker(page, () => `(${hooks})()`);
}

/** Begins to watch a page whose worker has started. */
export async function watch(page) {
  await page.evaluate(observe);
  const [worker] = page.workers();
  const heaps = await heapsOf(page);
  return {
    /** Resolves when the page has told of this step or a later one. */
    async reaches(step, timeout) {
      const reached = (step) => window.watched.seen.some((it) => it.step >= step);
      // By the clock: a hidden page has no animation frames to look in.
      await page.waitForFunction(reached, step, { timeout, polling: 200 });
    },
    /** Bytes in use, after a collection of garbage, by kind. */
    async memory() {
      const { page: onPage, worker: inWorker } = await heaps();
      const [wasm, buffers] = await worker.evaluate(() => {
        const { memory, buffers } = self.watched;
        return [memory?.buffer.byteLength ?? 0, buffers];
      });
      return {
        "wasm memory": wasm,
        "GPU buffers": buffers,
        "JavaScript heap of the page": onPage.usedSize,
        "JavaScript heap of the worker": inWorker.usedSize,
        "array buffers of the worker": inWorker.backingStorageSize ?? 0,
      };
    },
    /** The last step shown, and milliseconds a step between two steps. */
    async report() {
      const { seen } = await page.evaluate(() => window.watched);
      return { last: seen.at(-1)?.step ?? 0, pace: (from, to) => pace(seen, from, to) };
    },
  };
}

/** Without what lies between two epochs: measuring and keeping the run. */
function pace(seen, from, to) {
  const pairs = seen
    .slice(1)
    .map((after, index) => ({ before: seen[index], after }))
    .filter(({ before, after }) => before.epoch === after.epoch && before.step >= from && after.step <= to);
  const time = pairs.reduce((sum, { before, after }) => sum + after.at - before.at, 0);
  const steps = pairs.reduce((sum, { before, after }) => sum + after.step - before.step, 0);
  return time / steps;
}

/** Asks Chromium for the JavaScript heaps of the page and of its worker. */
async function heapsOf(page) {
  const protocol = await page.context().newCDPSession(page);
  const found = new Promise((resolve) => {
    protocol.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (targetInfo.type === "worker") resolve(sessionId);
    });
  });
  await protocol.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await found;
  const answers = new Map();
  protocol.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result } = JSON.parse(message);
    answers.get(id)?.(result);
  });
  let asked = 0;
  const askWorker = (method) => {
    asked += 1;
    const id = asked;
    const answer = new Promise((resolve) => answers.set(id, resolve));
    const message = JSON.stringify({ id, method });
    return protocol.send("Target.sendMessageToTarget", { sessionId, message }).then(() => answer);
  };
  const askPage = (method) => protocol.send(method);
  return async () => {
    const read = async (ask) => {
      await ask("HeapProfiler.collectGarbage");
      return ask("Runtime.getHeapUsage");
    };
    return { page: await read(askPage), worker: await read(askWorker) };
  };
}
