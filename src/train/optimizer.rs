//! fastai's Adam: decoupled weight decay, a momentum that the schedule sets
//! every step, and a state that can be saved. Independent of schedules.

use super::update::{Factors, update};
use crate::model::{ImportError, NamedTensor, Network, ReadError, TensorEntry, TensorIndex};
use crate::model::{entries, read};
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use std::collections::HashMap;

/// Decay of the average of squared gradients.
pub const SQR_MOM: f64 = 0.99;
/// Added to the root of that average.
pub const EPS: f64 = 1e-5;
/// Decoupled weight decay, relative to the learning rate.
pub const WEIGHT_DECAY: f64 = 0.01;

/// Adam as in fastai's `optimizer.py`, with the defaults of its `Learner`:
///
/// ```text
/// p ← p · (1 − lr · wd)                    convolutions and the linear weight only
/// m ← mom · m + (1 − mom) · g
/// v ← .99 · v + .01 · g²
/// p ← p − lr / (1 − momᵗ) · m / (√(v / (1 − .99ᵗ)) + 1e-5)
/// ```
///
/// `mom` is the momentum of this very step, in the debiasing too. A parameter
/// without a gradient (a frozen one) is left as it is, and so is its state.
#[derive(Debug, Default)]
pub struct Adam {
    states: HashMap<ParamId, AdamState>,
    rates: HashMap<ParamId, f64>,
    /// What the parameters' factors depended on in the last step.
    groups: Vec<FactorGroup>,
    /// The factors that are on the device for this step.
    sent: Vec<(Factors, Tensor<1>)>,
}

/// Parameters that share their factors in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
struct FactorGroup {
    /// Steps before it.
    steps: u32,
    /// Factor of the learning rate.
    rate: f64,
    decay: f64,
}

impl FactorGroup {
    /// The factors of a step with this learning rate and momentum.
    fn factors(self, lr: f64, momentum: f64) -> Factors {
        let lr = lr * self.rate;
        let debias = |decay: f64| 1.0 - libm::pow(decay, f64::from(self.steps + 1));
        Factors {
            keep: 1.0 - lr * self.decay,
            momentum,
            fresh: 1.0 - momentum,
            step: lr / debias(momentum),
            debias: debias(SQR_MOM),
        }
    }
}

/// The past of one parameter, flattened.
#[derive(Clone, Debug)]
struct AdamState {
    steps: u32,
    mean: Tensor<1>,
    square: Tensor<1>,
}

impl Adam {
    /// An optimizer without a past.
    pub fn new() -> Self {
        Self::default()
    }

    /// Multiplies the learning rate of each of these parameters with its factor
    /// from now on, and that of all others with 1: fastai's discriminative rates.
    pub fn set_rates(&mut self, rates: HashMap<ParamId, f64>) {
        self.rates = rates;
    }

    /// Sends what the next step needs to the device. Every upload ends what was collected for the
    /// device before it; done together with the batch's, those of the optimizer end nothing more.
    /// What is missing, as in the first step, is sent by the step itself.
    pub fn prepare(&mut self, lr: f64, momentum: f64, device: &Device) {
        self.sent.clear();
        for group in std::mem::take(&mut self.groups) {
            let factors = FactorGroup { steps: group.steps + 1, ..group }.factors(lr, momentum);
            on_device(&mut self.sent, factors, device);
        }
    }

    /// One step with this step's learning rate and momentum (0 ≤ momentum < 1).
    #[must_use]
    pub fn step(
        &mut self,
        network: Network,
        gradients: GradientsParams,
        lr: f64,
        momentum: f64,
    ) -> Network {
        self.groups.clear();
        let stepped = network.map(&mut AdamStep { adam: self, gradients, lr, momentum });
        self.sent.clear();
        stepped
    }

    /// The averages and step counts of every parameter that was ever stepped,
    /// named `adam.<average>.<parameter>`.
    ///
    /// # Errors
    /// [`ReadError`] if the engine fails.
    pub async fn export_async(&self, network: &Network) -> Result<Vec<NamedTensor>, ReadError> {
        let mut averages = Vec::new();
        let mut counts = Vec::new();
        for TensorEntry { id, name, shape, .. } in entries(&network.valid()) {
            let Some(AdamState { steps, mean, square }) = self.states.get(&id) else { continue };
            for (average, flat) in [("mean", mean), ("square", square)] {
                let (name, flat) = (format!("adam.{average}.{name}"), flat.clone());
                averages.push(TensorEntry { id, name, shape: shape.clone(), flat });
            }
            let name = format!("adam.steps.{name}");
            counts.push(NamedTensor { name, shape: vec![1], data: vec![*steps as f32] });
        }
        let mut tensors = read(averages).await?;
        tensors.extend(counts);
        Ok(tensors)
    }

