//! A trained model as a file: its weights, and what one has to know to use them.
//! Pure: knows neither burn nor a browser.
//!
//! The file is a [safetensors](https://huggingface.co/docs/safetensors) file:
//! the length of a JSON header (u64, little-endian), the header, then the
//! values of all tensors as little-endian f32. Its `__metadata__` says who wrote
//! it, in which version, holds [`About`], and from version 2 on the
//! [checksum](crate::checksum) of that text, of the tensors' names and shapes, and of
//! all values. The same weights and the same
//! [`About`] give the same bytes, so that the file's SHA-256 can be its name.

pub mod assessment;
mod error;

pub use error::SavedError;

use crate::bytes::ByteReader;
use crate::checksum::Checksum;
use crate::experiment::ModelKind;
use crate::experiment::link::{LONGEST, is_invisible};
use crate::experiment::range::SIZE;
use crate::json;
use crate::model::NamedTensor;
use crate::number;
use crate::order;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the metadata that is written, and the newest that is read. Version
/// 1 had no checksum.
pub const FORMAT: u32 = 2;

/// Who wrote the file.
const WRITER: &str = "imagenette-playground";

/// Largest header that is read: ours have some 10 kB.
const LARGEST_HEADER: u64 = 1 << 20;

/// Most characters of a class's name, or of another text about a model.
const LONGEST_TEXT: usize = 1000;

/// Most classes of a model: those of a data set.
const MOST_CLASSES: usize = 20;

/// Largest file that is read, in bytes: many times the largest network's.
pub const LARGEST_FILE: u64 = 1 << 28;

/// What a saved model is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The canonical link of the experiment that trained it.
    pub link: String,
    /// The network's name in links.
    pub model: String,
    /// Names of the classes, in the order of the outputs.
    pub classes: Vec<String>,
    /// Mean and standard deviation of the three channels that its input was
    /// normalized with; `None` if it was not.
    pub normalization: Option<[[f64; 3]; 2]>,
    /// Side in pixels of the images that it saw last.
    pub size: u32,
    /// Accuracy of its last epoch on its validation images, 0..1.
    #[serde(deserialize_with = "number::or_missing")]
    pub accuracy: f64,
    /// Epochs that it was trained for.
    pub epochs: u32,
    /// The data set that it was trained on, for people.
    pub dataset: String,
    /// Build id of the program that trained it.
    pub build: String,
}

impl About {
    /// The network, if this program has it.
    pub fn kind(&self) -> Option<ModelKind> {
        ModelKind::ALL.into_iter().find(|kind| kind.name() == self.model)
    }
}

/// A saved model as the page knows it: without its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// SHA-256 of the file, hex: its name in links.
    pub hash: String,
    /// Bytes of the file.
    pub bytes: f64,
    /// What it is.
    pub about: About,
}

impl ModelCard {
    /// The file's name: the network, and the beginning of the hash.
    pub fn file_name(&self) -> String {
        format!("{}-{}.safetensors", self.about.model, short(&self.hash))
    }
}

/// The beginning of a hash, for people.
pub fn short(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}

/// SHA-256 of a model's file, hex: its name in links.
#[cfg(feature = "media")]
pub fn hash(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    crate::bytes::hex(&sha2::Sha256::digest(bytes))
}

/// A trained model.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedModel {
    /// What it is.
    pub about: About,
    /// Weights and running statistics of batch norm.
    pub tensors: Vec<NamedTensor>,
}

#[derive(Serialize, Deserialize)]
struct ModelHeader {
    #[serde(rename = "__metadata__", default)]
    metadata: BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorSpan>,
}

#[derive(Serialize, Deserialize)]
struct TensorSpan {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

impl SavedModel {
    /// The bytes of its file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let about = json::write(&self.about).unwrap_or_default();
        let values = self.tensors.iter().flat_map(|tensor| &tensor.data);
        let values: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
        let mut end = 0;
        let mut tensors = BTreeMap::new();
        for tensor in &self.tensors {
            let begin = end;
            end += 4 * tensor.data.len();
            let place = TensorSpan {
                dtype: "F32".into(),
                shape: tensor.shape.clone(),
                data_offsets: [begin, end],
            };
            tensors.insert(tensor.name.clone(), place);
        }
        let metadata = [
            ("format", WRITER.to_owned()),
            ("version", FORMAT.to_string()),
            ("checksum", sum(&about, &tensors, &values)),
            ("about", about),
        ];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value)).into();
        let mut header =
            json::write(&ModelHeader { metadata, tensors }).unwrap_or_default().into_bytes();
        // Spaces after the header keep the values aligned, as the format allows.
        header.resize(header.len().next_multiple_of(8), b' ');
        let mut bytes = Vec::with_capacity(8 + header.len() + end);
        bytes.extend_from_slice(&(header.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&values);
        bytes
    }

    /// Reads a file. Whether the tensors are those of the network is for the
    /// network to say.
    ///
    /// # Errors
    /// [`SavedError`] if it is none of ours, of another version, of a network
    /// that this program does not have, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedError> {
        let mut reader = ByteReader::new(bytes);
        let length = reader.u64().ok_or(SavedError::NotAModel)?;
        if length > LARGEST_HEADER || !reader.rest().starts_with(b"{") {
            return Err(SavedError::NotAModel);
        }
        let cut = || SavedError::Damaged("the file ends too early".into());
        let header = reader.bytes(length as usize).ok_or_else(cut)?;
        let values = reader.rest();
        let header: ModelHeader = json::read_bytes(header).map_err(|_| SavedError::NotAModel)?;
        let about = about(&header, values)?;
        Ok(Self { about, tensors: tensors(header.tensors, values)? })
    }
}

