//! The state of a run after an epoch, as bytes: enough to go on exactly where it
//! was. Independent of burn and of browsers.
//!
//! Layout: the magic `IMPC`, a format version (u32), the length of a JSON header
//! (u32), the header, then the tensors' f32 values in the header's order, and last
//! the packed predictions of the epochs that ended (none in format 1, which is
//! still read). All numbers are little-endian.

use super::error::TrainError;
use crate::model::NamedTensor;
use crate::record::{EpochPredictions, EpochRow};
use crate::runs::pack::{pack_epochs, unpack_epochs};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 4] = b"IMPC";
const FORMAT: u32 = 2;

/// A run between two epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What the run has come to.
    pub state: RunState,
    /// Weights, running statistics and, named `adam.…`, the optimizer's moments.
    pub tensors: Vec<NamedTensor>,
    /// What the run said of the validation images after each epoch that ended.
    pub epochs: Vec<EpochPredictions>,
}

/// The part of a run's state that is not tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// The canonical link of the experiment.
    pub link: String,
    /// Hash of the data set.
    pub dataset: String,
    /// The epochs that ended.
    #[serde(with = "exact_rows")]
    pub epochs: Vec<EpochRow>,
    /// The debiased average of the training loss: its sum and its count.
    #[serde(with = "exact_smooth")]
    pub smooth: (f64, u32),
    /// Seconds so far, paused time excluded.
    pub elapsed: f64,
    /// Of these, seconds spent in training batches.
    pub training: f64,
    /// Training images seen in that time.
    pub images: f64,
}

/// Rows with their floats as bits: reading decimals back is off by a last bit now
/// and then, and a resumed run shall equal an uninterrupted one.
mod exact_rows {
    use super::EpochRow;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Bits = ([u32; 3], [u64; 5]);