    /// The optimizer whose state was exported, for the parameters of `network`.
    ///
    /// # Errors
    /// [`ImportError`] for the first tensor that does not fit.
    pub fn import(network: &Network, tensors: &[NamedTensor]) -> Result<Self, ImportError> {
        let mut given = TensorIndex::new(tensors)?;
        let mut adam = Self::new();
        for TensorEntry { id, name, shape, flat } in entries(&network.valid()) {
            let steps = format!("adam.steps.{name}");
            if !given.has(&steps) {
                continue;
            }
            let steps = given.take(&steps, &[1])?.data.iter().sum::<f32>() as u32;
            let mut average = |kind: &str| {
                let saved = given.take(&format!("adam.{kind}.{name}"), &shape)?;
                let data = TensorData::new(saved.data.clone(), [saved.data.len()]);
                Ok(Tensor::from_data(data, &flat.device()))
            };
            let state = AdamState { steps, mean: average("mean")?, square: average("square")? };
            adam.states.insert(id, state);
        }
        given.finish()?;
        Ok(adam)
    }
}

struct AdamStep<'a> {
    adam: &'a mut Adam,
    gradients: GradientsParams,
    lr: f64,
    momentum: f64,
}

impl AdamStep<'_> {
    /// The new value of one flattened parameter.
    fn update(
        &mut self,
        id: ParamId,
        value: Tensor<1>,
        gradient: Tensor<1>,
        decay: f64,
    ) -> Tensor<1> {
        let rate = self.adam.rates.get(&id).copied().unwrap_or(1.0);
        let past = self.adam.states.remove(&id);
        let group = FactorGroup { steps: past.as_ref().map_or(0, |past| past.steps), rate, decay };
        if !self.adam.groups.contains(&group) {
            self.adam.groups.push(group);
        }
        let factors = group.factors(self.lr, self.momentum);
        let on_device = on_device(&mut self.adam.sent, factors, &value.device());
        let steps = group.steps + 1;
        let averages = past.map(|past| (past.mean, past.square));
        let (value, mean, square) = update(value, gradient, averages, factors, on_device);
        self.adam.states.insert(id, AdamState { steps, mean, square });
        value
    }
}

/// These factors on the device: those of a parameter with the same ones, or sent now.
fn on_device(sent: &mut Vec<(Factors, Tensor<1>)>, factors: Factors, device: &Device) -> Tensor<1> {
    if let Some((_, known)) = sent.iter().find(|(known, _)| *known == factors) {
        return known.clone();
    }
    let values = Tensor::from_data(TensorData::from(factors.values()), device);
    sent.push((factors, values.clone()));
    values
}

