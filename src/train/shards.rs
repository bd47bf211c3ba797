//! Ghost batches: a batch cut into shards, each with its own batch-norm statistics, whose
//! gradients are added up in a fixed order. Which threads compute the shards, and how many at
//! a time, does not change the result. Independent of threads and workers.
//!
//! Hoffer et al., “Train longer, generalize better” (2017).

use super::error::TrainError;
use super::evaluate::read_f32;
use super::step;
use crate::augment::batch::Batch;
use crate::experiment::ModelKind;
use crate::model::{FlatState, ImportError, Network, ReadError, Slot};
use burn::optim::GradientsParams;
use burn::tensor::Device;

/// Part of a batch, on the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard {
    /// Side of the images in pixels.
    pub size: u32,
    /// Number of images.
    pub len: usize,
    /// Share of the batch, 0..1: the shares add up to 1.
    pub share: f32,
    /// `[len, 3, size, size]`.
    pub pixels: Vec<f32>,
    /// `[len, classes]`.
    pub targets: Vec<f32>,
}

/// What a shard contributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Its share of the batch's loss.
    pub loss: f32,
    /// In the order of [`FlatState`]: its share of each weight's gradient, zeros where the
    /// weight is frozen; the running statistics as it leaves them.
    pub values: Vec<f32>,
}

/// Everything that the gradients of a batch depend on.
#[derive(Debug)]
pub struct ShardWork<'a> {
    /// A network of the run's kind on its device, to compute with.
    pub replica: &'a Replica,
    /// Whether its convolutions are frozen.
    pub frozen: bool,
    /// Weights and running statistics before the batch.
    pub state: Vec<f32>,
    /// The batch.
    pub shards: Vec<Shard>,
}

/// Cuts a batch into shards of `ghost` images. The remaining images are a shard of their own,
/// or join the last one if there is only one, which would have no variance.
pub fn cut(batch: &Batch, ghost: usize, classes: usize) -> Vec<Shard> {
    let per_image = batch.pixels.len() / batch.len.max(1);
    let mut ends: Vec<usize> = (ghost..batch.len).step_by(ghost.max(1)).collect();
    if ends.last().is_some_and(|end| batch.len - end == 1) {
        ends.pop();
    }
    ends.push(batch.len);
    let mut start = 0;
    let mut shard = |end: usize| {
        let images = std::mem::replace(&mut start, end)..end;
        Shard {
            size: batch.size,
            len: images.len(),
            share: images.len() as f32 / batch.len as f32,
            pixels: batch.pixels[images.start * per_image..images.end * per_image].to_vec(),
            targets: batch.targets[images.start * classes..images.end * classes].to_vec(),
        }
    };
    ends.into_iter().map(&mut shard).collect()
}

/// A network to compute shards with; its own weights are not used.
#[derive(Debug)]
pub struct Replica {
    /// The network.
    pub kind: ModelKind,
    /// The number of classes.
    pub classes: usize,
    /// Where it computes, without autodiff.
    pub device: Device,
    network: Network,
}

impl Replica {
    /// A network of `kind` for `classes`, on a device without autodiff.
    pub fn new(kind: ModelKind, classes: usize, device: &Device) -> Self {
        let network = Network::new(kind, classes, 0, &device.clone().autodiff());
        Self { kind, classes, device: device.clone(), network }
    }

    /// A second replica, for another thread.
    pub fn duplicate(&self) -> Self {
        Self::new(self.kind, self.classes, &self.device)
    }

    /// The gradient of one shard for a network in this state.
    ///
    /// # Errors
    /// [`TrainError::DeviceLost`]; [`TrainError::Checkpoint`] if the state is of another
    /// network.
    pub async fn gradient(
        &self,
        state: &[f32],
        frozen: bool,
        shard: &Shard,
    ) -> Result<Gradient, TrainError> {
        let network = self.network.with_state(state).map_err(unfit)?.freeze_convolutions(frozen);
        let share = f64::from(shard.share);
        let loss = step::loss_of(
            &network,
            shard.pixels.clone(),
            shard.targets.clone(),
            [shard.len, shard.size as usize, self.classes],
            &self.device,
        )
        .mul_scalar(share);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let values = network.state_with(&gradients).read().await.map_err(device_lost)?;
        let loss = read_f32(loss.inner().into_data_async().await)?;
        Ok(Gradient { loss: loss.first().copied().unwrap_or(f32::NAN), values })
    }
}

