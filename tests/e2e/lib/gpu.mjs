// The graphics card as a test has it: the worker's devices in hand, and what the next
// worker will find.

import { beforeWorker } from "./worker.mjs";

/** Runs in the worker before its program: keeps its GPU devices in `self.devices`. */
function keepDevices() {
  self.devices = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...how) {
    const device = await requestDevice.apply(this, how);
    self.devices.push(device);
    return device;
  };
}

/**
 * To be done before the page loads. Each worker that starts runs the next of `scripts`, the
 * last one over and over: JavaScript that comes before its program and has `self.devices`.
 */
export function inWorkers(...scripts) {
  return (page) =>
    beforeWorker(page, () => {
      const script = scripts.length > 1 ? scripts.shift() : (scripts[0] ?? "");
      return `(${keepDevices})();${script}`;
    });
}

/** Ends the GPU device of the page's present worker, as a driver that resets does. */
export async function loseDevice(page) {
  await page.workers().at(-1).evaluate(() => self.devices.at(-1).destroy());
}

/** JavaScript for a worker: its device ends by itself after so many submissions. */
export function losesDeviceAfter(submissions) {
  return `
    const { submit } = GPUQueue.prototype;
    let left = ${submissions};
    GPUQueue.prototype.submit = function (...buffers) {
      left -= 1;
      if (left === 0) self.devices.at(-1).destroy();
      return submit.apply(this, buffers);
    }`;
}

/** JavaScript for a worker that is given no adapter. */
export const NO_ADAPTER = "GPU.prototype.requestAdapter = async () => null";
