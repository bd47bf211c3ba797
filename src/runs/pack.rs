//! The compact binary forms of per-image predictions and of curves, for
//! storage. Independent of the browser: bytes in, bytes out.
//!
//! Everything is little-endian. Predictions: [`PREDICTIONS`], version `u8`,
//! flags `u8` (bit 0: augmented scores follow), 2 bytes of zeros, images `u32`,
//! classes `u32`, then `u32` indices, `u8` labels, `f16` log-probabilities row
//! after row, and `f16` augmented ones. Curves: [`CURVE`], version `u8`, 3 bytes
//! of zeros, points `u32`, then the columns step `u32`, epoch `f64`, loss,
//! smooth loss, lr and momentum `f32`. Epochs: [`EPOCHS`], version `u8`, 3 bytes
//! of zeros, epochs `u32`, images `u32`, then per epoch the predicted classes
//! `u8` and the log-probabilities of the true classes `f16`. Each ends in the
//! [`checksum`] `u32` of all of it; version 1 had none.

use crate::bytes::ByteReader;
use crate::checksum;
use crate::progress::StepPoint;
use crate::record::{EpochPredictions, Predictions};
use half::f16;

/// First bytes of packed predictions.
pub const PREDICTIONS: [u8; 4] = *b"IPpr";
/// First bytes of a packed curve.
pub const CURVE: [u8; 4] = *b"IPcu";
/// First bytes of packed predictions of all epochs.
pub const EPOCHS: [u8; 4] = *b"IPep";
/// The version that is written, and the newest that is read.
pub const VERSION: u8 = 2;

