//! A run's ghost batches: cut, computed by the host, and put together again.

use super::error::TrainError;
use super::host::Host;
use super::shards::{self, Gradient, Replica, ShardWork};
use crate::augment::batch::Batch;
use crate::experiment::ModelKind;
use crate::model::Network;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

/// Computes the batches of one run in ghost batches.
#[derive(Debug)]
pub(super) struct Ghosts {
    /// Images of a ghost batch.
    size: usize,
    replica: Replica,
    /// Whether the host may share the shards of a batch between cores.
    on_cpu: bool,
}

impl Ghosts {
    /// Batches in shards of `size` images, for a network of `kind` on `device`.
    pub(super) fn new(
        size: usize,
        kind: ModelKind,
        classes: usize,
        device: &Device,
        on_cpu: bool,
    ) -> Self {
        let replica = Replica::new(kind, classes, device);
        Self { size, replica, on_cpu }
    }

    /// Loss and gradients of a batch, and the network with the running statistics that
    /// its shards leave. The host may share the shards between cores.
    pub(super) async fn step<H: Host>(
        &self,
        network: Network,
        batch: &Batch,
        frozen: bool,
        host: &mut H,
    ) -> Result<(Tensor<1>, GradientsParams, Network), TrainError> {
        let work = self.work(&network, batch, frozen).await?;
        let parts = if self.on_cpu {
            host.gradients(&work).await?
        } else {
            shards::one_after_another(&work).await?
        };
        self.combine(network, &work, &parts)
    }

    /// As [`Ghosts::step`], without a host: the same to the last digit.
    pub(super) async fn step_locally(
        &self,
        network: Network,
        batch: &Batch,
        frozen: bool,
    ) -> Result<(Tensor<1>, GradientsParams, Network), TrainError> {
        let work = self.work(&network, batch, frozen).await?;
        let parts = shards::one_after_another(&work).await?;
        self.combine(network, &work, &parts)
    }

    async fn work(
        &self,
        network: &Network,
        batch: &Batch,
        frozen: bool,
    ) -> Result<ShardWork<'_>, TrainError> {
        Ok(ShardWork {
            replica: &self.replica,
            frozen,
            state: shards::state(network).await?,
            shards: shards::cut(batch, self.size, self.replica.classes),
        })
    }

    fn combine(
        &self,
        network: Network,
        work: &ShardWork<'_>,
        parts: &[Gradient],
    ) -> Result<(Tensor<1>, GradientsParams, Network), TrainError> {
        let (loss, gradients, network) = shards::combine(network, &work.shards, parts)?;
        Ok((Tensor::from_data([loss], &self.replica.device), gradients, network))
    }
}
