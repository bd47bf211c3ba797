//! The state of a run between two batches, as bytes: enough to resume it exactly. Independent of burn and of browsers.
//!
//! Layout: the magic `IMPC`, a format version (u32), the first 8 bytes of the SHA-256 of
//! all that follows, the length of a JSON header (u32), the header, then f32 values in
//! the header's order, and last the packed predictions of the epochs that ended. All
//! numbers are little-endian. Formats before 3 are refused, and so is format 3 of a run on the CPU
//! engine: this program computes differently from those that wrote them, so that no such run could
//! resume exactly.

use super::error::TrainError;
use crate::bytes::ByteReader;
use crate::engine::EngineKind;
use crate::model::NamedTensor;
use crate::record::{EpochPredictions, EpochRow};
use crate::runs::pack::{pack_epochs, unpack_epochs};
use crate::text;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8; 4] = b"IMPC";
const FORMAT: u32 = 4;
/// The same layout, from before the CPU engine computed with larger tiles.
const BEFORE_TILES: u32 = 3;
/// Bytes of the checksum.
const SUM: usize = 8;

/// A run between two batches: of an epoch, of its validation, or of the test-time
/// augmentation after the last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// What the run has come to.
    pub state: RunState,
    /// Weights, running statistics and, named `adam.…`, the optimizer's moments.
    pub tensors: Vec<NamedTensor>,
    /// Weights and running statistics after the last epoch that ended, where those of
    /// `tensors` are of a later batch.
    pub ended: Vec<NamedTensor>,
    /// Log-probabilities of the last validation, `[images][classes]`.
    pub predictions: Vec<f32>,
    /// Of the pass over the validation images under way, as far as it is.
    pub pass: Vec<f32>,
    /// Of the augmented passes that ended.
    pub augmented: Vec<Vec<f32>>,
    /// The predictions for the validation images after each finished epoch.
    pub epochs: Vec<EpochPredictions>,
}

/// The part of a run's state that is not tensors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// The canonical link of the experiment.
    pub link: String,
    /// Hash of the data set.
    pub dataset: String,
    /// A run never changes its engine.
    pub engine: EngineKind,
    /// The epochs that ended.
    #[serde(with = "exact_rows")]
    pub epochs: Vec<EpochRow>,
    /// Batches trained of the epoch after those; all of them while it is validated.
    pub batch: u32,
    /// Seconds spent on that epoch, or on test-time augmentation.
    pub spent: f64,
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

/// Name and shape of each tensor.
type Shapes = Vec<(String, Vec<usize>)>;

#[derive(Serialize, Deserialize)]
struct CheckpointHeader {
    state: RunState,
    tensors: Shapes,
    ended: Shapes,
    /// Lengths of the predictions, of the pass under way, and of those that ended.
    passes: Vec<usize>,
}

fn shapes(tensors: &[NamedTensor]) -> Shapes {
    tensors.iter().map(|it| (it.name.clone(), it.shape.clone())).collect()
}

impl Checkpoint {
    /// The bytes of this checkpoint.
    pub fn to_bytes(&self) -> Vec<u8> {
        let passes = || [&self.predictions, &self.pass].into_iter().chain(&self.augmented);
        let header = CheckpointHeader {
            state: self.state.clone(),
            tensors: shapes(&self.tensors),
            ended: shapes(&self.ended),
            passes: passes().map(Vec::len).collect(),
        };
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let tensors = self.tensors.iter().chain(&self.ended).map(|tensor| &tensor.data);
        let values = || tensors.clone().chain(passes()).flatten();
        let mut bytes = Vec::with_capacity(16 + SUM + header.len() + 4 * values().count());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&[0; SUM]);
        bytes.extend_from_slice(&(header.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&header);
        for value in values() {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        // The epochs of one run hold equally many images, so this does not fail;
        // if it did, the run could still go on without them.
        bytes.extend(pack_epochs(&self.epochs).or_else(|_| pack_epochs(&[])).unwrap_or_default());
        let (head, rest) = bytes.split_at_mut(MAGIC.len() + 4 + SUM);
        if let Some(place) = head.last_chunk_mut() {
            *place = checksum(rest);
        }
        bytes
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    ///
    /// [`TrainError::Checkpoint`] if the bytes are something else, of another version,
    /// incomplete or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TrainError> {
        let damaged = || TrainError::Checkpoint(text::checkpoint_damaged().into());
        let mut reader = ByteReader::new(bytes);
        reader
            .tag(MAGIC)
            .ok_or_else(|| TrainError::Checkpoint(text::checkpoint_foreign().into()))?;
        let earlier = || TrainError::Checkpoint(text::checkpoint_earlier().into());
        let format = reader.u32().ok_or_else(damaged)?;
        match format {
            BEFORE_TILES | FORMAT => {}
            1..BEFORE_TILES => return Err(earlier()),
            0 => return Err(damaged()),
            newer => {
                return Err(TrainError::Checkpoint(text::checkpoint_newer(
                    &newer.to_string(),
                    &FORMAT.to_string(),
                )));
            }
        }
        let sum: [u8; SUM] = reader.array().ok_or_else(damaged)?;
        if sum != checksum(reader.rest()) {
            return Err(damaged());
        }
        let length = reader.u32().ok_or_else(damaged)?;
        let header = reader.bytes(length as usize).ok_or_else(damaged)?;
        let header: CheckpointHeader = serde_json::from_slice(header).map_err(|_| damaged())?;
        if format == BEFORE_TILES && header.state.engine == EngineKind::Cpu {
            return Err(earlier());
        }
        let tensors = read_tensors(&mut reader, header.tensors).ok_or_else(damaged)?;
        let ended = read_tensors(&mut reader, header.ended).ok_or_else(damaged)?;
        let passes = header.passes.into_iter().map(|len| reader.floats(len));
        let mut passes = passes.collect::<Option<Vec<_>>>().ok_or_else(damaged)?.into_iter();
        let (predictions, pass) = passes.next().zip(passes.next()).ok_or_else(damaged)?;
        Ok(Self {
            state: header.state,
            tensors,
            ended,
            predictions,
            pass,
            augmented: passes.collect(),
            epochs: unpack_epochs(reader.rest()).map_err(|_| damaged())?,
        })
    }
}

/// The first bytes of the SHA-256.
fn checksum(bytes: &[u8]) -> [u8; SUM] {
    let whole: [u8; 32] = Sha256::digest(bytes).into();
    whole.first_chunk().copied().unwrap_or_default()
}

/// Reads the values of tensors of these shapes, one after another.
fn read_tensors(reader: &mut ByteReader, shapes: Shapes) -> Option<Vec<NamedTensor>> {
    let tensor = |(name, shape): (String, Vec<usize>)| {
        let len = shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side))?;
        Some(NamedTensor { name, shape, data: reader.floats(len)? })
    };
    shapes.into_iter().map(tensor).collect()
}

