// Starts the worker's program. A helper is handed the program as the worker that started it
// has compiled it: loading it again takes as long as a small archive takes to read.

import init from "./worker.js";

const isHelper = self.name.endsWith("helper");
const compiled = isHelper ? await new Promise((resolve) => (self.onmessage = ({ data }) => resolve(data))) : undefined;
await init(compiled && { module_or_path: compiled });