/// Computes the shards of `work` one after another on this thread.
///
/// # Errors
/// As [`Replica::gradient`].
pub async fn one_after_another(work: &ShardWork<'_>) -> Result<Vec<Gradient>, TrainError> {
    let mut gradients = Vec::with_capacity(work.shards.len());
    for shard in &work.shards {
        gradients.push(work.replica.gradient(&work.state, work.frozen, shard).await?);
    }
    Ok(gradients)
}

/// Combines the shards: the batch's loss, its gradients for the optimizer, and the network with
/// the running statistics of the shards, averaged by share.
///
/// # Errors
/// [`TrainError::Checkpoint`] if a gradient is of another network.
pub fn combine(
    network: Network,
    shards: &[Shard],
    gradients: &[Gradient],
) -> Result<(f32, GradientsParams, Network), TrainError> {
    let slots: Vec<Slot> = network.slots();
    let count = slots.iter().map(Slot::count).sum::<usize>();
    let mut sums = vec![0.0_f32; count];
    let mut loss = 0.0;
    for (shard, gradient) in shards.iter().zip(gradients) {
        if gradient.values.len() != count {
            return Err(unfit(ImportError::Length {
                name: "gradients".into(),
                expected: count,
                found: gradient.values.len(),
            }));
        }
        loss += gradient.loss;
        let mut at = 0;
        for slot in &slots {
            let range = at..at + slot.count();
            at = range.end;
            let scale = if slot.is_statistic { shard.share } else { 1.0 };
            for (sum, value) in sums[range.clone()].iter_mut().zip(&gradient.values[range]) {
                *sum += scale * value;
            }
        }
    }
    let (gradients, network) = network.take_gradients(&sums).map_err(unfit)?;
    Ok((loss, gradients, network))
}

/// Weights and running statistics of a network, as [`ShardWork::state`] has them.
///
/// # Errors
/// [`TrainError::DeviceLost`].
pub async fn state(network: &Network) -> Result<Vec<f32>, TrainError> {
    FlatState::of(network).read().await.map_err(device_lost)
}

fn device_lost(error: ReadError) -> TrainError {
    TrainError::DeviceLost(error.reason)
}

