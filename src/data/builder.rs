//! Gathers files, in any order, into a [`Dataset`]: layout, decoding, hashing,
//! counting what does not decode. Archives and folders both feed it. It reads
//! nothing itself; independent of burn and browsers.

use super::decode::Decoded;
use super::error::{DataError, DecodeError};
use super::layout::{self, NOISE_TABLE, Place, Role};
use super::prepare::{Done, Prepare, Spec};
use super::{Class, Dataset, Image, LISTED_NAMES, NoiseColumns, Split, noise};
use crate::protocol::LoadProgress;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use web_time::Instant;

/// Most classes of a data set.
pub const MAX_CLASSES: usize = 20;

/// A data set fails if over one file in this many does not decode (5 %).
const SKIPPED_ONE_IN: usize = 20;

/// Memory that an image takes beside its pixels, roughly.
const IMAGE_OVERHEAD: u64 = 512;

/// How to store a data set, and what to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Short side to keep, in pixels; smaller images are kept as they are.
    pub short_side: u32,
    /// What to refuse.
    pub limits: Limits,
}

impl Options {
    /// Keep `short_side` pixels, within the default [`Limits`].
    pub fn new(short_side: u32) -> Self {
        Self { short_side, limits: Limits::default() }
    }
}

/// Bounds on what is read: far above any honest data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one image file or table.
    pub entry_bytes: u64,
    /// Declared pixels of one image.
    pub image_pixels: u64,
    /// Bytes of an archive once unpacked.
    pub unpacked_bytes: u64,
    /// Bytes of memory for the decoded images.
    pub store_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entry_bytes: 64 << 20,
            image_pixels: 100_000_000,
            unpacked_bytes: 32 << 30,
            // 13,394 images of 160 × 160 take 1.03e9 bytes.
            store_bytes: 2 << 30,
        }
    }
}

/// A data set in the making.
#[derive(Debug)]
pub struct Builder {
    name: String,
    options: Options,
    started: Instant,
    root: Option<String>,
    classes: BTreeSet<String>,
    files: BTreeMap<String, File>,
    tables: BTreeMap<String, Vec<u8>>,
    stray: Option<String>,
    /// Paths of the files that are being prepared, by ticket.
    under_way: BTreeMap<u32, String>,
    tickets: u32,
    decoded: u32,
    stored_bytes: u64,
}

/// A file that the builder wants to see.
#[derive(Clone, Debug)]
pub struct Wanted(Want);

#[derive(Clone, Debug)]
enum Want {
    Image(Place),
    NoiseTable { root: String },
}

/// What is known of an image file.
#[derive(Debug)]
struct File {
    split: Split,
    sha: [u8; 32],
    image: Option<Decoded>,
}

impl Builder {
    /// An empty data set called `name`.
    pub fn new(name: impl Into<String>, options: Options) -> Self {
        Self {
            name: name.into(),
            options,
            started: Instant::now(),
            root: None,
            classes: BTreeSet::new(),
            files: BTreeMap::new(),
            tables: BTreeMap::new(),
            stray: None,
            under_way: BTreeMap::new(),
            tickets: 0,
            decoded: 0,
            stored_bytes: 0,
        }
    }

    /// Images decoded so far.
    pub fn decoded(&self) -> u32 {
        self.decoded
    }

    /// How far the host is that has read `bytes` of `bytes_total`.
    pub(super) fn progress(&self, bytes: f64, bytes_total: Option<f64>) -> LoadProgress {
        let seconds = self.started.elapsed().as_secs_f64();
        LoadProgress { bytes, bytes_total, images: self.decoded, seconds }
    }

    /// Whether the file at `path`, declared to have `bytes` bytes, is to be
    /// read and handed to [`Self::add`]. To be asked of every file.
    ///
    /// # Errors
    /// A path that escapes, a file declared too large, a second data set, or a
    /// class too many.
    pub fn offer(&mut self, path: &str, bytes: u64) -> Result<Option<Wanted>, DataError> {
        let want = match layout::role(path)? {
            Role::Image(place) => {
                self.check_root(&place.root)?;
                self.check_class(&place.class)?;
                Want::Image(place)
            }
            Role::NoiseTable { root } => Want::NoiseTable { root },
            Role::Stray => {
                self.stray.get_or_insert_with(|| path.to_owned());
                return Ok(None);
            }
            Role::Ignored => return Ok(None),
        };
        let limit = self.options.limits.entry_bytes;
        if bytes > limit {
            return Err(DataError::EntryTooLarge { path: path.to_owned(), bytes, limit });
        }
        Ok(Some(Wanted(want)))
    }

