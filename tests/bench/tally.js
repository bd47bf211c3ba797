// Counts what a worker asks of WebGPU, and tells it with every message that the worker
// posts. Loaded before the engine, in module and in classic workers.

(() => {
  const tally = { dispatches: 0, submits: 0 };
  const count = (type, method, what) => {
    const original = self[type]?.prototype[method];
    if (!original) return;
    self[type].prototype[method] = function (...args) {
      tally[what] += 1;
      return original.apply(this, args);
    };
  };
  count("GPUComputePassEncoder", "dispatchWorkgroups", "dispatches");
  count("GPUComputePassEncoder", "dispatchWorkgroupsIndirect", "dispatches");
  count("GPUQueue", "submit", "submits");

  const post = self.postMessage.bind(self);
  self.postMessage = (message, transfer) => post({ ...message, tally: { ...tally } }, transfer);
})();