impl ModuleMapper for AdamStep<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = param.id;
        let Some(gradient) = self.gradients.remove::<D>(id) else { return param };
        // Biases and batch norm's parameters are the ones of rank 1.
        let decay = if D == 1 { 0.0 } else { WEIGHT_DECAY };
        param.map(|value| {
            let shape = value.shape();
            let flat = [shape.num_elements()];
            let (value, gradient) = (value.inner().reshape(flat), gradient.reshape(flat));
            let updated = self.update(id, value, gradient, decay).reshape(shape);
            Tensor::from_inner(updated).require_grad()
        })
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::experiment::ModelKind;
    use burn::module::ModuleVisitor;
    use pollster::block_on;

    /// KnownGradients that anyone can write down: value `i` of a tensor gets
    /// `sin(i + step)` times a scale of the tensor's own.
    fn gradient(index: usize, tensor: usize, step: usize) -> f32 {
        libm::sin((index + step) as f64) as f32 * 0.01 * (tensor + 1) as f32
    }

    struct KnownGradients {
        out: GradientsParams,
        tensor: usize,
        step: usize,
    }

    impl ModuleVisitor for KnownGradients {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                let shape = param.shape();
                let values = (0..shape.num_elements())
                    .map(|index| gradient(index, self.tensor, self.step))
                    .collect::<Vec<_>>();
                let device = param.device().inner();
                let tensor = Tensor::<D>::from_data(TensorData::new(values, shape), &device);
                self.out.register(param.id, tensor);
                self.tensor += 1;
            }
        }
    }

    fn gradients(network: &Network, step: usize) -> GradientsParams {
        let mut visitor = KnownGradients { out: GradientsParams::new(), tensor: 0, step };
        network.visit(&mut visitor);
        visitor.out
    }

    fn network() -> Network {
        Network::new(ModelKind::Tiny, 3, 7, &burn::tensor::Device::flex().autodiff())
    }

    fn weights(network: &Network) -> Vec<NamedTensor> {
        let mut tensors = block_on(network.export_async()).unwrap();
        tensors.retain(|tensor| !tensor.name.contains("running"));
        tensors
    }

    /// The formula of [`Adam`], one number at a time, in f64.
    fn reference(value: f32, index: usize, tensor: usize, decay: f64, lrs: &[[f64; 2]]) -> f64 {
        let (mut p, mut m, mut v) = (f64::from(value), 0.0, 0.0);
        for (step, [lr, mom]) in lrs.iter().enumerate() {
            let g = f64::from(gradient(index, tensor, step));
            p *= 1.0 - lr * decay;
            m = mom * m + (1.0 - mom) * g;
            v = 0.99 * v + 0.01 * g * g;
            let t = (step + 1) as i32;
            let (m_hat, v_hat) = (m / (1.0 - mom.powi(t)), v / (1.0 - 0.99f64.powi(t)));
            p -= lr * m_hat / (v_hat.sqrt() + 1e-5);
        }
        p
    }

    const SCHEDULE: [[f64; 2]; 4] = [[4e-4, 0.95], [3e-3, 0.93], [1e-2, 0.85], [2e-3, 0.91]];

    #[test]
    fn four_steps_agree_with_the_scalar_formula() {
        let mut network = network();
        let before = weights(&network);
        let mut adam = Adam::new();
        for (step, [lr, momentum]) in SCHEDULE.into_iter().enumerate() {
            let gradients = gradients(&network, step);
            network = adam.step(network, gradients, lr, momentum);
        }
        for (tensor, (old, new)) in before.iter().zip(weights(&network)).enumerate() {
            let decay = if old.shape.len() == 1 { 0.0 } else { 0.01 };
            for (index, (old_value, found)) in old.data.iter().zip(&new.data).enumerate() {
                let expected = reference(*old_value, index, tensor, decay, &SCHEDULE);
                let error = (f64::from(*found) - expected).abs();
                assert!(error < 2e-6, "{} [{index}]: {found} {expected}", old.name);
            }
        }
    }

    #[test]
    fn frozen_convolutions_stand_still_while_batch_norm_and_head_move() {
        let mut network = network().freeze_convolutions(true);
        let before = weights(&network);
        let mut adam = Adam::new();
        for step in 0..2 {
            let gradients = gradients(&network, step);
            network = adam.step(network, gradients, 1e-2, 0.9);
        }
        for (old, new) in before.iter().zip(weights(&network)) {
            assert_eq!(old.data == new.data, old.name.contains("conv"), "{}", old.name);
        }
        let thawed = network.freeze_convolutions(false);
        let moved = gradients(&thawed, 2);
        let after = weights(&adam.step(thawed, moved, 1e-2, 0.9));
        assert!(before.iter().zip(&after).all(|(old, new)| old.data != new.data));
    }

    /// The first step moves every weight by its rate, whatever the gradient.
    #[test]
    fn each_group_has_a_rate_of_its_own() {
        let network = network();
        let before = weights(&network);
        let mut adam = Adam::new();
        adam.set_rates(network.rates(ModelKind::Tiny, [0.01, 0.1, 1.0]));
        let moved = gradients(&network, 1);
        let after = weights(&adam.step(network, moved, 1e-2, 0.9));
        for (old, new) in before.iter().zip(&after) {
            let rate = match &old.name {
                name if name.starts_with("stages.0.") || name.starts_with("stages.1.") => 1e-4,
                name if name.starts_with("stages.") => 1e-3,
                _ => 1e-2,
            };
            // Weight decay and eps move it a little, too.
            let by = (old.data[0] - new.data[0]).abs();
            assert!((by / rate - 1.0).abs() < 0.05, "{}: {by} instead of {rate}", old.name);
        }
    }

    #[test]
    fn a_restored_optimizer_goes_on_as_if_it_had_never_stopped() {
        let mut network = network();
        let mut adam = Adam::new();
        for step in 0..3 {
            let gradients = gradients(&network, step);
            network = adam.step(network, gradients, 1e-3, 0.9);
        }
        let saved = block_on(adam.export_async(&network)).unwrap();
        let saved_network = block_on(network.export_async()).unwrap();
        let other = self::network().import(&saved_network).unwrap();
        let mut restored = Adam::import(&other, &saved).unwrap();
        let last = gradients(&network, 3);
        let expected = weights(&adam.step(network, last, 1e-3, 0.8));
        let last = gradients(&other, 3);
        assert_eq!(weights(&restored.step(other, last, 1e-3, 0.8)), expected);
    }

    #[test]
    fn a_state_that_does_not_fit_is_refused() {
        let network = network();
        let mut adam = Adam::new();
        let gradients = gradients(&network, 0);
        let network = adam.step(network, gradients, 1e-3, 0.9);
        let saved = block_on(adam.export_async(&network)).unwrap();
        let refused = |change: fn(&mut Vec<NamedTensor>)| {
            let mut tensors = saved.clone();
            change(&mut tensors);
            Adam::import(&network, &tensors).unwrap_err()
        };
        let name = "adam.mean.stages.0.conv.weight".to_owned();
        assert_eq!(saved[0].name, name);
        assert_eq!(refused(|t| drop(t.remove(0))), ImportError::Missing(name.clone()));
        assert!(matches!(refused(|t| t[0].shape = vec![1]), ImportError::Shape { .. }));
        assert!(matches!(refused(|t| t[0].name = "x".into()), ImportError::Missing(_)));
        let doubled = refused(|t| t.push(t[0].clone()));
        assert_eq!(doubled, ImportError::Duplicate(name));
    }
}