/// Why packed bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The first bytes are not those of this kind.
    #[error("these bytes are not {0}")]
    Foreign(&'static str),
    /// A later version of this program wrote them.
    #[error(
        "{what} of format {found} cannot be read: this version reads up to {VERSION}; \
         reload the page for the newer version"
    )]
    Newer {
        /// What was to be read.
        what: &'static str,
        /// The format that was found.
        found: u8,
    },
    /// The bytes end early, or some are left over.
    #[error("{0} are damaged: the length does not fit the header")]
    Length(&'static str),
    /// A byte is not what it was.
    #[error("{0} are damaged: their checksum is another one")]
    Checksum(&'static str),
}

/// Packs predictions: 20 bytes and, per image, 5 + 2 × classes (twice that
/// with the augmented ones); predictions by epoch are packed separately, by
/// [`pack_epochs`]. Log-probabilities become `f16`: 11 bits, so up to
/// 0.1% of their value is lost, and anything below −65504 becomes −65504. The
/// predicted class is preserved; if that requires raising its score by a step, up to
/// 0.15% of it is lost.
///
/// # Errors
/// [`PackError::Length`] if the columns do not fit each other.
pub fn pack_predictions(predictions: &Predictions) -> Result<Vec<u8>, PackError> {
    let Predictions { images, labels, plain, tta, .. } = predictions;
    let damaged = PackError::Length(PREDICTIONS_NAME);
    let n = images.len();
    let classes = plain.len().checked_div(n).unwrap_or(0);
    let fits = labels.len() == n
        && plain.len() == n * classes
        && tta.as_ref().is_none_or(|scores| scores.len() == plain.len());
    let (Ok(images_32), Ok(classes_32)) = (u32::try_from(n), u32::try_from(classes)) else {
        return Err(damaged);
    };
    if !fits {
        return Err(damaged);
    }
    let mut bytes = Vec::with_capacity(20 + n * (5 + 4 * classes));
    bytes.extend(PREDICTIONS);
    bytes.extend([VERSION, u8::from(tta.is_some()), 0, 0]);
    bytes.extend(images_32.to_le_bytes());
    bytes.extend(classes_32.to_le_bytes());
    bytes.extend(images.iter().flat_map(|image| image.to_le_bytes()));
    bytes.extend(labels);
    for scores in [Some(plain), tta.as_ref()].into_iter().flatten() {
        for row in scores.chunks(classes.max(1)) {
            bytes.extend(to_f16(row).into_iter().flat_map(f16::to_le_bytes));
        }
    }
    checksum::seal(&mut bytes);
    Ok(bytes)
}

/// Reads what [`pack_predictions`] wrote.
///
/// # Errors
/// [`PackError`] for bytes of another kind, of a newer version, or damaged.
pub fn unpack_predictions(bytes: &[u8]) -> Result<Predictions, PackError> {
    let mut reader = PackReader::open(bytes, PREDICTIONS, PREDICTIONS_NAME)?;
    let [_, flags, _, _] = reader.header;
    let images = reader.u32()? as usize;
    let classes = reader.u32()? as usize;
    let cells = images.checked_mul(classes).ok_or(reader.damaged())?;
    let predictions = Predictions {
        images: reader.column(images, u32::from_le_bytes)?,
        labels: reader.bytes(images)?,
        plain: reader.column(cells, from_f16)?,
        tta: if flags & 1 == 1 { Some(reader.column(cells, from_f16)?) } else { None },
        epochs: Vec::new(),
    };
    reader.end()?;
    Ok(predictions)
}

/// Packs the predictions after each epoch: 20 bytes and, per epoch and image, 3.
///
/// # Errors
/// [`PackError::Length`] if the epochs do not hold equally many images.
pub fn pack_epochs(epochs: &[EpochPredictions]) -> Result<Vec<u8>, PackError> {
    let damaged = PackError::Length(EPOCHS_NAME);
    let n = epochs.first().map_or(0, |epoch| epoch.predicted.len());
    let fits =
        epochs.iter().all(|epoch| epoch.predicted.len() == n && epoch.log_probability.len() == n);
    let (Ok(epochs_32), Ok(images_32)) = (u32::try_from(epochs.len()), u32::try_from(n)) else {
        return Err(damaged);
    };
    if !fits {
        return Err(damaged);
    }
    let mut bytes = Vec::with_capacity(20 + 3 * n * epochs.len());
    bytes.extend(EPOCHS);
    bytes.extend([VERSION, 0, 0, 0]);
    bytes.extend(epochs_32.to_le_bytes());
    bytes.extend(images_32.to_le_bytes());
    for epoch in epochs {
        bytes.extend(&epoch.predicted);
        bytes.extend(epoch.log_probability.iter().flat_map(|it| half(*it).to_le_bytes()));
    }
    checksum::seal(&mut bytes);
    Ok(bytes)
}

/// Reads what [`pack_epochs`] wrote.
///
/// # Errors
/// [`PackError`] for bytes of another kind, of a newer version, or damaged.
pub fn unpack_epochs(bytes: &[u8]) -> Result<Vec<EpochPredictions>, PackError> {
    let mut reader = PackReader::open(bytes, EPOCHS, EPOCHS_NAME)?;
    let (epochs, images) = (reader.u32()?, reader.u32()? as usize);
    // Without images an epoch takes no bytes, and its number could be anything.
    if images == 0 && epochs > 0 {
        return Err(reader.damaged());
    }
    let read = (0..epochs).map(|_| {
        Ok(EpochPredictions {
            predicted: reader.bytes(images)?,
            log_probability: reader.column(images, from_f16)?,
        })
    });
    let read = read.collect::<Result<_, PackError>>()?;
    reader.end()?;
    Ok(read)
}

/// A log-probability as it is after storage.
pub fn in_half_precision(log_probability: f32) -> f32 {
    half(log_probability).to_f32()
}

/// Packs a curve: 16 bytes and 28 per point (values were computed in `f32`).
pub fn pack_curve(points: &[StepPoint]) -> Vec<u8> {
    let points = &points[..points.len().min(u32::MAX as usize)];
    let mut bytes = Vec::with_capacity(16 + 28 * points.len());
    bytes.extend(CURVE);
    bytes.extend([VERSION, 0, 0, 0]);
    bytes.extend((points.len() as u32).to_le_bytes());
    bytes.extend(points.iter().flat_map(|point| point.step.to_le_bytes()));
    bytes.extend(points.iter().flat_map(|point| point.epoch.to_le_bytes()));
    let columns: [fn(&StepPoint) -> f64; 4] =
        [|p| p.loss, |p| p.smooth_loss, |p| p.lr, |p| p.momentum];
    for column in columns {
        bytes.extend(points.iter().flat_map(|point| (column(point) as f32).to_le_bytes()));
    }
    checksum::seal(&mut bytes);
    bytes
}

/// Reads what [`pack_curve`] wrote.
///
/// # Errors
/// [`PackError`] for bytes of another kind, of a newer version, or damaged.
pub fn unpack_curve(bytes: &[u8]) -> Result<Vec<StepPoint>, PackError> {
    let mut reader = PackReader::open(bytes, CURVE, CURVE_NAME)?;
    let n = reader.u32()? as usize;
    let steps = reader.column(n, u32::from_le_bytes)?;
    let epochs = reader.column(n, f64::from_le_bytes)?;
    let mut wide = || reader.column(n, |bytes| f64::from(f32::from_le_bytes(bytes)));
    let (losses, smooth_losses, rates, momenta) = (wide()?, wide()?, wide()?, wide()?);
    reader.end()?;
    let values = losses.into_iter().zip(smooth_losses).zip(rates.into_iter().zip(momenta));
    Ok(steps
        .into_iter()
        .zip(epochs)
        .zip(values)
        .map(|((step, epoch), ((loss, smooth_loss), (lr, momentum)))| StepPoint {
            step,
            epoch,
            loss,
            smooth_loss,
            lr,
            momentum,
        })
        .collect())
}

const PREDICTIONS_NAME: &str = "stored predictions";
const CURVE_NAME: &str = "stored curves";
const EPOCHS_NAME: &str = "stored predictions by epoch";

/// Rounds the scores of one image. Where two scores became equal, or their order
/// was lost, the highest is raised by one step, so that it still is.
fn to_f16(row: &[f32]) -> Vec<f16> {
    let mut rounded: Vec<f16> = row.iter().map(|score| half(*score)).collect();
    let (was, is) = (highest(row), highest(&rounded));
    if was != is
        && let Some(top) = rounded.get(is).copied()
        && let Some(score) = rounded.get_mut(was)
    {
        *score = next_up(top);
    }
    rounded
}

/// Rounds a score. An infinite one would be lost in JSON.
fn half(score: f32) -> f16 {
    f16::from_f32(score.clamp(-65504.0, 65504.0))
}

/// Index of the highest value; of equal ones the first, as in the engines.
fn highest<T: PartialOrd>(row: &[T]) -> usize {
    let mut best: Option<(usize, &T)> = None;
    for (index, value) in row.iter().enumerate() {
        if best.is_none_or(|(_, highest)| value > highest) {
            best = Some((index, value));
        }
    }
    best.map_or(0, |(index, _)| index)
}

/// The next larger value of a finite one.
fn next_up(value: f16) -> f16 {
    match value.to_bits() {
        // Either zero: the smallest positive value.
        0 | 0x8000 => f16::from_bits(1),
        negative if value.is_sign_negative() => f16::from_bits(negative - 1),
        positive => f16::from_bits(positive + 1),
    }
}

fn from_f16(bytes: [u8; 2]) -> f32 {
    f16::from_le_bytes(bytes).to_f32()
}

/// Reads the columns of a packed value.
struct PackReader<'a> {
    bytes: ByteReader<'a>,
    /// What is read, for messages.
    what: &'static str,
    /// The version, and three bytes whose meaning depends on what is read.
    header: [u8; 4],
}

