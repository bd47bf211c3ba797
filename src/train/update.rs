//! Adam's arithmetic for one parameter as a single operation: three passes over memory on
//! the CPU engine, one dispatch on WebGPU. An extension of burn's backends.

use super::optimizer::{EPS, SQR_MOM};
use crate::model::ops::flex::{contiguous, tensor, values};
use crate::model::ops::shader::{Shader, dispatch_each, empty, packed, per_value};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata as _, backend_extension};
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;

/// The numbers of a step, in the order in which [`Update::update`] gets them as a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Factors {
    /// The factor of the parameter itself: 1 − lr · wd.
    pub keep: f64,
    /// Decay of the average of gradients.
    pub momentum: f64,
    /// 1 − momentum.
    pub fresh: f64,
    /// lr over the debiasing of the average.
    pub step: f64,
    /// Debiasing of the average of squares.
    pub debias: f64,
}

impl Factors {
    pub(super) fn values(self) -> [f32; 5] {
        let Self { keep, momentum, fresh, step, debias } = self;
        [keep, momentum, fresh, step, debias].map(|it| it as f32)
    }
}

/// A parameter, and the averages of its gradients and of their squares; flattened.
pub(super) type Moved = (Tensor<1>, Tensor<1>, Tensor<1>);

/// One step from `value`, `gradient` and the averages, if there are any yet. `on_device`
/// are the values of `factors` on the device of the others.
pub(super) fn update(
    value: Tensor<1>,
    gradient: Tensor<1>,
    averages: Option<(Tensor<1>, Tensor<1>)>,
    factors: Factors,
    on_device: Tensor<1>,
) -> Moved {
    let first = averages.is_none();
    let (mean, square) = averages.unwrap_or_else(|| (gradient.clone(), gradient.clone()));
    let [value, gradient, mean, square, on_device] =
        [value, gradient, mean, square, on_device].map(Tensor::into_dispatch);
    let (value, mean, square) =
        <Dispatch as Update>::update(value, gradient, mean, square, on_device, factors, first);
    (Tensor::from_dispatch(value), Tensor::from_dispatch(mean), Tensor::from_dispatch(square))
}

/// Adam's arithmetic. Where a step is the `first`, the averages that are given mean nothing.
#[backend_extension(Flex, Cube, Fusion)]
trait Update: Backend {
    #[fusion(meta = |value, _gradient, mean, square, _on_device, _factors, _first| {
        (value.clone(), mean.clone(), square.clone())
    })]
    fn update(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        on_device: FloatTensor<Self>,
        factors: Factors,
        first: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

impl Update for Flex {
    fn update(
        value: FlexTensor,
        gradient: FlexTensor,
        mean: FlexTensor,
        square: FlexTensor,
        _on_device: FlexTensor,
        factors: Factors,
        first: bool,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let [keep, momentum, fresh, step, debias] = factors.values();
        let [kept, new] = [SQR_MOM, 1.0 - SQR_MOM].map(|it| it as f32);
        let [value, gradient, mean, square] = [value, gradient, mean, square].map(contiguous);
        let gradients = values(&gradient).iter();
        let past = |past| if first { None } else { Some(values(past)) };
        let means = average(past(&mean), momentum, gradients.clone().map(|g| g * fresh));
        let squares = average(past(&square), kept, gradients.map(|g| g * g * new));
        let moved = |((value, mean), square): ((&f32, &f32), &f32)| {
            value * keep - mean * step / ((square / debias).sqrt() + EPS as f32)
        };
        let moved: Vec<f32> = values(&value).iter().zip(&means).zip(&squares).map(moved).collect();
        let len = [moved.len()];
        (tensor(moved, len), tensor(means, len), tensor(squares, len))
    }
}

/// Fresh values plus the past ones times `decay`.
fn average(past: Option<&[f32]>, decay: f32, fresh: impl Iterator<Item = f32>) -> Vec<f32> {
    match past {
        Some(past) => past.iter().zip(fresh).map(|(past, fresh)| past * decay + fresh).collect(),
        None => fresh.collect(),
    }
}

/// The shader of a parameter's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct AdamShader {
    /// Whether there are no averages yet.
    first: bool,
}

impl AdamShader {
    /// The tensors that it binds. The first step reads no averages: what stands in for them
    /// is the gradient, and a buffer cannot be bound twice.
    fn bound<T>(self, [value, gradient, mean, square, factors]: [T; 5], out: [T; 3]) -> Vec<T> {
        let mut all = vec![value, gradient, factors];
        if !self.first {
            all.extend([mean, square]);
        }
        all.extend(out);
        all
    }
}

impl Shader for AdamShader {
    fn source(&self) -> String {
        let past = if self.first {
            "fn past_mean(index: u32) -> f32 { return 0.0; }
fn past_square(index: u32) -> f32 { return 0.0; }
"
        } else {
            "fn past_mean(index: u32) -> f32 { return mean[index] * factors[1]; }
fn past_square(index: u32) -> f32 { return square[index] * SQR_MOM; }
"
        };
        let given = ["value", "gradient", "mean", "square", "factors"];
        let buffers = self.bound(given, ["new_value", "new_mean", "new_square"]);
        let constants = [("SQR_MOM", SQR_MOM), ("SQR_NEW", 1.0 - SQR_MOM), ("EPS", EPS)];
        let constants = constants.map(|(name, number)| (name, (number as f32).into()));
        per_value(&buffers, &[], &[include_str!("adam.wgsl"), past].concat(), &constants)
    }
}

impl Update for CubeBackend {
    fn update(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        on_device: FloatTensor<Self>,
        _factors: Factors,
        first: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let len = value.shape().num_elements();
        let [value, gradient, mean, square] = [value, gradient, mean, square].map(packed);
        let [moved, new_mean, new_square] = [(), (), ()].map(|()| empty([len], &value));
        let shader = AdamShader { first };
        let given = [&value, &gradient, &mean, &square, &on_device];
        dispatch_each(shader, len, &shader.bound(given, [&moved, &new_mean, &new_square]), &[]);
        (moved, new_mean, new_square)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::ops::shader::tests::runs_everywhere;

    #[test]
    fn the_first_step_reads_no_averages_and_each_runs_everywhere() {
        let [first, later] = [true, false].map(|first| AdamShader { first });
        runs_everywhere(&first);
        runs_everywhere(&later);
        assert!(
            !first.source().contains(" mean: array") && later.source().contains(" mean: array")
        );
    }
}
