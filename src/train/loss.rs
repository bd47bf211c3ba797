//! The loss: cross-entropy against soft targets, in one operation with its gradient.
//! Independent of models. An extension of burn's backends with its own backward pass.

use crate::model::ops::autodiff::{Saved, differentiable};
use crate::model::ops::flex::{contiguous, tensor, values};
use crate::model::ops::shader::{
    Shader, bindings, dispatch, dispatch_each, empty, expand, packed, per_value,
};
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::flex::FlexTensor;
use burn::backend::fusion::custom::TensorSpec;
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend as _, Backend, Dispatch, Flex, TensorMetadata as _, backend_extension,
};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::CubeBackend;

/// Mean over the batch of −Σₖ tₖ · log softmax(z)ₖ, as a tensor of one value.
///
/// `logits` and `targets` are `[batch, classes]`; each row of `targets` sums to 1.
/// With one-hot rows this is torch's `cross_entropy`; smoothed and mixed rows
/// give fastai's `LabelSmoothingCrossEntropy` and `MixUp`, which are linear in the targets.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let (logits, targets) = (logits.into_dispatch(), targets.into_dispatch());
    Tensor::from_dispatch(<Dispatch as LossForward>::cross_entropy(logits, targets).0)
}

/// The forward pass.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
trait LossForward: Backend {
    /// The loss, `[1]`, and its gradient for the logits, `[batch, classes]`: softmax(z) − t
    /// over the batch's length, where a row of the targets sums to 1.
    #[fusion(meta = |logits, _targets| (one_of(logits), logits.clone()))]
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// The backward pass.
#[backend_extension(Flex, Cube, Fusion)]
trait LossBackward: Backend {
    /// `gradient` times the one value of `factor`.
    #[fusion(dtype = gradient, shape = gradient)]
    fn scale(gradient: FloatTensor<Self>, factor: FloatTensor<Self>) -> FloatTensor<Self>;
}

fn one_of(logits: &TensorSpec) -> TensorSpec {
    TensorSpec::new(Shape::new([1]), logits.dtype)
}

impl LossForward for Flex {
    fn cross_entropy(logits: FlexTensor, targets: FlexTensor) -> (FlexTensor, FlexTensor) {
        let [batch, classes] = logits.shape().dims();
        let [logits, targets] = [logits, targets].map(contiguous);
        let mut total = 0.0;
        let mut gradient = Vec::with_capacity(batch * classes);
        let rows = values(&logits).chunks_exact(classes);
        for (row, targets) in rows.zip(values(&targets).chunks_exact(classes)) {
            let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = row.iter().map(|z| libm::expf(z - most)).sum();
            let log_sum = libm::logf(sum);
            for (z, t) in row.iter().zip(targets) {
                let log_probability = z - most - log_sum;
                total -= t * log_probability;
                gradient.push((libm::expf(log_probability) - t) / batch as f32);
            }
        }
        (tensor(vec![total / batch as f32], [1]), tensor(gradient, [batch, classes]))
    }
}

impl LossBackward for Flex {
    fn scale(gradient: FlexTensor, factor: FlexTensor) -> FlexTensor {
        let [batch, classes] = gradient.shape().dims();
        let [gradient, factor] = [gradient, factor].map(contiguous);
        let factor = values(&factor).first().copied().unwrap_or_default();
        let shared = values(&gradient).iter().map(|value| value * factor).collect();
        tensor(shared, [batch, classes])
    }
}

/// Invocations of the loss's shader.
const INVOCATIONS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LossShader {
    /// Logits and targets to the loss and its gradient.
    CrossEntropy,
    /// The gradient times a factor.
    Scale,
}

impl Shader for LossShader {
    fn source(&self) -> String {
        match self {
            Self::CrossEntropy => {
                let buffers = ["logits", "targets", "loss", "gradient"];
                let constants = [("INVOCATIONS", INVOCATIONS.into())];
                bindings(&buffers, &["batch", "classes"])
                    + &expand(include_str!("cross_entropy.wgsl"), &constants)
            }
            Self::Scale => {
                per_value(&["gradient", "factor", "out"], &[], include_str!("scale.wgsl"), &[])
            }
        }
    }
}

impl LossForward for CubeBackend {
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [batch, classes] = logits.shape().dims();
        let [logits, targets] = [logits, targets].map(packed);
        let (loss, gradient) = (empty([1], &logits), empty([batch, classes], &logits));
        let tensors = [&logits, &targets, &loss, &gradient];
        dispatch(LossShader::CrossEntropy, 1, &tensors, &[batch, classes]);
        (loss, gradient)
    }
}

