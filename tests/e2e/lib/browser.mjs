// How Chromium is started, for the tests and for the benchmark.

/** Command-line flags. */
export const FLAGS = [
  "--no-sandbox",
  // WebGPU in software, where the machine has no graphics card.
  "--enable-unsafe-webgpu",
  "--enable-unsafe-swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
