//! The search for a learning rate: a mock training in which it grows from batch
//! to batch. The network that it begins with is as it was afterwards.
//!
//! Source: fastai `Learner.lr_find`.

use super::device::OpenedEngine;
use super::error::TrainError;
use super::evaluate::read_f32;
use super::ghosts::Ghosts;
use super::optimizer::Adam;
use super::setup::Setup;
use super::smooth::SmoothLoss;
use super::step;
use crate::engine::EngineKind;
use crate::finder::{FoundRate, STEPS, Tried, has_diverged, rate, suggestion};
use crate::model::Network;
use burn::module::Module as _;
use burn::optim::GradientsParams;
use std::ops::ControlFlow;

/// Momentum of the whole search: that of fastai's optimizer without a schedule.
const MOMENTUM: f64 = 0.9;

/// Tries rates on a copy of `network`, which must be on a device with autodiff,
/// with the batches of the first epochs of `setup` at the first phase's size.
/// With `ft` the convolutions of the body are frozen, as they are in fastai when
/// `lr_find` comes before `fine_tune`.
///
/// `tick` gets the number of batches done and the highest possible one after each batch, and
/// may break to stop.
///
/// # Errors
/// [`TrainError::Stopped`] if `tick` breaks off, [`TrainError::Data`] without a
/// training batch or with images stored at another side, [`TrainError::DeviceLost`].
pub async fn find_lr(
    setup: &mut Setup,
    network: &Network,
    engine: &OpenedEngine,
    mut tick: impl AsyncFnMut(u32, u32) -> ControlFlow<()>,
) -> Result<FoundRate, TrainError> {
    setup.check_pixels()?;
    let batches = setup.batcher.batches_per_epoch() as u32;
    if batches == 0 {
        return Err(TrainError::Data("the experiment has no training batch".into()));
    }
    let size = setup.experiment.phases().first().map_or(setup.experiment.size, |it| it.size);
    let classes = setup.dataset.classes.len();
    // The validation copy shares nothing with the original, not even the
    // running statistics of batch norm.
    let mut copy = network.valid().train().freeze_convolutions(setup.experiment.ft);
    let ghosts = (setup.experiment.gbs > 0).then(|| {
        let (size, kind) = (setup.experiment.gbs as usize, setup.experiment.model);
        Ghosts::new(size, kind, classes, &engine.device, engine.engine == EngineKind::Cpu)
    });
    let mut adam = Adam::new();
    let mut smooth = SmoothLoss::default();
    let mut tried: Vec<Tried> = Vec::with_capacity(STEPS as usize);
    while (tried.len() as u32) < STEPS && !has_diverged(&tried) {
        let step = tried.len() as u32;
        if tick(step, STEPS).await.is_break() {
            return Err(TrainError::Stopped);
        }
        let lr = rate(step);
        let batch = setup.batcher.train(step / batches, step % batches, size);
        let (loss, gradients) = match &ghosts {
            Some(ghosts) => {
                let (loss, gradients, moved) =
                    ghosts.step_locally(copy, &batch, setup.experiment.ft).await?;
                copy = moved;
                (loss, gradients)
            }
            None => {
                adam.prepare(lr, MOMENTUM, &engine.device);
                let loss = step::loss(&copy, batch, classes, &engine.device);
                let gradients = GradientsParams::from_grads(loss.backward(), &copy);
                (loss.inner(), gradients)
            }
        };
        copy = adam.step(copy, gradients, lr, MOMENTUM);
        let value = read_f32(loss.into_data_async().await)?;
        let loss = value.first().copied().map_or(f64::NAN, f64::from);
        tried.push(Tried { lr, loss, smooth_loss: smooth.add(loss) });
    }
    engine.device.memory_cleanup();
    let suggestion = suggestion(&tried);
    // Undefined losses have no place on a chart, and no form in JSON.
    tried.retain(|it| it.smooth_loss.is_finite());
    Ok(FoundRate { tried, suggestion })
}