impl LossBackward for CubeBackend {
    fn scale(gradient: FloatTensor<Self>, factor: FloatTensor<Self>) -> FloatTensor<Self> {
        let [gradient, factor] = [gradient, factor].map(packed);
        let shape = gradient.shape();
        let out = empty(shape.clone(), &gradient);
        dispatch_each(LossShader::Scale, shape.num_elements(), &[&gradient, &factor, &out], &[]);
        out
    }
}

#[derive(Clone, Debug)]
struct LossSaved<B: Backend>(FloatTensor<B>);

impl<B: Backend + LossBackward> Saved<B, 1> for LossSaved<B> {
    fn gradients(self, gradient: FloatTensor<B>, _: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::scale(self.0, gradient))]
    }
}

impl<B: Backend + LossForward + LossBackward, C: CheckpointStrategy> LossForward
    for Autodiff<B, C>
{
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [logits.node()];
        let (loss, gradient) = B::cross_entropy(logits.into_primitive(), targets.into_primitive());
        let loss = differentiable::<B, C, _, 1>(nodes, loss, LossSaved(gradient.clone()));
        (loss, Self::from_inner(gradient))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::ops::shader::tests::runs_everywhere;
    use crate::model::probe::read;
    use burn::tensor::{Device, TensorData};

    const LOGITS: [[f32; 3]; 2] = [[1.0, -0.5, 2.0], [0.0, 3.0, -1.0]];
    const TARGETS: [[f32; 3]; 2] = [[0.1, 0.2, 0.7], [0.0, 1.0, 0.0]];

    fn reference(logits: &[[f64; 3]; 2]) -> f64 {
        let mut total = 0.0;
        for (row, target) in logits.iter().zip(TARGETS) {
            let log_sum = libm::log(row.iter().map(|z| libm::exp(*z)).sum::<f64>());
            total -= row.iter().zip(target).map(|(z, t)| f64::from(t) * (z - log_sum)).sum::<f64>();
        }
        total / 2.0
    }

    #[test]
    fn loss_is_the_mean_of_the_soft_cross_entropies() {
        let device = Device::flex();
        let tensor = |rows| Tensor::<2>::from_data(TensorData::from(rows), &device);
        let loss = read(cross_entropy(tensor(LOGITS), tensor(TARGETS)));
        // By hand: log-sums 2.37154 and 3.06588, so .97154 and .06588.
        assert_eq!(loss.len(), 1);
        let expected = reference(&LOGITS.map(|row| row.map(f64::from)));
        assert!((f64::from(loss[0]) - expected).abs() < 1e-6, "{} {expected}", loss[0]);
        assert!((expected - 0.518_71).abs() < 1e-5, "{expected}");
    }

    #[test]
    fn extreme_logits_do_not_overflow() {
        let device = Device::flex();
        let logits = Tensor::<2>::from_data([[1e4f32, -1e4, 0.0]], &device);
        let targets = Tensor::<2>::from_data([[0.0f32, 0.0, 1.0]], &device);
        assert_eq!(read(cross_entropy(logits, targets)), [1e4]);
    }

    #[test]
    fn gradient_agrees_with_finite_differences() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<2>::from_data(TensorData::from(LOGITS), &device).require_grad();
        let targets = Tensor::<2>::from_data(TensorData::from(TARGETS), &device);
        let gradients = cross_entropy(logits.clone(), targets).backward();
        let gradient = read(logits.grad(&gradients).unwrap());
        let at = LOGITS.map(|row| row.map(f64::from));
        for (index, found) in gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut logits = at;
                logits[index / 3][index % 3] += by;
                reference(&logits)
            };
            let expected = (moved(1e-4) - moved(-1e-4)) / 2e-4;
            assert!((f64::from(*found) - expected).abs() < 1e-5, "{index}: {found} {expected}");
        }
    }

    #[test]
    fn every_shader_runs_everywhere() {
        runs_everywhere(&LossShader::CrossEntropy);
        runs_everywhere(&LossShader::Scale);
    }

    #[test]
    fn a_share_of_the_loss_has_that_share_of_the_gradient() {
        let device = Device::flex().autodiff();
        let gradient = |share: f64| {
            let logits = Tensor::<2>::from_data(TensorData::from(LOGITS), &device).require_grad();
            let targets = Tensor::<2>::from_data(TensorData::from(TARGETS), &device);
            let gradients = cross_entropy(logits.clone(), targets).mul_scalar(share).backward();
            read(logits.grad(&gradients).unwrap())
        };
        let quarters: Vec<f32> = gradient(0.25).iter().map(|value| value * 4.0).collect();
        assert_eq!(quarters, gradient(1.0));
    }
}
