// Measurements as a Markdown table. Pure.

/** The median of at least one number. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * One line per engine and case: first step, median and range of the others, processor
 * time (which other programs on the machine disturb less), images per second, the ratio to TensorFlow.js on the same backend, WebGPU dispatches and submits
 * per step, and how far the losses are from those of our CPU engine.
 */
export function table(rows) {
  const head = [
    "net",
    "engine",
    "first step, ms",
    "step, ms (min–max; n)",
    "CPU time per step, ms",
    "images/s",
    "× TensorFlow.js",
    "dispatches (submits) per step",
    "loss differs by",
  ];
  const lines = [head, head.map(() => "---"), ...rows.map((row) => cells(row, rows))];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function cells(row, rows) {
  const { name, library, engine, first, times, stopped, batch, dispatches, submits } = row;
  const step = times.length ? median(times) : null;
  const range = step && `${ms(step)} (${ms(Math.min(...times))}–${ms(Math.max(...times))}; ${times.length})`;
  const peer = rows.find(
    (other) => other.name === name && other.engine === engine && other.library === "TensorFlow.js",
  );
  const ratio = library === "ours" && step && peer?.times.length ? (step / median(peer.times)).toFixed(2) : "";
  const count = (value) => (Number.isInteger(value) ? value : value.toFixed(1));
  return [
    name,
    `${library} ${engine}`,
    first === undefined ? (stopped ?? "") : ms(first),
    range ?? stopped ?? "",
    row.cpu ? ms(row.cpu) : "",
    step ? ((batch / step) * 1000).toFixed(1) : "",
    ratio,
    dispatches ? `${count(dispatches)} (${count(submits)})` : "",
    difference(row, rows),
  ];
}

/** The largest relative difference of the losses from our CPU engine's, step by step. */
function difference(row, rows) {
  const reference = rows.find(({ name }) => name === row.name);
  if (reference === row || !row.losses?.length) return "";
  const differences = row.losses
    .slice(0, reference.losses.length)
    .map((loss, step) => Math.abs(loss - reference.losses[step]) / reference.losses[step]);
  const most = Math.max(...differences);
  return `${most.toExponential(0)} in ${differences.length} steps`;
}

function ms(value) {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