/// True if the bytes are a checkpoint, sound or not.
pub fn is_checkpoint(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// True if a newer version of this program wrote the bytes.
pub fn is_newer(bytes: &[u8]) -> bool {
    let mut reader = ByteReader::new(bytes);
    let version = reader.tag(MAGIC).and_then(|()| reader.u32());
    version.is_some_and(|version| version > FORMAT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let tensor = |name: &str, shape: &[usize], data: &[f32]| NamedTensor {
            name: name.into(),
            shape: shape.to_vec(),
            data: data.to_vec(),
        };
        Checkpoint {
            state: RunState {
                link: "v=1".into(),
                dataset: "abc".into(),
                engine: EngineKind::Cpu,
                epochs: Vec::new(),
                batch: 7,
                spent: 0.5,
                smooth: (1.25, 3),
                elapsed: 2.5,
                training: 2.0,
                images: 192.0,
            },
            tensors: vec![
                tensor("a", &[2, 1], &[1.5, -0.0]),
                tensor("b", &[], &[f32::MIN_POSITIVE]),
            ],
            ended: vec![tensor("a", &[2, 1], &[1.0, 2.0])],
            predictions: vec![-0.5, -1.0],
            pass: vec![-0.25],
            augmented: vec![vec![-2.0, -3.0], Vec::new()],
            epochs: vec![EpochPredictions { predicted: vec![3], log_probability: vec![-0.5] }],
        }
    }

    #[test]
    fn bytes_bring_the_same_checkpoint_back() {
        for checkpoint in [checkpoint(), Checkpoint::default()] {
            assert_eq!(Checkpoint::from_bytes(&checkpoint.to_bytes()).ok(), Some(checkpoint));
        }
    }

    fn refused(bytes: &[u8]) -> String {
        Checkpoint::from_bytes(bytes).unwrap_err().to_string()
    }

    #[test]
    fn cut_and_foreign_bytes_are_refused() {
        let bytes = checkpoint().to_bytes();
        for length in 0..bytes.len() {
            assert!(Checkpoint::from_bytes(&bytes[..length]).is_err(), "cut at {length}");
        }
        assert!(refused(b"IMPX").contains("not a checkpoint"));
    }

    #[test]
    fn a_byte_that_flipped_is_found_wherever_it_is() {
        let bytes = checkpoint().to_bytes();
        for place in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[place] ^= 0x10;
            assert!(Checkpoint::from_bytes(&flipped).is_err(), "flipped at {place}");
        }
    }

    #[test]
    fn other_formats_are_named() {
        let mut other = checkpoint().to_bytes();
        other[4] = 9;
        assert!(refused(&other).contains("format 9"));
        for earlier in [1, 2, 3] {
            other[4] = earlier;
            assert!(refused(&other).contains("earlier version"));
        }
        // WebGPU computes as it did.
        let mut webgpu = checkpoint();
        webgpu.state.engine = EngineKind::Webgpu;
        let mut bytes = webgpu.to_bytes();
        bytes[4] = 3;
        assert_eq!(Checkpoint::from_bytes(&bytes).ok(), Some(webgpu));
    }
}
