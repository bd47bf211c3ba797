//! The shards of a batch on all cores: for the CPU engine, of which each core has one.

use super::helper::{self, Helper, HelperMessage, Word};
use crate::experiment::ModelKind;
use crate::train::error::TrainError;
use crate::train::shards::{Gradient, Replica, Shard, ShardWork};
use burn::tensor::Device;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::{FutureExt as _, StreamExt as _};
use js_sys::{Array, Float32Array};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What helpers for this are called.
pub(super) const NAME: &str = "shards helper";

/// A shard to compute; pixels and targets are attached, and the network's state where it
/// has changed.
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

/// What it contributes; the values are attached.
#[derive(Serialize, Deserialize)]
struct ShardAnswer {
    index: usize,
    loss: f32,
}

/// Serves as a helper.
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
        let mine = match replica.take().filter(fits) {
            Some(mine) => mine,
            None => Replica::new(kind, classes, &Device::flex()),
        };
        let mine = replica.insert(mine);
        let shard = Shard { size, len, share, pixels: values(0), targets: values(1) };
        let gradient = at_once(mine, &state, frozen, &shard).map_err(|it| it.to_string())?;
        let buffers = Array::of1(&Float32Array::from(gradient.values.as_slice()).buffer());
        Ok((ShardAnswer { index, loss: gradient.loss }, buffers))
    });
}

/// The CPU engine has its values at once, so there is nothing to wait for.
fn at_once(
    replica: &Replica,
    state: &[f32],
    frozen: bool,
    shard: &Shard,
) -> Result<Gradient, TrainError> {
    let gradient = replica.gradient(state, frozen, shard).now_or_never();
    gradient.unwrap_or_else(|| Err(TrainError::DeviceLost("the CPU engine did not answer".into())))
}

/// This thread and its helpers. Dropping it ends them.
pub(super) struct Crew {
    /// Each with whether it takes work yet.
    helpers: Vec<Option<(Helper, bool)>>,
    words: UnboundedReceiver<Word<ShardAnswer>>,
}

impl Crew {
    /// With a helper for every core but this one's, as far as there are shards for them.
    pub(super) fn start(shards: usize) -> Self {
        let (sender, words) = unbounded();
        let helpers = helper::threads().min(shards).saturating_sub(1);
        Self {
            helpers: (0..helpers)
                .map(|number| Some((Helper::start(NAME, number, &sender)?, false)))
                .collect(),
            words,
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
        while let Ok((number, said)) = self.words.try_recv() {
            self.note(number, &said);
        }
        let mut mine = Vec::new();
        let mut theirs = BTreeMap::new();
        for (index, shard) in work.shards.iter().enumerate() {
            // This thread takes the last of each round, after the others have theirs.
            let number = index % (self.helpers.len() + 1);
            match self.helpers.get(number).and_then(Option::as_ref) {
                Some((helper, true))
                    if give(helper, work, index, theirs.values().all(|n| *n != number)) =>
                {
                    theirs.insert(index, number);
                }
                _ => mine.push((index, shard)),
            }
        }
        let mut found: BTreeMap<usize, Gradient> = BTreeMap::new();
        for (index, shard) in mine {
            found.insert(index, here(work, shard)?);
        }
        while !theirs.is_empty() {
            let Some((number, said)) = self.words.next().await else {
                break;
            };
            self.note(number, &said);
            match said {
                HelperMessage::Up => {}
                HelperMessage::Answer(ShardAnswer { index, loss }, attached) => {
                    if theirs.remove(&index).is_some() {
                        let values = Float32Array::new(&attached.get(0)).to_vec();
                        found.insert(index, Gradient { loss, values });
                    }
                }
                HelperMessage::Broke => {
                    // What it had is done here.
                    let lost: Vec<usize> =
                        theirs.extract_if(.., |_, it| *it == number).map(|it| it.0).collect();
                    for index in lost {
                        found.insert(index, here(work, &work.shards[index])?);
                    }
                }
            }
        }
        Ok(found.into_values().collect())
    }

    fn note(&mut self, number: usize, said: &HelperMessage<ShardAnswer>) {
        let Some(place) = self.helpers.get_mut(number) else {
            return;
        };
        match (said, &mut *place) {
            (HelperMessage::Up, Some((_, up))) => *up = true,
            (HelperMessage::Broke, _) => *place = None,
            _ => {}
        }
    }
}

/// Computes a shard on this thread.
fn here(work: &ShardWork<'_>, shard: &Shard) -> Result<Gradient, TrainError> {
    at_once(work.replica, &work.state, work.frozen, shard)
}

/// Gives a shard to a helper, with the state if it is its `first` of this batch. False if
/// the browser refuses.
fn give(helper: &Helper, work: &ShardWork<'_>, index: usize, first: bool) -> bool {
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
