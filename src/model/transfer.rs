//! Weights as named host tensors: what checkpoints and saved models hold.
//!
//! Everything is read with one asynchronous transaction, because a synchronous
//! read panics in a browser and one read per tensor is a round trip each.

use super::{NamedTensor, Network, layout};
use crate::experiment::ModelKind;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData, Transaction};
use std::collections::{BTreeMap, HashMap};
use thiserror::Error;

/// The engine could not return tensors: usually because the GPU was lost.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("could not read {count} tensors from the engine ({reason}); restart the engine")]
pub struct ReadError {
    /// The number of tensors that were requested.
    pub count: usize,
    /// The engine's error.
    pub reason: String,
}

/// Named tensors do not fit their network (or optimizer).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// The network has a tensor that was not given.
    #[error("the saved tensors lack `{0}`; they belong to another network")]
    Missing(String),
    /// A tensor was given that the network does not have.
    #[error("the saved tensor `{0}` is not part of this network")]
    Unknown(String),
    /// A name was given twice.
    #[error("the saved tensor `{0}` occurs twice")]
    Duplicate(String),
    /// A tensor has other extents than the network's.
    #[error("the saved tensor `{name}` has shape {found:?}, this network needs {expected:?}")]
    Shape {
        /// The tensor's name.
        name: String,
        /// The network's extents.
        expected: Vec<usize>,
        /// The given extents.
        found: Vec<usize>,
    },
    /// The number of a tensor's values is not the product of its extents.
    #[error("the saved tensor `{name}` has {found} values instead of {expected}")]
    Length {
        /// The tensor's name.
        name: String,
        /// The product of its extents.
        expected: usize,
        /// The number of values.
        found: usize,
    },
}

impl Network {
    /// All weights and the running statistics of batch norm, in the network's order.
    ///
    /// # Errors
    /// [`ReadError`] if the engine fails.
    pub async fn export_async(&self) -> Result<Vec<NamedTensor>, ReadError> {
        // The validation copy has the running statistics of the last batch too.
        read(entries(&self.valid())).await
    }

    /// This network with the given values, on its own device. Every tensor of
    /// the network must be given, and no other.
    ///
    /// # Errors
    /// [`ImportError`] for the first tensor that does not fit.
    pub fn import(self, tensors: &[NamedTensor]) -> Result<Self, ImportError> {
        self.import_where(tensors, |_| true)
    }

    /// Imports the tensors whose names `wanted` accepts.
    fn import_where(
        self,
        tensors: &[NamedTensor],
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, ImportError> {
        // Running statistics that wait for their synchronization would come back
        // over the imported ones; the validation copy has none that wait.
        let fresh = self.valid();
        let mut given = TensorIndex::new(tensors.iter().filter(|tensor| wanted(&tensor.name)))?;
        let values = entries(&fresh)
            .into_iter()
            .filter(|entry| wanted(&entry.name))
            .map(|entry| given.take(&entry.name, &entry.shape).map(|tensor| (entry.id, tensor)))
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        given.finish()?;
        let trainable = self.devices().iter().any(Device::is_autodiff);
        let imported = fresh.map(&mut Importer { values });
        Ok(if trainable { imported.train() } else { imported })
    }
}

/// The prefix of the names of the head's tensors.
const HEAD: &str = "head.";

impl Network {
    /// As [`Self::import`], except for the head, which stays as it is, because the given
    /// one is for other classes.
    ///
    /// # Errors
    /// [`ImportError`] for the first tensor of the body that does not fit.
    pub fn import_body(self, tensors: &[NamedTensor]) -> Result<Self, ImportError> {
        self.import_where(tensors, |name| !name.starts_with(HEAD))
    }

