// What the search for the settings of the lessons tries: one sweep a candidate, without its seeds.
// With three seeds a side each takes 2 minutes at most, at the pace that lessons assume (docs/lessons.md).
//
// A candidate is `{ lesson, measure, claim, link, sweep }`. `claim` says in which direction the
// figure `measure` has to move; null where either direction would answer the question.

const grid = (...axes) => axes.reduce((rows, axis) => rows.flatMap((row) => axis.map((value) => [...row, value])), [[]]);
const optional = (key, value) => (value === null ? "" : `&${key}=${value}`);

function normalization() {
  return grid(["tiny", "conv5"], [2, 5, 10], [0.003, 0.01, 0.03]).map(([model, epochs, lr]) => ({
    lesson: 3,
    measure: "accuracy",
    claim: null,
    link: `v=1&model=${model}&size=32&epochs=${epochs}&lr=${lr}`,
    sweep: "norm:off|imagenet",
  }));
}

// Constant size against phases that train on as many pixels; the last pair trains on fewer.
function progressive() {
  const pairs = [
    ["size=32&epochs=8", "16x8,32x5"],
    ["size=32&epochs=12", "16x12,32x8"],
    ["size=32&epochs=4", "16x4,32x2"],
    ["size=48&epochs=6", "24x4,48x4"],
    ["size=64&epochs=3", "32x4,64x1"],
    ["size=32&epochs=8", "24x7,32x3"],
    ["size=32&epochs=10", "16x5,32x4"],
  ];
  return grid(["tiny", "conv5"], [null, 50], pairs).map(([model, subset, [base, phases]]) => ({
    lesson: 5,
    measure: "accuracy",
    claim: null,
    link: `v=1${optional("subset", subset)}&model=${model}&${base}`,
    sweep: `prog:|${phases}`,
  }));
}

function testTime() {
  const lengths = [
    [32, 8],
    [32, 15],
    [48, 6],
  ];
  return grid(["rrc", "aug", "pad"], lengths, [4, 8]).map(([crop, [size, epochs], passes]) => ({
    lesson: 6,
    measure: "accuracy",
    claim: "higher",
    link: `v=1&size=${size}&epochs=${epochs}&crop=${crop}`,
    sweep: `tta:0|${passes}`,
  }));
}

// Few images and many epochs: where a network learns its images by heart. The same runs serve
// the lessons 8 (accuracy) and 9 (calibration).
function mixupLong() {
  const lengths = [
    [15, 50],
    [30, 35],
    [30, 20],
    [50, 25],
  ];
  return grid(["tiny", "conv5"], lengths, [0.4, 1, 2]).map(([model, [subset, epochs], alpha]) => ({
    lesson: 9,
    measure: "ece",
    claim: "lower",
    link: `v=1&subset=${subset}&model=${model}&size=32&epochs=${epochs}`,
    sweep: `mixup:0|${alpha}`,
  }));
}

function mixupShort() {
  return grid(["tiny", "conv5"], [null, 50], [3, 5], [0.4, 1, 2]).map(([model, subset, epochs, alpha]) => ({
    lesson: 10,
    measure: "accuracy",
    claim: "lower",
    link: `v=1${optional("subset", subset)}&model=${model}&size=32&epochs=${epochs}`,
    sweep: `mixup:0|${alpha}`,
  }));
}

function wrongLabels() {
  const lengths = [
    [30, 35],
    [30, 15],
    [60, 20],
    [null, 14],
  ];
  return grid(["tiny", "conv5"], lengths, [25, 50], [0.1, 0.2, 0.4]).map(([model, [subset, epochs], noise, eps]) => ({
    lesson: 12,
    measure: "accuracy",
    claim: "higher",
    link: `v=1${optional("subset", subset)}&noise=${noise}&model=${model}&size=32&epochs=${epochs}`,
    sweep: `ls:0|${eps}`,
  }));
}

// Is what a part of the images says true of all of them?
function subsets() {
  const questions = ["lr:0.001|0.01", "crop:pad|rrc", "model:conv5|tiny", "mixup:0|1"];
  return grid(questions, [25, 50], [5, 10]).map(([question, subset, epochs]) => ({
    lesson: 14,
    measure: "accuracy",
    claim: null,
    link: `v=1&size=32&epochs=${epochs}`,
    sweep: `${question};subset:${subset}|all`,
  }));
}

/** All candidates. A key that stands at its default in links is left to `train`. */
export const CANDIDATES = [
  ...testTime(),
  ...mixupShort(),
  ...subsets(),
  ...normalization(),
  ...progressive(),
  ...mixupLong(),
  ...wrongLabels(),
];
