// Starts the worker's program. A helper is handed the program as the worker that started it
// has compiled it: loading it again takes as long as a small archive takes to read.
//
// The name of the worker that the page starts contains the address of what only the worker says, in
// the page's language (src/ui/engine.rs). There is none in English, which the program contains.

import init from "./worker.js";

// Milliseconds after which texts that have not arrived count as missing.
const PATIENCE = 10_000;

if (self.name.endsWith("helper")) {
  const compiled = await new Promise((resolve) => (self.onmessage = ({ data }) => resolve(data)));
  await init({ module_or_path: compiled });
} else {
  const arriving = fetch(new URL("worker_bg.wasm", import.meta.url));
  const [, texts] = self.name.split(" ");
  if (texts) await fetchTexts(texts);
  await init({ module_or_path: arriving });
}

// Leaves the texts, or why they are missing, where the program looks for them (src/worker/speech.rs).
async function fetchTexts(address) {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    self.texts = await response.text();
  } catch (error) {
    self.textsFault = String(error?.message ?? error);
  }
}
