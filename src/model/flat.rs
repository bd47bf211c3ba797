//! A network as one list of values: its weights and running statistics in its order, or
//! the weights' gradients in their place. What the shards of a batch exchange.

use super::transfer::{TensorEntry, entries, read};
use super::{ImportError, NamedTensor, Network, ReadError};
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};
use std::collections::HashMap;
use std::ops::Range;

/// One tensor's place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    id: ParamId,
    name: String,
    shape: Vec<usize>,
    /// A running statistic of batch norm, which has no gradient.
    pub is_statistic: bool,
}

impl Slot {
    /// The tensor's name, as [`NamedTensor::name`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of its values.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A list that is still on the device.
pub struct FlatState(Vec<TensorEntry>);

impl FlatState {
    /// Weights and running statistics.
    pub fn of(network: &Network) -> Self {
        // The validation copy has the running statistics of the last batch too.
        Self(entries(&network.valid()))
    }

    /// The list.
    ///
    /// # Errors
    /// [`ReadError`] if the engine fails.
    pub async fn read(self) -> Result<Vec<f32>, ReadError> {
        let tensors = read(self.0).await?;
        Ok(tensors.into_iter().flat_map(|tensor| tensor.data).collect())
    }
}

impl Network {
    /// The places of the list.
    pub fn slots(&self) -> Vec<Slot> {
        let slot = |TensorEntry { id, name, shape, .. }| {
            let is_statistic = name.ends_with(".running_mean") || name.ends_with(".running_var");
            Slot { id, name, shape, is_statistic }
        };
        entries(&self.valid()).into_iter().map(slot).collect()
    }

    /// A copy of this network with the weights and running statistics of a list. The two share
    /// no state.
    ///
    /// # Errors
    /// [`ImportError`] if the list is of another network.
    pub fn with_state(&self, values: &[f32]) -> Result<Self, ImportError> {
        let slots = self.slots();
        let places = places(&slots, values)?;
        let tensors: Vec<NamedTensor> = slots
            .into_iter()
            .zip(places)
            .map(|(Slot { name, shape, .. }, at)| {
                let data = values[at].to_vec();
                NamedTensor { name, shape, data }
            })
            .collect();
        self.clone().import(&tensors)
    }

    /// The gradients of the weights, zeros for weights without one, and this network's running
    /// statistics.
    pub fn state_with(&self, gradients: &GradientsParams) -> FlatState {
        let mut entries = entries(&self.valid());
        for (slot, entry) in self.slots().iter().zip(&mut entries) {
            if !slot.is_statistic {
                let found = match slot.shape.len() {
                    1 => gradients.get::<1>(slot.id),
                    2 => gradients.get::<2>(slot.id).map(|it| it.reshape([slot.count()])),
                    _ => gradients.get::<4>(slot.id).map(|it| it.reshape([slot.count()])),
                };
                entry.flat = found.unwrap_or_else(|| entry.flat.zeros_like());
            }
        }
        FlatState(entries)
    }

    /// Splits a list into the gradients of all weights that are trained, and this network
    /// with the list's running statistics.
    ///
    /// # Errors
    /// [`ImportError`] if the list is of another network.
    pub fn take_gradients(self, values: &[f32]) -> Result<(GradientsParams, Self), ImportError> {
        let slots = self.slots();
        let places = places(&slots, values)?;
        let places = slots.iter().zip(places).map(|(slot, at)| (slot.id, (slot.is_statistic, at)));
        let mut taker =
            Taker { values, places: places.collect(), gradients: GradientsParams::new() };
        let network = self.map(&mut taker);
        Ok((taker.gradients, network))
    }
}

/// Where in a list the values of each slot are.
fn places(slots: &[Slot], values: &[f32]) -> Result<Vec<Range<usize>>, ImportError> {
    let mut end = 0;
    let places: Vec<Range<usize>> = slots
        .iter()
        .map(|slot| {
            let start = end;
            end += slot.count();
            start..end
        })
        .collect();
    if end == values.len() {
        return Ok(places);
    }
    Err(ImportError::Length { name: "state".into(), expected: end, found: values.len() })
}

struct Taker<'a> {
    values: &'a [f32],
    places: HashMap<ParamId, (bool, Range<usize>)>,
    gradients: GradientsParams,
}

impl ModuleMapper for Taker<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some((is_statistic, at)) = self.places.remove(&param.id) else { return param };
        let values = self.values[at].to_vec();
        if is_statistic {
            return param.map(|old| {
                let data = TensorData::new(values, old.shape());
                Tensor::from_data(data, &old.device())
            });
        }
        if param.is_require_grad() {
            let data = TensorData::new(values, param.shape());
            let gradient = Tensor::<D>::from_data(data, &param.device().inner());
            self.gradients.register(param.id, gradient);
        }
        param
    }
}