fn unfit(error: ImportError) -> TrainError {
    TrainError::Checkpoint(error.to_string())
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use pollster::block_on;

    const CLASSES: usize = 3;
    const SIZE: usize = 16;

    fn batch(len: usize) -> Batch {
        let images = crate::model::init::kaiming_normal(9, 0, len * 3 * SIZE * SIZE, 2);
        let target = |at: usize| if at % CLASSES == (at / CLASSES) % CLASSES { 1.0 } else { 0.0 };
        Batch {
            size: SIZE as u32,
            len,
            pixels: images,
            targets: (0..len * CLASSES).map(target).collect(),
            labels: (0..len).map(|at| (at % CLASSES) as u8).collect(),
            images: (0..len as u32).collect(),
            mix: None,
        }
    }

    fn network() -> Network {
        Network::new(ModelKind::Tiny, CLASSES, 7, &Device::flex().autodiff())
    }

    fn replica() -> Replica {
        Replica::new(ModelKind::Tiny, CLASSES, &Device::flex())
    }

    fn work<'a>(replica: &'a Replica, network: &Network, shards: Vec<Shard>) -> ShardWork<'a> {
        let state = block_on(state(network)).unwrap();
        ShardWork { replica, frozen: false, state, shards }
    }

    fn lengths(len: usize, ghost: usize) -> Vec<usize> {
        cut(&batch(len), ghost, CLASSES).iter().map(|shard| shard.len).collect()
    }

    #[test]
    fn a_batch_is_cut_in_order_and_no_shard_is_a_single_image() {
        assert_eq!(lengths(8, 4), [4, 4]);
        assert_eq!(lengths(10, 4), [4, 4, 2]);
        assert_eq!(lengths(9, 4), [4, 5]);
        assert_eq!(lengths(3, 2), [3]);
        assert_eq!(lengths(4, 64), [4]);
        let whole = batch(10);
        let shards = cut(&whole, 4, CLASSES);
        let joined: Vec<f32> = shards.iter().flat_map(|it| it.pixels.clone()).collect();
        assert_eq!(joined, whole.pixels);
        let joined: Vec<f32> = shards.iter().flat_map(|it| it.targets.clone()).collect();
        assert_eq!(joined, whole.targets);
        assert!((shards.iter().map(|it| it.share).sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn one_shard_is_the_whole_batch() {
        let (plain, sharded) = (network(), network());
        let loss = step::loss(&plain, batch(6), CLASSES, &Device::flex());
        let expected = GradientsParams::from_grads(loss.backward(), &plain);
        let expected = block_on(plain.state_with(&expected).read()).unwrap();
        let loss = block_on(loss.inner().into_data_async()).unwrap().try_to_vec::<f32>().unwrap();
        let replica = replica();
        let work = work(&replica, &sharded, cut(&batch(6), 64, CLASSES));
        let found = block_on(one_after_another(&work)).unwrap();
        assert_eq!((found[0].loss, &found[0].values), (loss[0], &expected));
        // Batch norm's running statistics have moved as well.
        let (_, _, after) = combine(sharded, &work.shards, &found).unwrap();
        let [after, plain] = [after, plain].map(|it| block_on(state(&it)).unwrap());
        assert_eq!(after, plain);
    }

    #[test]
    fn shards_add_up_by_their_share() {
        let network = network();
        let shards = cut(&batch(10), 4, CLASSES);
        let replica = replica();
        let work = work(&replica, &network, shards.clone());
        let parts = block_on(one_after_another(&work)).unwrap();
        let slots = network.slots();
        let (loss, gradients, after) = combine(network, &shards, &parts).unwrap();
        assert!((loss - parts.iter().map(|it| it.loss).sum::<f32>()).abs() < 1e-6);
        let sums = block_on(after.state_with(&gradients).read()).unwrap();
        let mut at = 0;
        for slot in &slots {
            for (index, sum) in sums.iter().enumerate().skip(at).take(slot.count()) {
                let part = |part: &Gradient, shard: &Shard| {
                    part.values[index] * if slot.is_statistic { shard.share } else { 1.0 }
                };
                let expected: f32 = parts.iter().zip(&shards).map(|(a, b)| part(a, b)).sum();
                assert!((sum - expected).abs() <= 1e-6 * expected.abs().max(1.0));
            }
            at += slot.count();
        }
        assert!(slots.iter().any(|slot| slot.is_statistic));
    }

    #[test]
    fn a_shard_leaves_nothing_behind_for_the_next() {
        let network = network();
        let shards = cut(&batch(8), 4, CLASSES);
        let replica = replica();
        let forwards = work(&replica, &network, shards.clone());
        let backwards = work(&replica, &network, shards.into_iter().rev().collect());
        let forwards = block_on(one_after_another(&forwards)).unwrap();
        let mut backwards = block_on(one_after_another(&backwards)).unwrap();
        backwards.reverse();
        assert_eq!(forwards, backwards);
    }

    #[test]
    fn frozen_weights_get_no_gradient() {
        let frozen = network().freeze_convolutions(true);
        let replica = replica();
        let mut work = work(&replica, &frozen, cut(&batch(8), 4, CLASSES));
        work.frozen = true;
        let parts = block_on(one_after_another(&work)).unwrap();
        let trained = network().slots().iter().filter(|it| !it.is_statistic).count();
        let convolutions = network().slots().iter().filter(|it| it.name().contains("conv")).count();
        let (_, gradients, _) = combine(frozen, &work.shards, &parts).unwrap();
        assert!(convolutions > 0);
        assert_eq!(gradients.len(), trained - convolutions);
    }

    #[test]
    fn a_list_of_another_network_is_refused() {
        let network = network();
        assert!(network.with_state(&[0.0; 3]).is_err());
        let shards = cut(&batch(4), 2, CLASSES);
        let part = Gradient { loss: 0.0, values: vec![0.0; 3] };
        assert!(combine(network, &shards, &[part]).is_err());
    }
}