impl<'a> PackReader<'a> {
    fn open(bytes: &'a [u8], magic: [u8; 4], what: &'static str) -> Result<Self, PackError> {
        let mut reader = ByteReader::new(bytes);
        reader.tag(&magic).ok_or(PackError::Foreign(what))?;
        let header: [u8; 4] = reader.array().ok_or(PackError::Length(what))?;
        match header[0] {
            version if version > VERSION => Err(PackError::Newer { what, found: version }),
            0 => Err(PackError::Foreign(what)),
            1 => Ok(Self { bytes: reader, what, header }),
            _ if checksum::open(bytes).is_none() => Err(PackError::Checksum(what)),
            _ => {
                let content = reader.rest().split_last_chunk::<4>();
                let (content, _) = content.ok_or(PackError::Length(what))?;
                Ok(Self { bytes: ByteReader::new(content), what, header })
            }
        }
    }

    fn u32(&mut self) -> Result<u32, PackError> {
        self.bytes.u32().ok_or(self.damaged())
    }

    fn bytes(&mut self, n: usize) -> Result<Vec<u8>, PackError> {
        self.bytes.bytes(n).map(<[u8]>::to_vec).ok_or(self.damaged())
    }

    /// The next `n` values of `SIZE` bytes each.
    fn column<T, const SIZE: usize>(
        &mut self,
        n: usize,
        read: impl Fn([u8; SIZE]) -> T,
    ) -> Result<Vec<T>, PackError> {
        self.bytes.values(n, read).ok_or(self.damaged())
    }

    fn end(self) -> Result<(), PackError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(self.damaged()) }
    }

    fn damaged(&self) -> PackError {
        PackError::Length(self.what)
    }
}

#[cfg(test)]
mod tests;
