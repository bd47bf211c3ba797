//! The predictions of a network for the validation images, and the figures derived from them.

use super::device;
use super::error::TrainError;
use crate::model::Network;
use crate::record::EpochPredictions;
use crate::runs::pack::in_half_precision;
use burn::tensor::{Device, Tensor, TensorData};

/// Runs one batch of `[n, 3, size, size]` pixels through a network that is in
/// inference mode, and returns `[n][classes]` log-probabilities.
///
/// The softmax is taken on the host in f64: it costs nothing there, and is the
/// same on every engine.
pub(super) async fn log_probabilities(
    network: &Network,
    pixels: Vec<f32>,
    len: usize,
    size: usize,
    device: &Device,
) -> Result<Vec<f32>, TrainError> {
    let input = Tensor::<4>::from_data(TensorData::new(pixels, [len, 3, size, size]), device);
    let logits = network.forward(input);
    let [_, classes] = logits.dims();
    let logits = read_f32(logits.into_data_async().await)?;
    Ok(logits.chunks(classes).flat_map(log_softmax).collect())
}

/// The values of a tensor that was read back.
pub(super) fn read_f32<E: std::fmt::Display>(
    data: Result<TensorData, E>,
) -> Result<Vec<f32>, TrainError> {
    let data = data.map_err(|error| device::read_error(&error))?;
    device::check()?;
    data.try_to_vec::<f32>().map_err(|error| TrainError::DeviceLost(format!("{error:?}")))
}

fn log_softmax(logits: &[f32]) -> Vec<f32> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&logit| libm::exp(f64::from(logit - max))).sum();
    let log_sum = libm::log(sum);
    logits.iter().map(|&logit| (f64::from(logit - max) - log_sum) as f32).collect()
}

/// The figures of one validation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EvaluationFigures {
    /// Mean loss under the experiment's own loss.
    pub(super) loss: f64,
    /// Mean plain negative log-likelihood.
    pub(super) nll: f64,
    /// Accuracy, 0..1.
    pub(super) accuracy: f64,
}

/// Figures of `[n][classes]` log-probabilities against the true labels, with
/// label smoothing `eps` in the loss: (1-ε)·NLL + ε/N·Σ(-log p), as fastai's
/// `LabelSmoothingCrossEntropy`.
pub(super) fn figures(log_probabilities: &[f32], labels: &[u8], eps: f64) -> EvaluationFigures {
    let n = labels.len().max(1);
    let classes = (log_probabilities.len() / n).max(1);
    let (mut nll, mut uniform, mut correct) = (0.0, 0.0, 0u32);
    for (row, &label) in log_probabilities.chunks(classes).zip(labels) {
        nll -= f64::from(row[usize::from(label)]);
        uniform -= row.iter().map(|&p| f64::from(p)).sum::<f64>() / classes as f64;
        correct += u32::from(argmax(row) == usize::from(label));
    }
    let n = n as f64;
    EvaluationFigures {
        loss: ((1.0 - eps) * nll + eps * uniform) / n,
        nll: nll / n,
        accuracy: f64::from(correct) / n,
    }
}

/// Whether each image is predicted correctly, from `[n][classes]` log-probabilities.
pub(super) fn correct_predictions(log_probabilities: &[f32], labels: &[u8]) -> Vec<bool> {
    let classes = (log_probabilities.len() / labels.len().max(1)).max(1);
    let rows = log_probabilities.chunks(classes).zip(labels);
    rows.map(|(row, &label)| argmax(row) == usize::from(label)).collect()
}

/// The part of `[n][classes]` log-probabilities that is stored for each epoch, in the precision
/// of storage, so that a resumed run equals an uninterrupted one.
pub(super) fn epoch_predictions(log_probabilities: &[f32], labels: &[u8]) -> EpochPredictions {
    let classes = (log_probabilities.len() / labels.len().max(1)).max(1);
    let rows = log_probabilities.chunks(classes).zip(labels);
    let (predicted, log_probability) = rows
        .map(|(row, &label)| (argmax(row) as u8, in_half_precision(row[usize::from(label)])))
        .unzip();
    EpochPredictions { predicted, log_probability }
}

/// Index of the largest value, the first one among equals.
fn argmax(row: &[f32]) -> usize {
    row.iter().enumerate().fold(0, |best, (i, value)| if *value > row[best] { i } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_softmax_is_right_and_survives_large_logits() {
        let found = log_softmax(&[1000.0, 1000.0 + std::f32::consts::LN_2]);
        assert!((found[0] - libm::logf(1.0 / 3.0)).abs() < 1e-4);
        assert!((found[1] - libm::logf(2.0 / 3.0)).abs() < 1e-4);
    }

    #[test]
    fn figures_of_two_images_are_those_of_the_formulas() {
        let rows: Vec<f32> = [0.7, 0.2, 0.1, 0.3, 0.3, 0.4].map(libm::logf).to_vec();
        let plain = figures(&rows, &[0, 1], 0.0);
        assert!((plain.nll - (-(libm::log(0.7)) - libm::log(0.3)) / 2.0).abs() < 1e-6);
        assert_eq!(plain.loss, plain.nll);
        assert_eq!(plain.accuracy, 0.5);
        let smoothed = figures(&rows, &[0, 1], 0.1);
        let uniform = -rows.iter().map(|&p| f64::from(p)).sum::<f64>() / 6.0;
        assert!((smoothed.loss - (0.9 * plain.nll + 0.1 * uniform)).abs() < 1e-6);
        assert_eq!(smoothed.nll, plain.nll);
    }

    #[test]
    fn an_epoch_keeps_the_class_and_the_truth_s_log_probability() {
        let rows: Vec<f32> = [0.7, 0.2, 0.1, 0.3, 0.3, 0.4].map(libm::logf).to_vec();
        let kept = epoch_predictions(&rows, &[0, 1]);
        assert_eq!(kept.predicted, [0, 2]);
        for (kept, p) in kept.log_probability.iter().zip([0.7f32, 0.3]) {
            assert!((kept - libm::logf(p)).abs() < 1e-3);
        }
    }
}
