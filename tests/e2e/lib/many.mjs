// A file of many made-up runs, as "Export all runs" writes it: see src/runs/archive.rs
// and src/runs/pack.rs for the layouts.

const IMAGES = 3925;
const CLASSES = 10;
const EPOCHS = 5;
const SEEDS = 5;

/** The file of so many runs, five seeds to a recipe, each with its predictions of 3,925 images. */
export function fileOfRuns(count) {
  const draw = generator(count);
  const bulk = [];
  const runs = Array.from({ length: count }, (_, index) => {
    const accuracy = 0.5 + 0.3 * draw();
    const packed = [curve(draw), predictions(accuracy, draw), epochs(accuracy, draw)];
    bulk.push(...packed);
    const [of_curve, of_predictions, of_epochs] = packed.map((bytes) => bytes.length);
    const run = JSON.stringify({ version: 2, value: entry(index, accuracy) });
    return { id: `made-up-${index}`, run, curve: of_curve, predictions: of_predictions, epochs: of_epochs };
  });
  const choices = { baseline: null, overlays: [], last_number: count };
  const header = Buffer.from(JSON.stringify({ choices, runs }));
  return Buffer.concat([Buffer.from("IPruns\r\n"), u32(1), u32(header.length), header, ...bulk]);
}

function entry(index, accuracy) {
  const recipe = Math.floor(index / SEEDS);
  const row = (epoch) => ({
    epoch,
    phase: 0,
    size: 64,
    train_loss: 2 / (epoch + 1),
    valid_loss: 2 / (epoch + 1),
    nll: 2 / (epoch + 1),
    accuracy: (accuracy * (epoch + 1)) / EPOCHS,
    seconds: 60,
  });
  const record = {
    format: 1,
    build: "made up",
    date: new Date(Date.UTC(2026, 0, 1) + index * 600_000).toISOString(),
    outcome: "finished",
    // A recipe of its own by the rate, so that five seeds each fold into one line.
    link: `v=1&data=imagenette&epochs=${EPOCHS}&lr=0.${String(recipe + 1).padStart(3, "0")}&seed=${(index % SEEDS) + 1}&engine=cpu`,
    dataset: { name: "imagenette2-160", train: 9469, valid: IMAGES, hash: "ab".repeat(32) },
    engine: "cpu",
    adapter: "made up in a test",
    model: { name: "tiny", params: 1, macs: 1 },
    epochs: Array.from({ length: EPOCHS }, (_, epoch) => row(epoch)),
    accuracy,
    tta: null,
    images_per_second: 100,
  };
  return { number: index + 1, record, recorded: true, synthetic: false, has_predictions: true };
}

function curve(draw) {
  const points = 740;
  const column = (bytes, write) => {
    const all = Buffer.alloc(points * bytes);
    for (let at = 0; at < points; at += 1) write(all, at, at * bytes);
    return all;
  };
  const f32 = (value) => column(4, (all, at, place) => all.writeFloatLE(value(at), place));
  return Buffer.concat([
    Buffer.from("IPcu\x01\0\0\0"),
    u32(points),
    column(4, (all, at, place) => all.writeUInt32LE(at, place)),
    column(8, (all, at, place) => all.writeDoubleLE((at * EPOCHS) / points, place)),
    f32((at) => 2 - at / points + 0.1 * draw()),
    f32((at) => 2 - at / points),
    f32(() => 0.01),
    f32(() => 0.9),
  ]);
}

const label = (image) => image % CLASSES;

// Log-probabilities as half floats: that of the class said, and of every other.
const SAID = 0xb58c; // about -0.35
const OTHER = 0xc2d6; // -3.42

function predictions(accuracy, draw) {
  const images = Buffer.alloc(IMAGES * 4);
  const labels = Buffer.alloc(IMAGES);
  const scores = Buffer.alloc(IMAGES * CLASSES * 2);
  for (let image = 0; image < IMAGES; image += 1) {
    images.writeUInt32LE(image, image * 4);
    labels[image] = label(image);
    const said = label(image) + (draw() < accuracy ? 0 : 1);
    for (let of = 0; of < CLASSES; of += 1) {
      scores.writeUInt16LE(of === said % CLASSES ? SAID : OTHER, (image * CLASSES + of) * 2);
    }
  }
  const head = Buffer.from("IPpr\x01\0\0\0");
  return Buffer.concat([head, u32(IMAGES), u32(CLASSES), images, labels, scores]);
}

function epochs(accuracy, draw) {
  const all = [];
  for (let epoch = 1; epoch <= EPOCHS; epoch += 1) {
    const said = Buffer.alloc(IMAGES);
    const truth = Buffer.alloc(IMAGES * 2);
    for (let image = 0; image < IMAGES; image += 1) {
      const right = draw() < (accuracy * epoch) / EPOCHS;
      said[image] = (label(image) + (right ? 0 : 1)) % CLASSES;
      truth.writeUInt16LE(right ? SAID : OTHER, image * 2);
    }
    all.push(said, truth);
  }
  return Buffer.concat([Buffer.from("IPep\x01\0\0\0"), u32(EPOCHS), u32(IMAGES), ...all]);
}

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Numbers from 0 to 1, the same for the same seed: a linear congruential generator. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