    /// Takes in the bytes of a wanted file and lets `prepare` make an image of it.
    /// `progress` is the share of the data read so far, 0..1, if known: it only serves
    /// the estimate in a message.
    ///
    /// # Errors
    /// A path that occurs twice, an image declared too large, or too little
    /// memory. An image that does not decode is no error yet.
    pub fn add(
        &mut self,
        wanted: Wanted,
        bytes: &[u8],
        prepare: &mut impl Prepare,
        progress: Option<f64>,
    ) -> Result<(), DataError> {
        let place = match wanted.0 {
            Want::Image(place) => place,
            Want::NoiseTable { root } => {
                return match self.tables.insert(root.clone(), bytes.to_vec()) {
                    None => Ok(()),
                    Some(_) => Err(DataError::DuplicatePath { path: join(&root, NOISE_TABLE) }),
                };
            }
        };
        if self.files.contains_key(&place.path) {
            return Err(DataError::DuplicatePath { path: place.path });
        }
        let file = File { split: place.split, sha: [0; 32], image: None };
        self.files.insert(place.path.clone(), file);
        self.tickets += 1;
        self.under_way.insert(self.tickets, place.path);
        let spec = Spec {
            short_side: self.options.short_side,
            max_pixels: self.options.limits.image_pixels,
        };
        let done = prepare.hand_in(self.tickets, bytes, spec);
        self.put(done, progress)
    }

    /// Takes over the images that have been prepared.
    fn put(&mut self, done: Vec<Done>, progress: Option<f64>) -> Result<(), DataError> {
        for (ticket, prepared) in done {
            let Some(path) = self.under_way.remove(&ticket) else {
                continue;
            };
            let image = match prepared.image {
                Ok(decoded) => Some(decoded),
                Err(DecodeError::Broken(_)) => None,
                Err(DecodeError::TooLarge { width, height }) => {
                    let limit = self.options.limits.image_pixels;
                    return Err(DataError::ImageTooLarge { path, width, height, limit });
                }
            };
            if let Some(decoded) = &image {
                self.decoded += 1;
                self.stored_bytes += decoded.pixels.len() as u64 + IMAGE_OVERHEAD;
                self.check_memory(progress)?;
            }
            if let Some(file) = self.files.get_mut(&path) {
                file.sha = prepared.sha;
                file.image = image;
            }
        }
        Ok(())
    }

    /// The data set of everything that was added, once `prepare` has no more under way.
    ///
    /// # Errors
    /// A missing split, too few classes, a class without training images, over
    /// 5 % of images that do not decode, or a broken table of noisy labels.
    pub async fn finish(mut self, prepare: &mut impl Prepare) -> Result<Dataset, DataError> {
        let done = prepare.rest().await;
        self.put(done, None)?;
        self.check_files()?;
        let classes: Vec<Class> = self
            .classes
            .iter()
            .map(|id| Class { id: id.clone(), name: layout::class_name(id).to_owned() })
            .collect();
        let labels: BTreeMap<&str, u8> =
            self.classes.iter().zip(0u8..).map(|(id, label)| (id.as_str(), label)).collect();

        let hash = content_hash(self.files.iter().map(|(path, file)| (path.as_str(), &file.sha)));
        let mut images = Vec::with_capacity(self.decoded as usize);
        let mut skipped = Vec::new();
        for (path, file) in self.files {
            let Some(decoded) = file.image else {
                skipped.push(path);
                continue;
            };
            let class = path.split('/').nth(1).unwrap_or_default();
            images.push(Image {
                label: labels.get(class).copied().unwrap_or_default(),
                split: file.split,
                width: decoded.width,
                height: decoded.height,
                original_short_side: decoded.original_short_side,
                pixels: decoded.pixels,
                path,
            });
        }
        let official_noise = official_noise(&self.tables, self.root.as_deref(), &classes, &images)?;
        Ok(Dataset {
            name: self.name,
            synthetic: false,
            classes,
            images,
            hash,
            short_side: self.options.short_side,
            official_noise,
            skipped,
        })
    }

