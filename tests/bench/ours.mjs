// The worker with our engines: `browser.rs`, compiled.

import "./tally.js";
import start from "./engine/bench.js";

await start();
