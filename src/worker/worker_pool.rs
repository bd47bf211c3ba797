//! Computes the shards of a batch on all cores: for the CPU engine, which runs on one core at
//! a time.

use super::helper::{self, Helper, HelperMessage, NumberedMessage};
use crate::experiment::ModelKind;
use crate::train::error::TrainError;
use crate::train::shards::{Gradient, Replica, Shard, ShardWork};
use burn::tensor::Device;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::{FutureExt as _, StreamExt as _};
use js_sys::{Array, Float32Array};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of helper workers that compute shards.
pub(super) const NAME: &str = "shards helper";

/// A shard to compute. Pixels and targets are attached, and the network's state if it has
/// changed.
#[derive(Serialize, Deserialize)]
struct Task {
    index: usize,
    kind: ModelKind,
    classes: usize,
    frozen: bool,
    size: u32,
    len: usize,
    share: f32,
}

/// The gradient of a shard. Its values are attached.
#[derive(Serialize, Deserialize)]
struct ShardAnswer {
    index: usize,
    loss: f32,
}

/// Runs this thread as a helper.
pub(super) fn serve() {
    let mut replica: Option<Replica> = None;
    let mut state = Vec::new();
    helper::serve(move |task: Task, attached: Array| {
        let values = |index| Float32Array::new(&attached.get(index)).to_vec();
        if attached.length() > 2 {
            state = values(2);
        }
        let Task { index, kind, classes, frozen, size, len, share } = task;
        let fits = |it: &Replica| (it.kind, it.classes) == (kind, classes);
        let usable = match replica.take().filter(fits) {
            Some(usable) => usable,
            None => Replica::new(kind, classes, &Device::flex()),
        };
        let usable = replica.insert(usable);
        let shard = Shard { size, len, share, pixels: values(0), targets: values(1) };
        let gradient = compute(usable, &state, frozen, &shard).map_err(|it| it.to_string())?;
        let buffers = Array::of1(&Float32Array::from(gradient.values.as_slice()).buffer());
        Ok((ShardAnswer { index, loss: gradient.loss }, buffers))
    });
}

/// Computes a gradient without waiting: the CPU engine has its values at once.
fn compute(
    replica: &Replica,
    state: &[f32],
    frozen: bool,
    shard: &Shard,
) -> Result<Gradient, TrainError> {
    let gradient = replica.gradient(state, frozen, shard).now_or_never();
    gradient.unwrap_or_else(|| Err(TrainError::DeviceLost("the CPU engine did not answer".into())))
}

/// This thread and its helpers. Dropping it stops the helpers.
pub(super) struct WorkerPool {
    /// Each with whether it is ready; `None` if it broke.
    helpers: Vec<Option<(Helper, bool)>>,
    messages: UnboundedReceiver<NumberedMessage<ShardAnswer>>,
}

impl WorkerPool {
    /// Starts a helper for every core but this thread's, and no more than there are shards.
    pub(super) fn start(shards: usize) -> Self {
        let (sender, messages) = unbounded();
        let helpers = helper::threads().min(shards).saturating_sub(1);
        Self {
            helpers: (0..helpers)
                .map(|number| Some((Helper::start(NAME, number, &sender)?, false)))
                .collect(),
            messages,
        }
    }

    /// Computes the shards of a batch, in their order.
    ///
    /// # Errors
    /// As [`Replica::gradient`].
    pub(super) async fn gradients(
        &mut self,
        work: &ShardWork<'_>,
    ) -> Result<Vec<Gradient>, TrainError> {
        while let Ok((number, message)) = self.messages.try_recv() {
            self.record(number, &message);
        }
        let mut local = Vec::new();
        let mut remote = BTreeMap::new();
        for (index, shard) in work.shards.iter().enumerate() {
            // This thread takes the last of each round, after the others have theirs.
            let number = index % (self.helpers.len() + 1);
            match self.helpers.get(number).and_then(Option::as_ref) {
                Some((helper, true))
                    if send(helper, work, index, remote.values().all(|n| *n != number)) =>
                {
                    remote.insert(index, number);
                }
                _ => local.push((index, shard)),
            }
        }
        let mut found: BTreeMap<usize, Gradient> = BTreeMap::new();
        for (index, shard) in local {
            found.insert(index, compute_here(work, shard)?);
        }
        while !remote.is_empty() {
            let Some((number, message)) = self.messages.next().await else {
                break;
            };
            self.record(number, &message);
            match message {
                HelperMessage::Up => {}
                HelperMessage::Answer(ShardAnswer { index, loss }, attached) => {
                    if remote.remove(&index).is_some() {
                        let values = Float32Array::new(&attached.get(0)).to_vec();
                        found.insert(index, Gradient { loss, values });
                    }
                }
                HelperMessage::Broke => {
                    // This thread computes the shards that it had.
                    let lost: Vec<usize> =
                        remote.extract_if(.., |_, it| *it == number).map(|it| it.0).collect();
                    for index in lost {
                        found.insert(index, compute_here(work, &work.shards[index])?);
                    }
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// Notes which helpers are ready and which broke.
    fn record(&mut self, number: usize, message: &HelperMessage<ShardAnswer>) {
        let Some(place) = self.helpers.get_mut(number) else {
            return;
        };
        match (message, &mut *place) {
            (HelperMessage::Up, Some((_, up))) => *up = true,
            (HelperMessage::Broke, _) => *place = None,
            _ => {}
        }
    }
}

/// Computes a shard on this thread.
fn compute_here(work: &ShardWork<'_>, shard: &Shard) -> Result<Gradient, TrainError> {
    compute(work.replica, &work.state, work.frozen, shard)
}

/// Sends a shard to a helper, with the state if it is its `first` of this batch. False if the
/// browser refuses.
fn send(helper: &Helper, work: &ShardWork<'_>, index: usize, first: bool) -> bool {
    let Some(shard) = work.shards.get(index) else {
        return false;
    };
    let buffer = |values: &[f32]| Float32Array::from(values).buffer();
    let attached = Array::of2(&buffer(&shard.pixels), &buffer(&shard.targets));
    if first {
        attached.push(&buffer(&work.state));
    }
    let task = Task {
        index,
        kind: work.replica.kind,
        classes: work.replica.classes,
        frozen: work.frozen,
        size: shard.size,
        len: shard.len,
        share: shard.share,
    };
    helper.give(&task, &attached).is_ok()
}
