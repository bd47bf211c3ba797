//! The same computation on two engines, compared tensor by tensor. Knows no
//! browser: the native and the wasm test call the same functions.

use crate::common::{gradients, normal, one_hot, values};
use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::conv::Conv2dConfig;
use burn::nn::pool::{AvgPool2dConfig, MaxPool2dConfig};
use burn::nn::{BatchNormConfig, Linear, PaddingConfig2d};
use burn::optim::GradientsParams;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Gradients, Tensor, Transaction};
use imagenette_playground::experiment::ModelKind;
use imagenette_playground::model::Network;
use imagenette_playground::model::layout::Stage;
use imagenette_playground::train::loss::cross_entropy;
use imagenette_playground::train::optimizer::Adam;

/// Relative L2 that logits and gradients may differ by.
const TENSORS: f64 = 1e-3;
/// What a loss may differ by.
const LOSS: f64 = 1e-4;
/// A tensor below this share of the largest norm is compared absolutely.
const NOISE: f64 = 1e-6;

/// Named tensors, and where they were read.
type Readings = Vec<(String, Vec<f32>)>;

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

/// The largest relative L2 difference, or which tensor differs by more than `tolerance`.
fn compare(
    case: &str,
    reference: &Readings,
    found: &Readings,
    tolerance: f64,
) -> Result<f64, String> {
    let size = |values: &[f32]| norm(values.iter().map(|value| f64::from(*value)));
    let floor = NOISE * reference.iter().map(|(_, values)| size(values)).fold(0.0, f64::max);
    let mut worst: f64 = 0.0;
    if reference.len() != found.len() {
        return Err(format!("{case}: {} tensors and {}", reference.len(), found.len()));
    }
    for ((name, expected), (_, actual)) in reference.iter().zip(found) {
        if expected.len() != actual.len() {
            return Err(format!(
                "{case}: {name} has {} values and {}",
                expected.len(),
                actual.len()
            ));
        }
        let pairs = expected.iter().zip(actual);
        let error = norm(pairs.map(|(e, a)| f64::from(*a) - f64::from(*e)));
        let allowed = if size(expected) <= floor { floor } else { tolerance * size(expected) };
        // A NaN is not within anything.
        if error.is_nan() || error > allowed {
            return Err(format!("{case}: {name} is {error:e} off, {allowed:e} allowed"));
        }
        if size(expected) > floor {
            worst = worst.max(error / size(expected));
        }
    }
    Ok(worst)
}

/// Tensors on their way to the host.
#[derive(Default)]
struct Reads {
    names: Vec<String>,
    transaction: Transaction,
}

impl Reads {
    fn add<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) {
        self.names.push(name.to_owned());
        self.transaction = std::mem::take(&mut self.transaction).register(tensor.inner());
    }

    async fn finish(self) -> Readings {
        let data = self.transaction.execute_async().await.unwrap();
        self.names.into_iter().zip(data.into_iter().map(values)).collect()
    }
}

/// A leaf whose gradient is read.
type Leaf<'a> = (&'a str, Box<dyn Fn(&Gradients, &mut Reads) + 'a>);

fn leaf<'a, const D: usize>(name: &'a str, tensor: &'a Tensor<D>) -> Leaf<'a> {
    let read = move |gradients: &Gradients, reads: &mut Reads| {
        reads.add(name, tensor.grad(gradients).unwrap());
    };
    (name, Box::new(read))
}

/// Reads `output` and the gradients of a weighted sum of it.
fn probe<const D: usize>(output: Tensor<D>, leaves: &[Leaf], reads: &mut Reads) {
    let weights = normal(output.dims(), 99, &output.device());
    let gradients = (output.clone() * weights).sum().backward();
    reads.add("output", output);
    for (_, read) in leaves {
        read(&gradients, reads);
    }
}

fn input<const D: usize>(shape: [usize; D], item: u32, device: &Device) -> Tensor<D> {
    normal(shape, item, device).require_grad()
}