    pub(super) fn serialize<S: Serializer>(rows: &[EpochRow], to: S) -> Result<S::Ok, S::Error> {
        let bits = |row: &EpochRow| -> Bits {
            let floats = [row.train_loss, row.valid_loss, row.nll, row.accuracy, row.seconds];
            ([row.epoch, row.phase, row.size], floats.map(f64::to_bits))
        };
        rows.iter().map(bits).collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<EpochRow>, D::Error> {
        let rows = Vec::<Bits>::deserialize(from)?;
        let row = |([epoch, phase, size], bits): Bits| {
            let [train_loss, valid_loss, nll, accuracy, seconds] = bits.map(f64::from_bits);
            EpochRow { epoch, phase, size, train_loss, valid_loss, nll, accuracy, seconds }
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

/// The average of the training loss, its float as bits.
mod exact_smooth {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        (sum, count): &(f64, u32),
        to: S,
    ) -> Result<S::Ok, S::Error> {
        (sum.to_bits(), count).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<(f64, u32), D::Error> {
        let (sum, count) = <(u64, u32)>::deserialize(from)?;
        Ok((f64::from_bits(sum), count))
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    state: RunState,
    tensors: Vec<(String, Vec<usize>)>,
}

impl Checkpoint {
    /// The bytes of this checkpoint.
    pub fn to_bytes(&self) -> Vec<u8> {
        let header = Header {
            state: self.state.clone(),
            tensors: self.tensors.iter().map(|it| (it.name.clone(), it.shape.clone())).collect(),
        };
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let values: usize = self.tensors.iter().map(|tensor| tensor.data.len()).sum();
        let mut bytes = Vec::with_capacity(12 + header.len() + 4 * values);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&(header.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&header);
        for value in self.tensors.iter().flat_map(|tensor| &tensor.data) {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        // The epochs of one run hold equally many images, so this does not fail;
        // if it did, the run could still go on without them.
        bytes.extend(pack_epochs(&self.epochs).or_else(|_| pack_epochs(&[])).unwrap_or_default());
        bytes
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    ///
    /// [`TrainError::Checkpoint`] if the bytes are none, of another version, or cut.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TrainError> {
        let damaged = || TrainError::Checkpoint("the checkpoint is damaged".into());
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| TrainError::Checkpoint("these bytes are not a checkpoint".into()))?;
        let (version, rest) = split_u32(rest).ok_or_else(damaged)?;
        if version == 0 || version > FORMAT {
            return Err(TrainError::Checkpoint(format!(
                "the checkpoint has format {version}, this program reads up to {FORMAT}"
            )));
        }
        let (length, rest) = split_u32(rest).ok_or_else(damaged)?;
        let (header, mut rest) = rest.split_at_checked(length as usize).ok_or_else(damaged)?;
        let header: Header = serde_json::from_slice(header).map_err(|_| damaged())?;
        let mut tensors = Vec::with_capacity(header.tensors.len());
        for (name, shape) in header.tensors {
            let values = shape
                .iter()
                .try_fold(1usize, |product, &side| product.checked_mul(side))
                .and_then(|count| count.checked_mul(4));
            let (data, after) =
                values.and_then(|count| rest.split_at_checked(count)).ok_or_else(damaged)?;
            rest = after;
            let data = data
                .chunks_exact(4)
                .map(|value| f32::from_le_bytes([value[0], value[1], value[2], value[3]]))
                .collect();
            tensors.push(NamedTensor { name, shape, data });
        }
        let epochs = match version {
            1 if rest.is_empty() => Vec::new(),
            1 => return Err(damaged()),
            _ => unpack_epochs(rest).map_err(|_| damaged())?,
        };
        Ok(Self { state: header.state, tensors, epochs })
    }
}

/// True if the bytes are a checkpoint, sound or not.
pub fn is_checkpoint(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// True if a newer version of this program wrote the bytes.
pub fn is_newer(bytes: &[u8]) -> bool {
    let version = bytes.strip_prefix(MAGIC).and_then(split_u32);
    version.is_some_and(|(version, _)| version > FORMAT)
}

fn split_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (value, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*value), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            state: RunState {
                link: "v=1".into(),
                dataset: "abc".into(),
                epochs: Vec::new(),
                smooth: (1.25, 3),
                elapsed: 2.5,
                training: 2.0,
                images: 192.0,
            },
            tensors: vec![
                NamedTensor { name: "a".into(), shape: vec![2, 1], data: vec![1.5, -0.0] },
                NamedTensor { name: "b".into(), shape: vec![], data: vec![f32::MIN_POSITIVE] },
            ],
            epochs: vec![EpochPredictions { predicted: vec![3], log_probability: vec![-0.5] }],
        }
    }

    #[test]
    fn bytes_bring_the_same_checkpoint_back() {
        let checkpoint = checkpoint();
        assert_eq!(Checkpoint::from_bytes(&checkpoint.to_bytes()).ok(), Some(checkpoint));
    }

    #[test]
    fn a_checkpoint_of_format_1_is_read_without_its_epochs() {
        let mut first = Checkpoint { epochs: Vec::new(), ..checkpoint() };
        let none = pack_epochs(&[]).unwrap().len();
        let mut bytes = first.to_bytes();
        bytes.truncate(bytes.len() - none);
        bytes[4] = 1;
        assert_eq!(Checkpoint::from_bytes(&bytes).ok(), Some(first.clone()));
        first.epochs = checkpoint().epochs;
        let mut longer = first.to_bytes();
        longer[4] = 1;
        assert!(Checkpoint::from_bytes(&longer).is_err());
    }

    #[test]
    fn cut_foreign_and_newer_bytes_are_refused() {
        let bytes = checkpoint().to_bytes();
        for length in 0..bytes.len() {
            assert!(Checkpoint::from_bytes(&bytes[..length]).is_err(), "cut at {length}");
        }
        let mut newer = bytes;
        newer[4] = 9;
        let error = Checkpoint::from_bytes(&newer).map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("format 9")));
    }
}
