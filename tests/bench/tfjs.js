// The worker with TensorFlow.js: the same network from the same weights, the same inputs,
// the same loss, its own Adam. A classic worker, because the library comes as a script.

importScripts("tally.js", "tf.min.js", "tf-backend-webgpu.min.js");
/* global tf */

// burn's defaults and fastai's Adam, as in the product. Its weight decay, one part in
// 100,000 a step here, has no counterpart in TensorFlow.js.
const NORM_EPSILON = 1e-5;
const NORM_MOMENTUM = 0.1;
const LEARNING_RATE = 1e-3;
const BETAS = [0.9, 0.99];
const ADAM_EPSILON = 1e-5;

let trainer;

self.onmessage = async ({ data: { m: request, b: buffers } }) => {
  try {
    self.postMessage({ m: await answer(request, buffers), b: [] });
  } catch (error) {
    self.postMessage({ m: { type: "failed", why: String(error?.stack ?? error) }, b: [] });
  }
};
self.postMessage({ m: { type: "ready" }, b: [] });

async function answer(request, buffers) {
  if (request.type === "open") {
    if (!(await tf.setBackend(request.engine))) throw new Error(`no backend ${request.engine}`);
    await tf.ready();
    trainer = new Trainer(request, buffers);
    return { type: "opened" };
  }
  const begun = performance.now();
  const losses = Array.from({ length: request.count }, () => trainer.step());
  // Read together, as ours are.
  const values = await Promise.all(losses.map((loss) => loss.data()));
  const ms = performance.now() - begun;
  tf.dispose(losses);
  return { type: "stepped", ms, losses: values.map(([value]) => value) };
}

class Trainer {
  constructor({ stages, size, batch, tensors }, [pixels, targets, ...values]) {
    this.stages = stages;
    this.size = size;
    this.batch = batch;
    this.pixels = channelsLast(new Float32Array(pixels), batch, size);
    this.targets = new Float32Array(targets);
    this.optimizer = tf.train.adam(LEARNING_RATE, ...BETAS, ADAM_EPSILON);
    this.weights = {};
    this.statistics = {};
    tensors.forEach(({ name, shape }, index) => {
      const into = name.includes("running") ? this.statistics : this.weights;
      into[name] = tf.tidy(() => {
        const tensor = tf.tensor(new Float32Array(values[index]), shape);
        const value = shape.length === 4 ? tensor.transpose([2, 3, 1, 0]) : tensor;
        return tf.variable(value, into === this.weights);
      });
    });
  }

  /** One step; answers the loss before it, still on the device. */
  step() {
    return tf.tidy(() => {
      const { batch, size } = this;
      const images = tf.tensor4d(this.pixels, [batch, size, size, 3]);
      const targets = tf.tensor2d(this.targets, [batch, this.targets.length / batch]);
      const loss = () => {
        const total = tf.sum(tf.mul(targets, tf.logSoftmax(this.forward(images))));
        return tf.div(tf.neg(total), batch);
      };
      return this.optimizer.minimize(loss, true, Object.values(this.weights));
    });
  }

  forward(images) {
    const body = this.stages.reduce((x, stage, index) => this.stage(x, stage, `stages.${index}`), images);
    const pooled = tf.mean(body, [1, 2]);
    return tf.add(tf.matMul(pooled, this.weights["head.weight"]), this.weights["head.bias"]);
  }

  stage(x, { kind, stride, kernel, padding }, name) {
    switch (kind) {
      case "conv":
        return tf.relu(this.conv(x, name, stride));
      case "pool":
        return tf.maxPool(x, kernel, 2, padding);
      case "residual": {
        const branch = tf.relu(this.conv(x, `${name}.first`));
        return tf.add(x, tf.relu(this.conv(branch, `${name}.second`)));
      }
      case "block": {
        const branch = tf.relu(this.conv(x, `${name}.first`, stride));
        const pooled = stride === 1 ? x : tf.avgPool(x, 2, 2, "valid");
        const changes = `${name}.identity.conv.weight` in this.weights;
        const identity = changes ? this.conv(pooled, `${name}.identity`, 1, 0) : pooled;
        return tf.relu(tf.add(this.conv(branch, `${name}.second`), identity));
      }
      default:
        throw new Error(`no stage ${kind}`);
    }
  }

  /** Convolution and batch norm, with the batch's statistics; keeps the running ones. */
  conv(x, name, stride = 1, padding = 1) {
    const found = tf.conv2d(x, this.weights[`${name}.conv.weight`], stride, padding);
    const { mean, variance } = tf.moments(found, [0, 1, 2]);
    this.keep(`${name}.norm.running_mean`, mean);
    this.keep(`${name}.norm.running_var`, variance);
    const [gamma, beta] = ["gamma", "beta"].map((part) => this.weights[`${name}.norm.${part}`]);
    return tf.batchNorm(found, mean, variance, beta, gamma, NORM_EPSILON);
  }

  keep(name, value) {
    const running = this.statistics[name];
    running.assign(tf.add(tf.mul(running, 1 - NORM_MOMENTUM), tf.mul(value, NORM_MOMENTUM)));
  }
}

/** `[batch, 3, size, size]` to the order that TensorFlow.js computes in. */
function channelsLast(pixels, batch, size) {
  const plane = size * size;
  const turned = new Float32Array(pixels.length);
  for (let image = 0; image < batch; image += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      for (let at = 0; at < plane; at += 1) {
        turned[(image * plane + at) * 3 + channel] = pixels[(image * 3 + channel) * plane + at];
      }
    }
  }
  return turned;
}