    fn check_root(&mut self, root: &str) -> Result<(), DataError> {
        let first = self.root.get_or_insert_with(|| root.to_owned());
        if first == root {
            return Ok(());
        }
        Err(DataError::TwoRoots { first: first.clone(), second: root.to_owned() })
    }

    fn check_class(&mut self, class: &str) -> Result<(), DataError> {
        if self.classes.contains(class) {
            return Ok(());
        }
        if self.classes.len() == MAX_CLASSES {
            return Err(DataError::TooManyClasses { limit: MAX_CLASSES, class: class.to_owned() });
        }
        self.classes.insert(class.to_owned());
        Ok(())
    }

    fn check_memory(&self, progress: Option<f64>) -> Result<(), DataError> {
        let limit = self.options.limits.store_bytes;
        if self.stored_bytes <= limit {
            return Ok(());
        }
        let share = progress.filter(|share| *share > 0.0 && *share <= 1.0).unwrap_or(1.0);
        let needed = (self.stored_bytes as f64 / share) as u64;
        Err(DataError::Memory { short_side: self.options.short_side, needed, limit })
    }

    fn check_files(&self) -> Result<(), DataError> {
        if self.files.is_empty() {
            let (name, example) = (self.name.clone(), self.stray.clone());
            return Err(DataError::NoImages { name, example });
        }
        for split in [Split::Train, Split::Valid] {
            if !self.files.values().any(|file| file.split == split) {
                return Err(DataError::NoSplit { name: self.name.clone(), split });
            }
        }
        if let (1, Some(class)) = (self.classes.len(), self.classes.first()) {
            return Err(DataError::TooFewClasses { class: class.clone() });
        }

        let broken = || self.files.iter().filter(|(_, file)| file.image.is_none());
        let skipped = broken().count();
        if skipped * SKIPPED_ONE_IN > self.files.len() {
            return Err(DataError::TooManySkipped {
                skipped: skipped as u32,
                total: self.files.len() as u32,
                names: broken().take(LISTED_NAMES).map(|(path, _)| path.clone()).collect(),
            });
        }

        let usable = |file: &File, split| file.split == split && file.image.is_some();
        let trained: BTreeSet<&str> = self
            .files
            .iter()
            .filter(|(_, file)| usable(file, Split::Train))
            .filter_map(|(path, _)| path.split('/').nth(1))
            .collect();
        if let Some(class) = self.classes.iter().find(|class| !trained.contains(class.as_str())) {
            return Err(DataError::ClassWithoutTraining { class: class.clone() });
        }
        if !self.files.values().any(|file| usable(file, Split::Valid)) {
            return Err(DataError::NoSplit { name: self.name.clone(), split: Split::Valid });
        }
        Ok(())
    }
}

/// SHA-256 (hex) over the sorted image paths, each followed by a zero byte and
/// the SHA-256 of its file. Files that do not decode take part: the hash says
/// which files there are, whatever the decoder can do.
pub(crate) fn content_hash<'a>(files: impl Iterator<Item = (&'a str, &'a [u8; 32])>) -> String {
    let mut hasher = Sha256::new();
    for (path, sha) in files {
        hasher.update(path.as_bytes());
        hasher.update([0]);
        hasher.update(sha);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn official_noise(
    tables: &BTreeMap<String, Vec<u8>>,
    root: Option<&str>,
    classes: &[Class],
    images: &[Image],
) -> Result<Option<NoiseColumns>, DataError> {
    let root = root.unwrap_or_default();
    let Some(bytes) = tables.get(root) else {
        return Ok(None);
    };
    let paths: BTreeSet<&str> = images
        .iter()
        .filter(|image| image.split == Split::Train)
        .map(|image| image.path.as_str())
        .collect();
    let columns = noise::read(&join(root, NOISE_TABLE), bytes, classes, &paths)?;
    Ok(Some(columns).filter(|columns| !columns.labels.is_empty()))
}

fn join(root: &str, file: &str) -> String {
    if root.is_empty() { file.to_owned() } else { format!("{root}/{file}") }
}