/// The checksum of a file, as its metadata have it.
fn sum(about: &str, tensors: &BTreeMap<String, TensorSpan>, values: &[u8]) -> String {
    let mut checksum = Checksum::default();
    checksum.update(about.as_bytes());
    for (name, place) in tensors {
        checksum.update(name.as_bytes());
        for side in &place.shape {
            checksum.update(&(*side as u64).to_le_bytes());
        }
    }
    checksum.update(values);
    format!("{:08x}", checksum.sum())
}

fn about(header: &ModelHeader, values: &[u8]) -> Result<About, SavedError> {
    let ModelHeader { metadata, tensors } = header;
    let entry = |key: &str| metadata.get(key).map(String::as_str).unwrap_or_default();
    if entry("format") != WRITER {
        return Err(SavedError::Foreign);
    }
    match entry("version").parse::<u32>() {
        Ok(1) if !metadata.contains_key("checksum") => {}
        Ok(FORMAT) if entry("checksum") == sum(entry("about"), tensors, values) => {}
        Ok(1..=FORMAT) => return Err(SavedError::Damaged("its checksum is another one".into())),
        _ => return Err(SavedError::Version(entry("version").chars().take(20).collect())),
    }
    let mut about: About = json::read(entry("about"))
        .map_err(|error| SavedError::Damaged(format!("its description cannot be read: {error}")))?;
    if about.kind().is_none() {
        return Err(SavedError::Architecture(about.model.chars().take(60).collect()));
    }
    let names = about.classes.iter_mut();
    for text in names.chain([&mut about.dataset, &mut about.build]) {
        if text.len() > LONGEST_TEXT {
            return Err(SavedError::Damaged("a name in it is far too long".into()));
        }
        text.retain(|it| !is_invisible(it));
    }
    if about.link.len() > LONGEST {
        return Err(SavedError::Damaged("its link is too long".into()));
    }
    let wrong = |what: &str| Err(SavedError::Damaged(format!("its {what} cannot be")));
    if !(2..=MOST_CLASSES).contains(&about.classes.len()) {
        return wrong("number of classes");
    }
    if !SIZE.contains(about.size) {
        return wrong("image size");
    }
    if !about.accuracy.is_nan() && !(0.0..=1.0).contains(&about.accuracy) {
        return wrong("accuracy");
    }
    let usable = |[mean, std]: &[[f64; 3]; 2]| {
        mean.iter().all(|it| it.is_finite()) && std.iter().all(|it| it.is_finite() && *it > 1e-6)
    };
    if !about.normalization.as_ref().is_none_or(usable) {
        return wrong("normalization statistics");
    }
    Ok(about)
}

/// Takes the values apart. They lie one after the other, without gaps.
fn tensors(
    places: BTreeMap<String, TensorSpan>,
    values: &[u8],
) -> Result<Vec<NamedTensor>, SavedError> {
    let damaged = |name: &str, why: &str| SavedError::Damaged(format!("`{name}` {why}"));
    let mut places: Vec<(String, TensorSpan)> = places.into_iter().collect();
    order::sort_by(&mut places, |a, b| a.1.data_offsets.cmp(&b.1.data_offsets));
    let mut tensors = Vec::with_capacity(places.len());
    let mut reader = ByteReader::new(values);
    let mut at = 0;
    for (name, TensorSpan { dtype, shape, data_offsets: [begin, end] }) in places {
        if dtype != "F32" {
            return Err(damaged(&name, &format!("holds {dtype} instead of F32")));
        }
        let bytes = shape.iter().try_fold(4usize, |bytes, &side| bytes.checked_mul(side));
        let bytes = bytes.filter(|&bytes| begin == at && begin.checked_add(bytes) == Some(end));
        let data = bytes.and_then(|bytes| reader.floats(bytes / 4));
        let data = data.ok_or_else(|| damaged(&name, "is not where it should be"))?;
        at = end;
        if data.iter().any(|value| !value.is_finite()) {
            return Err(damaged(&name, "has values that are no numbers"));
        }
        tensors.push(NamedTensor { name, shape, data });
    }
    if reader.is_empty() {
        Ok(tensors)
    } else {
        Err(SavedError::Damaged("bytes follow after the last tensor".into()))
    }
}

#[cfg(test)]
mod tests;
