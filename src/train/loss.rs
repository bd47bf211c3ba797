//! The loss: cross-entropy against soft targets. Independent of models.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

/// Mean over the batch of −Σₖ tₖ · log softmax(z)ₖ, as a tensor of one value.
///
/// `logits` and `targets` are `[batch, classes]`; each row of `targets` sums to 1.
/// With one-hot rows this is torch's `cross_entropy`; smoothed and mixed rows
/// give fastai's `LabelSmoothingCrossEntropy` and `MixUp`, which are linear in the targets.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let [batch, _] = logits.dims();
    let total = (targets * log_softmax(logits, 1)).sum();
    total.neg().div_scalar(batch as f64)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use pollster::block_on;

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

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        block_on(tensor.into_data_async()).unwrap().try_into_vec::<f32>().unwrap()
    }

    #[test]
    fn loss_is_the_mean_of_the_soft_cross_entropies() {
        let device = Device::flex();
        let tensor = |rows| Tensor::<2>::from_data(TensorData::from(rows), &device);
        let loss = values(cross_entropy(tensor(LOGITS), tensor(TARGETS)));
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
        assert_eq!(values(cross_entropy(logits, targets)), [1e4]);
    }

    #[test]
    fn gradient_agrees_with_finite_differences() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<2>::from_data(TensorData::from(LOGITS), &device).require_grad();
        let targets = Tensor::<2>::from_data(TensorData::from(TARGETS), &device);
        let gradients = cross_entropy(logits.clone(), targets).backward();
        let gradient = values(logits.grad(&gradients).unwrap());
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
}
