//! The losses of a run's batches, on their way back from the device.

use super::device;
use super::error::TrainError;
use super::evaluate::read_f32;
use super::smooth::SmoothLoss;
use crate::progress::StepPoint;
use burn::tensor::{Tensor, Transaction};

/// Losses left on a GPU before they are read together: a readback stalls the
/// queue, and this many batches bound how late a pause takes effect.
const TOGETHER: usize = 4;

/// What has been read, and what is still on the device.
pub(super) struct Losses {
    on_cpu: bool,
    /// Of the losses that were read.
    pub(super) smooth: SmoothLoss,
    /// Oldest first.
    on_device: Vec<(StepPoint, Tensor<1>)>,
    read: Vec<StepPoint>,
}

impl Losses {
    /// None yet.
    pub(super) fn new(on_cpu: bool) -> Self {
        Self { on_cpu, smooth: SmoothLoss::default(), on_device: Vec::new(), read: Vec::new() }
    }

    /// Adds the loss of a batch, `[1]`; those of `point` are filled in when it is read.
    pub(super) fn add(&mut self, point: StepPoint, loss: Tensor<1>) {
        self.on_device.push((point, loss));
    }

    /// Reads what may be read without stalling the device: on the CPU all, on a GPU a few
    /// together and never the newest, so that the queue does not run dry.
    ///
    /// # Errors
    /// [`TrainError::DeviceLost`], and [`TrainError::NonFinite`] for the first loss that is
    /// no number.
    pub(super) async fn read_ready(&mut self) -> Result<(), TrainError> {
        match self.on_device.len() {
            count if self.on_cpu => self.read(count).await,
            count if count > TOGETHER => self.read(count - 1).await,
            _ => Ok(()),
        }
    }

    /// Reads all that there are.
    ///
    /// # Errors
    /// As [`Self::read_ready`].
    pub(super) async fn read_all(&mut self) -> Result<(), TrainError> {
        self.read(self.on_device.len()).await
    }

    async fn read(&mut self, count: usize) -> Result<(), TrainError> {
        if count == 0 {
            return Ok(());
        }
        let (points, losses): (Vec<_>, Vec<_>) = self.on_device.drain(..count).unzip();
        let transaction = losses.into_iter().fold(Transaction::default(), Transaction::register);
        let values =
            transaction.execute_async().await.map_err(|error| device::read_error(&error))?;
        for (mut point, value) in points.into_iter().zip(values) {
            let value = read_f32(Ok::<_, String>(value))?;
            point.loss = value.first().copied().map_or(f64::NAN, f64::from);
            if !point.loss.is_finite() {
                return Err(TrainError::NonFinite { step: point.step });
            }
            point.smooth_loss = self.smooth.add(point.loss);
            self.read.push(point);
        }
        Ok(())
    }

    /// The points that were read since the last call.
    pub(super) fn take(&mut self) -> Vec<StepPoint> {
        std::mem::take(&mut self.read)
    }
}