fn convolution(
    [input_channels, output_channels, kernel, stride, side]: [usize; 5],
    device: &Device,
    reads: &mut Reads,
) {
    let x = input([4, input_channels, side, side], 1, device);
    let pad = kernel / 2;
    let mut conv = Conv2dConfig::new([input_channels, output_channels], [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
        .with_bias(false)
        .init(device);
    let weight = normal([output_channels, input_channels, kernel, kernel], 2, device);
    conv.weight = Param::from_tensor(weight);
    let weight = conv.weight.val();
    probe(conv.forward(x.clone()), &[leaf("input", &x), leaf("weight", &weight)], reads);
}

fn batch_norm(device: &Device, reads: &mut Reads) {
    let x = (normal([8, 6, 5, 5], 1, device) * 3.0 + 1.0).detach().require_grad();
    let mut norm = BatchNormConfig::new(6).init(device);
    norm.gamma = Param::from_tensor(normal([6], 2, device));
    norm.beta = Param::from_tensor(normal([6], 3, device));
    let (gamma, beta) = (norm.gamma.val(), norm.beta.val());
    let output = norm.forward(x.clone());
    probe(output, &[leaf("input", &x), leaf("gamma", &gamma), leaf("beta", &beta)], reads);
    let valid = norm.valid();
    reads.add("running mean", valid.running_mean.value());
    reads.add("running variance", valid.running_var.value());
    reads.add("output of evaluation", valid.forward(x.inner()));
}

fn max_pool([kernel, padding, side]: [usize; 3], device: &Device, reads: &mut Reads) {
    let x = input([4, 6, side, side], 1, device);
    let pool = MaxPool2dConfig::new([kernel, kernel])
        .with_strides([2, 2])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
        .init();
    probe(pool.forward(x.clone()), &[leaf("input", &x)], reads);
}

fn average_pool(side: usize, device: &Device, reads: &mut Reads) {
    let x = input([4, 6, side, side], 1, device);
    let pool = AvgPool2dConfig::new([2, 2])
        .with_strides([2, 2])
        .with_count_include_pad(false)
        .with_ceil_mode(true)
        .init();
    probe(pool.forward(x.clone()), &[leaf("input", &x)], reads);
}

fn head(device: &Device, reads: &mut Reads) {
    let x = input([8, 12, 3, 3], 1, device);
    let pooled = x.clone().reshape([8, 12, 9]).mean_dim(2).reshape([8, 12]);
    reads.add("pooled", pooled.clone());
    let weight = Param::from_tensor(normal([12, 10], 2, device));
    let bias = Param::from_tensor(normal([10], 3, device));
    let linear = Linear { weight, bias: Some(bias) };
    let (weight, bias) = (linear.weight.val(), linear.bias.as_ref().unwrap().val());
    let leaves = [leaf("input", &x), leaf("weight", &weight), leaf("bias", &bias)];
    probe(linear.forward(pooled), &leaves, reads);
}

fn loss(device: &Device, reads: &mut Reads) {
    let logits = (normal([8, 10], 1, device) * 4.0).detach().require_grad();
    // Label smoothing of .1.
    let targets = one_hot(8, 10, device) * 0.9 + 0.01;
    let value = cross_entropy(logits.clone(), targets);
    probe(value, &[leaf("logits", &logits)], reads);
}

/// One layer type: its name, and what computes and reads it on a device.
type Case = (&'static str, fn(&Device, &mut Reads));

const LAYERS: [Case; 14] = [
    ("conv 3×3", |d, r| convolution([8, 16, 3, 1, 9], d, r)),
    ("conv 3×3 s2, even side", |d, r| convolution([8, 16, 3, 2, 10], d, r)),
    ("conv 3×3 s2, odd side", |d, r| convolution([8, 16, 3, 2, 9], d, r)),
    ("conv 3×3 s2 of an image", |d, r| convolution([3, 8, 3, 2, 16], d, r)),
    ("conv 1×1", |d, r| convolution([8, 16, 1, 1, 6], d, r)),
    ("batch norm", batch_norm),
    ("max pool 2", |d, r| max_pool([2, 0, 8], d, r)),
    ("max pool 2, odd side", |d, r| max_pool([2, 0, 9], d, r)),
    ("max pool 3, padded", |d, r| max_pool([3, 1, 8], d, r)),
    ("average pool, even side", |d, r| average_pool(8, d, r)),
    ("average pool, odd side", |d, r| average_pool(7, d, r)),
    ("global pool and linear", head),
    ("loss", loss),
    ("relu", rectifier),
];

/// ReLU, which has no parameters and no shape of its own.
fn rectifier(device: &Device, reads: &mut Reads) {
    let x = input([4, 6, 5, 5], 1, device);
    probe(relu(x.clone()), &[leaf("input", &x)], reads);
}

/// Compares every layer type; tells `say` the largest difference of each.
pub async fn layers(reference: &Device, engine: &Device, say: impl Fn(&str)) {
    for (name, compute) in LAYERS {
        let mut readings = Vec::new();
        for device in [reference, engine] {
            let mut reads = Reads::default();
            compute(&device.clone().autodiff(), &mut reads);
            readings.push(reads.finish().await);
        }
        let worst = compare(name, &readings[0], &readings[1], TENSORS).unwrap();
        say(&format!("{name}: {worst:.1e}"));
    }
}

/// Stages whose channels and sides fit no kernel that computes several at once, and such as
/// fit some: their channels out, and the side of the images.
fn odd_stages() -> [(&'static str, Vec<Stage>, usize, usize); 3] {
    let conv = |input, output, stride| Stage::Conv { input, output, stride };
    let block = |input, output, stride| Stage::Block { input, output, stride };
    [
        ("odd channels, odd sides", vec![conv(3, 5, 2), block(5, 7, 2), conv(7, 3, 1)], 3, 19),
        ("channels in pairs, sides of 6", vec![conv(3, 6, 2), block(6, 10, 2)], 10, 12),
        ("few channels, a stride at the end", vec![conv(3, 4, 1), conv(4, 8, 2)], 8, 7),
    ]
}

/// Compares networks of [`odd_stages`] over one batch each: logits, gradients, and the
/// running statistics that are left.
pub async fn odd_shapes(reference: &Device, engine: &Device, say: impl Fn(&str)) {
    for (name, stages, features, side) in odd_stages() {
        let mut readings = Vec::new();
        for device in [reference, engine] {
            let device = device.clone().autodiff();
            let network = Network::from_stages(&stages, features, 10, 42, &device);
            let (_, mut found, _) =
                measure(&network, normal([8, 3, side, side], 12, &device), &device).await;
            let tensors = network.export_async().await.unwrap().into_iter();
            let running = tensors.filter(|tensor| tensor.name.contains("running"));
            found.extend(running.map(|tensor| (tensor.name, tensor.data)));
            readings.push(found);
        }
        let worst = compare(name, &readings[0], &readings[1], TENSORS).unwrap();
        say(&format!("{name}: {worst:.1e}"));
    }
}

/// How far a nudge moves the pixels, relative to their values: somewhat more than rounding.
const NUDGE: f64 = 1e-6;
/// Nudges that a batch has to stand.
const NUDGES: u32 = 4;

/// Pixels that every engine has alike.
fn images(seed: u32, device: &Device) -> Tensor<4> {
    normal([8, 3, 32, 32], seed, device)
}

/// The same, each moved by a little.
fn nudged(seed: u32, nudge: u32, device: &Device) -> Tensor<4> {
    let by = normal([8, 3, 32, 32], 1000 + nudge, device) * NUDGE;
    images(seed, device) * (by + 1.0)
}

/// The first of some batches at which the gradients of `network` stay where they are when
/// the pixels move by a rounding error. At others a unit stands on the kink of its ReLU, or
/// two on the same maximum: which way it falls is up to rounding, a gradient jumps by more
/// than [`TENSORS`] with it, and no two orders of adding up agree.
async fn steady(case: &str, network: &Network, index: u32, device: &Device) -> u32 {
    'batches: for seed in (10 + index..).step_by(10) {
        // Of its own, so that the running statistics stay as they are.
        let copy = network.valid().train();
        let (_, expected, _) = measure(&copy, images(seed, device), device).await;
        for nudge in 0..NUDGES {
            let (_, found, _) = measure(&copy, nudged(seed, nudge, device), device).await;
            if compare(case, &expected, &found, TENSORS).is_err() {
                continue 'batches;
            }
        }
        return seed;
    }
    unreachable!("the seeds do not end")
}

/// A batch's loss, and its logits and gradients.
async fn measure(
    network: &Network,
    images: Tensor<4>,
    device: &Device,
) -> (f64, Readings, GradientsParams) {
    let logits = network.forward(images);
    let loss = cross_entropy(logits.clone(), one_hot(8, 10, device));
    let found = GradientsParams::from_grads(loss.backward(), network);
    let mut reads = Reads::default();
    reads.add("loss", loss);
    reads.add("logits", logits);
    let mut readings = reads.finish().await;
    let loss = f64::from(readings.remove(0).1[0]);
    let gradients = gradients(network, &found).await;
    let names = (0..).map(|i| format!("gradient {i}"));
    readings.extend(names.zip(gradients));
    (loss, readings, found)
}

/// Logits in evaluation, and the running statistics that they come from.
async fn evaluate(network: &Network, device: &Device) -> Readings {
    let mut reads = Reads::default();
    let images = normal([8, 3, 32, 32], 77, &device.clone().inner());
    reads.add("logits", network.valid().forward(images));
    let mut readings = reads.finish().await;
    let tensors = network.export_async().await.unwrap().into_iter();
    let running = tensors.filter(|tensor| tensor.name.contains("running"));
    readings.extend(running.map(|tensor| (tensor.name, tensor.data)));
    readings
}

/// Compares one model for `steps` batches. The reference trains; the engine
/// starts every batch from the reference's weights, because Adam turns the sign
/// of a rounding error into a full step, after which gradients are not comparable.
pub async fn model(
    kind: ModelKind,
    steps: u32,
    reference: &Device,
    engine: &Device,
    say: impl Fn(&str),
) {
    let [reference, engine] = [reference, engine].map(|device| device.clone().autodiff());
    let mut network = Network::new(kind, 10, 42, &reference);
    let mut adam = Adam::new();
    for index in 0..steps {
        let weights = network.export_async().await.unwrap();
        let copy = Network::new(kind, 10, 0, &engine).import(&weights).unwrap();
        let case = format!("{}, step {index}", kind.name());
        let seed = steady(&case, &network, index, &reference).await;
        let batch = images(seed, &reference);
        let (loss, mut expected, found) = measure(&network, batch, &reference).await;
        let (other, mut actual, _) = measure(&copy, images(seed, &engine), &engine).await;
        assert!((loss - other).abs() <= LOSS, "{case}: loss {loss} and {other}");
        let gradients = [expected.split_off(1), actual.split_off(1)];
        let logits = compare(&case, &expected, &actual, TENSORS).unwrap();
        let worst = compare(&case, &gradients[0], &gradients[1], TENSORS).unwrap();
        let off = (loss - other).abs();
        say(&format!("{case}: loss {off:.1e}, logits {logits:.1e}, gradients {worst:.1e}"));
        if index + 1 == steps {
            let expected = evaluate(&network, &reference).await;
            let actual = evaluate(&copy, &engine).await;
            let worst = compare(&case, &expected, &actual, TENSORS).unwrap();
            say(&format!("{case}, evaluation: {worst:.1e}"));
        }
        network = adam.step(network, found, 1e-3, 0.9);
    }
}

/// The losses of some batches, each trained on before the next.
async fn losses(kind: ModelKind, batches: &[Tensor<4>], device: &Device) -> Vec<f64> {
    let mut network = Network::new(kind, 10, 42, device);
    let mut adam = Adam::new();
    let mut losses = Vec::new();
    for images in batches {
        let (loss, _, found) = measure(&network, images.clone(), device).await;
        network = adam.step(network, found, 1e-3, 0.9);
        losses.push(loss);
    }
    losses
}

/// Trains a model on each engine by itself; the losses stay together. The batches are the
/// first at which the reference by itself keeps them together when the pixels move by a
/// rounding error: Adam makes a full step of the sign of one, see [`model`].
pub async fn training(
    kind: ModelKind,
    steps: u32,
    reference: &Device,
    engine: &Device,
    say: impl Fn(&str),
) {
    let [reference, engine] = [reference, engine].map(|device| device.clone().autodiff());
    let close =
        |these: &[f64], those: &[f64]| these.iter().zip(those).all(|(a, b)| (a - b).abs() <= LOSS);
    let seeds = |first: u32| first..first + steps;
    for first in (10..).step_by(10) {
        let plain = |device: &Device| seeds(first).map(|it| images(it, device)).collect::<Vec<_>>();
        let expected = losses(kind, &plain(&reference), &reference).await;
        let mut steady = true;
        for nudge in 0..NUDGES {
            let moved: Vec<_> = seeds(first).map(|it| nudged(it, nudge, &reference)).collect();
            steady &= close(&expected, &losses(kind, &moved, &reference).await);
        }
        if steady {
            let found = losses(kind, &plain(&engine), &engine).await;
            say(&format!("{}: losses {expected:?} and {found:?}", kind.name()));
            assert!(close(&expected, &found), "{expected:?} {found:?}");
            return;
        }
    }
}

/// Steps the optimizer on both engines from identical weights and gradients.
pub async fn optimizer(reference: &Device, engine: &Device, say: impl Fn(&str)) {
    struct Made {
        out: GradientsParams,
        item: u32,
    }
    impl ModuleVisitor for Made {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.item += 1;
            if param.is_require_grad() {
                let gradient = normal(param.dims(), self.item, &param.device().inner()) * 0.01;
                self.out.register(param.id, gradient);
            }
        }
    }
    let mut readings = Vec::new();
    for device in [reference, engine] {
        let mut network = Network::new(ModelKind::Tiny, 10, 42, &device.clone().autodiff());
        let mut adam = Adam::new();
        for (step, (lr, momentum)) in [(4e-4, 0.95), (1e-2, 0.85), (5e-3, 0.9)].iter().enumerate() {
            let mut made = Made { out: GradientsParams::new(), item: 100 * step as u32 };
            network.visit(&mut made);
            network = adam.step(network, made.out, *lr, *momentum);
        }
        let mut tensors = network.export_async().await.unwrap();
        tensors.extend(adam.export_async(&network).await.unwrap());
        readings.push(tensors.into_iter().map(|t| (t.name, t.data)).collect::<Readings>());
    }
    let worst = compare("optimizer", &readings[0], &readings[1], 1e-5).unwrap();
    say(&format!("optimizer: {worst:.1e}"));
}

/// Weights go through the engine bit by bit.
pub async fn transfer(reference: &Device, engine: &Device) {
    let source = Network::new(ModelKind::Tiny, 10, 42, reference).export_async().await.unwrap();
    let other = Network::new(ModelKind::Tiny, 10, 43, engine).import(&source).unwrap();
    assert!(other.export_async().await.unwrap() == source, "weights changed on their way");
}

/// Asserts that [`compare`] sees a difference that is too large, and no other.
pub fn comparison_notices_differences() {
    let pair = |value: f32| vec![("a".to_owned(), vec![1.0, value]), ("b".to_owned(), vec![3.0])];
    let against = |value: f32| compare("pair", &pair(2.0), &pair(value), TENSORS);
    assert_eq!(against(2.0), Ok(0.0));
    assert!(against(2.002).is_ok_and(|worst| worst > 5e-4));
    assert!(against(2.01).is_err());
    assert!(against(f32::NAN).is_err());
    let noise = |value: f32| vec![("a".to_owned(), vec![100.0]), ("b".to_owned(), vec![value])];
    assert!(compare("noise", &noise(1e-7), &noise(2e-6), TENSORS).is_ok());
    assert!(compare("noise", &noise(1e-7), &noise(1e-3), TENSORS).is_err());
    assert!(compare("lost", &pair(2.0), &pair(2.0)[..1].to_vec(), TENSORS).is_err());
}