    /// The factor of each parameter's learning rate, from the
    /// factors of the stem, the body and the head of a network of this `kind`.
    pub fn rates(&self, kind: ModelKind, [stem, body, head]: [f64; 3]) -> HashMap<ParamId, f64> {
        let first = layout::stem(kind);
        let rate = |name: &str| {
            let stage = name.strip_prefix("stages.").and_then(|rest| rest.split('.').next());
            match stage.and_then(|stage| stage.parse::<usize>().ok()) {
                Some(stage) if stage < first => stem,
                Some(_) => body,
                None => head,
            }
        };
        entries(&self.valid()).iter().map(|entry| (entry.id, rate(&entry.name))).collect()
    }
}

/// One tensor of a network (or of an optimizer), flattened.
pub(crate) struct TensorEntry {
    /// The parameter it belongs to.
    pub(crate) id: ParamId,
    /// Its name.
    pub(crate) name: String,
    /// Its extents.
    pub(crate) shape: Vec<usize>,
    /// Its values.
    pub(crate) flat: Tensor<1>,
}

/// The weights and running statistics of a network, in its order.
pub(crate) fn entries(network: &Network) -> Vec<TensorEntry> {
    let mut collector = Collector::default();
    network.visit(&mut collector);
    collector.entries
}

/// Reads tensors in one transaction, in order.
pub(crate) async fn read(entries: Vec<TensorEntry>) -> Result<Vec<NamedTensor>, ReadError> {
    let count = entries.len();
    let failed = |reason: String| ReadError { count, reason };
    let mut transaction = Transaction::default();
    let mut labels = Vec::with_capacity(count);
    for entry in entries {
        transaction = transaction.register(entry.flat);
        labels.push((entry.name, entry.shape));
    }
    let values = transaction.execute_async().await.map_err(|e| failed(e.to_string()))?;
    labels
        .into_iter()
        .zip(values)
        .map(|((name, shape), value)| {
            let data = value.try_into_vec_as::<f32>().map_err(|e| failed(e.to_string()))?;
            Ok(NamedTensor { name, shape, data })
        })
        .collect()
}

/// Given tensors, which are taken by name until none is left.
pub(crate) struct TensorIndex<'a> {
    left: BTreeMap<&'a str, &'a NamedTensor>,
}

impl<'a> TensorIndex<'a> {
    pub(crate) fn new(
        tensors: impl IntoIterator<Item = &'a NamedTensor>,
    ) -> Result<Self, ImportError> {
        let mut left = BTreeMap::new();
        for tensor in tensors {
            if left.insert(tensor.name.as_str(), tensor).is_some() {
                return Err(ImportError::Duplicate(tensor.name.clone()));
            }
        }
        Ok(Self { left })
    }

    /// The tensor `name`, if it has the extents `shape`.
    pub(crate) fn take(
        &mut self,
        name: &str,
        shape: &[usize],
    ) -> Result<&'a NamedTensor, ImportError> {
        let tensor = self.left.remove(name).ok_or_else(|| ImportError::Missing(name.to_owned()))?;
        if tensor.shape != shape {
            return Err(ImportError::Shape {
                name: name.to_owned(),
                expected: shape.to_vec(),
                found: tensor.shape.clone(),
            });
        }
        let expected = shape.iter().product();
        if tensor.data.len() != expected {
            let (name, found) = (name.to_owned(), tensor.data.len());
            return Err(ImportError::Length { name, expected, found });
        }
        Ok(tensor)
    }

    /// True if a tensor of that name has not been taken.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// Fails if a tensor has not been taken.
    pub(crate) fn finish(self) -> Result<(), ImportError> {
        match self.left.keys().next() {
            Some(name) => Err(ImportError::Unknown((*name).to_owned())),
            None => Ok(()),
        }
    }
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    entries: Vec<TensorEntry>,
}

/// burn reports the variant of an enum as a level of its own; a name goes without.
fn is_level(container: &str) -> bool {
    !container.starts_with("Enum:")
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, container: &str) {
        if is_level(container) {
            self.path.push(name.to_owned());
        }
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        if is_level(container) {
            self.path.pop();
        }
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims();
        let flat = tensor.reshape([shape.iter().product::<usize>()]);
        let name = self.path.join(".");
        self.entries.push(TensorEntry { id: param.id, name, shape: shape.to_vec(), flat });
    }
}

struct Importer<'a> {
    values: BTreeMap<ParamId, &'a NamedTensor>,
}

impl ModuleMapper for Importer<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.values.get(&param.id) {
            Some(given) => param.map(|old| {
                let data = TensorData::new(given.data.clone(), old.shape());
                Tensor::from_data(data, &old.device())
            }),
            None => param,
        }
    }
}
