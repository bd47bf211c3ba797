//! Gathers files, in any order, into a [`Dataset`](super::Dataset): layout, decoding, counting what
//! cannot be read. Archives and folders both feed it. It reads nothing itself;
//! independent of burn and browsers.

mod finish;

pub(crate) use finish::content_hash;

use super::Split;
use super::decode::Decoded;
use super::error::{DataError, DecodeError, Escape, Flaw};
use super::layout::{self, ImagePlace, Role};
use super::memory::Ledger;
use super::prepare::{Prepare, Spec, TicketedFile};
use crate::dataset::LoadProgress;
use crate::text;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use web_time::Instant;

/// Most classes of a data set.
pub const MAX_CLASSES: usize = 20;

/// How to store a data set, and what to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Short side of the decoded images, in pixels. Smaller images are not enlarged.
    pub short_side: u32,
    /// What to refuse.
    pub limits: ReadLimits,
}

impl Options {
    /// Keep `short_side` pixels, within the default [`ReadLimits`].
    pub fn new(short_side: u32) -> Self {
        Self { short_side, limits: ReadLimits::default() }
    }
}

/// Bounds on what is read: far above any honest data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of one image file or table: a larger image is left out.
    pub entry_bytes: u64,
    /// Declared pixels of one image: what has more is left out.
    pub image_pixels: u64,
    /// Bytes of an archive once unpacked.
    pub unpacked_bytes: u64,
    /// Bytes of memory for the data set: pixels, names and tables.
    pub store_bytes: u64,
}

impl Default for ReadLimits {
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
    root: Root,
    /// Whether the paths are absolute: all are, or none is.
    absolute: Option<bool>,
    /// How the folders of the splits are spelled.
    folders: BTreeMap<(Split, bool), String>,
    classes: BTreeSet<String>,
    files: BTreeMap<String, ImageFile>,
    /// Why files were left out before anything was decoded, by their paths.
    left_out: BTreeMap<String, String>,
    /// Tables of noisy labels, by folder and name.
    tables: BTreeMap<(String, String), NoisyLabels>,
    stray: Option<String>,
    /// Paths of the files that are being prepared, by ticket.
    under_way: BTreeMap<u32, String>,
    tickets: u32,
    decoded: u32,
    ledger: Ledger,
}

/// The folder of the data set, known after the first file.
#[derive(Debug)]
enum Root {
    Unknown,
    /// A test split lies here. Whether the data set does is not known yet.
    OfTest(String),
    Known(String),
}

/// A table of noisy labels.
#[derive(Debug)]
struct NoisyLabels {
    bytes: Vec<u8>,
    sha: [u8; 32],
}

/// A file that the builder wants to see.
#[derive(Clone, Debug)]
pub struct WantedFile(Want);

#[derive(Clone, Debug)]
enum Want {
    Image(ImagePlace),
    NoiseTable { root: String, file: String },
}

/// What is known of an image file.
#[derive(Debug)]
struct ImageFile {
    split: Split,
    sha: [u8; 32],
    state: FileState,
}

#[derive(Debug)]
enum FileState {
    /// It is being prepared, under this ticket.
    UnderWay(u32),
    Image(Decoded),
    Failed(DecodeError),
}

impl Builder {
    /// An empty data set called `name`.
    pub fn new(name: impl Into<String>, options: Options) -> Self {
        Self {
            name: name.into(),
            options,
            started: Instant::now(),
            root: Root::Unknown,
            absolute: None,
            folders: BTreeMap::new(),
            classes: BTreeSet::new(),
            files: BTreeMap::new(),
            left_out: BTreeMap::new(),
            tables: BTreeMap::new(),
            stray: None,
            under_way: BTreeMap::new(),
            tickets: 0,
            decoded: 0,
            ledger: Ledger::new(options.short_side, options.limits.store_bytes),
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
    /// read and handed to [`Self::add`]. To be asked of every file. An image that is
    /// declared too large is left out and named.
    ///
    /// # Errors
    /// A path that escapes, a table declared too large, a second data set, a class too
    /// many, or too little memory for the names.
    pub fn offer(&mut self, path: &str, bytes: u64) -> Result<Option<WantedFile>, DataError> {
        let limit = self.options.limits.entry_bytes;
        let want = match self.role(path)? {
            Role::Image(place) if bytes > limit => {
                let mega = |bytes: u64| bytes.div_ceil(1_000_000);
                let why = text::skipped_too_large(mega(bytes), mega(limit));
                self.note(place.path, why)?;
                return Ok(None);
            }
            Role::Image(place) => Want::Image(place),
            Role::NoiseTable { .. } if bytes > limit => {
                return Err(DataError::EntryTooLarge { path: path.to_owned(), bytes, limit });
            }
            Role::NoiseTable { root, file } => Want::NoiseTable { root, file },
            Role::Stray => {
                self.stray.get_or_insert_with(|| path.to_owned());
                return Ok(None);
            }
            Role::Ignored => return Ok(None),
        };
        Ok(Some(WantedFile(want)))
    }

    /// Leaves out what is no plain file, or cannot be had: a link, a device. It is named
    /// and counted, with the reason `why`.
    ///
    /// # Errors
    /// As [`Self::offer`].
    pub fn leave_out(&mut self, path: &str, why: impl Into<String>) -> Result<(), DataError> {
        let path = match self.role(path)? {
            Role::Image(place) => place.path,
            Role::NoiseTable { .. } | Role::Stray => path.to_owned(),
            Role::Ignored if layout::is_hidden(&layout::normal(path)) => return Ok(()),
            Role::Ignored => path.to_owned(),
        };
        self.note(path, why.into())
    }

    fn note(&mut self, path: String, why: String) -> Result<(), DataError> {
        // The last entry of a name counts.
        self.forget(&path);
        self.ledger.name(&path);
        self.ledger.hold(why.len());
        self.left_out.insert(path, why);
        self.ledger.check(None)
    }

    /// Takes in the bytes of a wanted file and lets `prepare` make an image of it.
    /// `progress` is the share of the data read so far, 0..1, if known: from it the
    /// memory for the rest is projected.
    ///
    /// # Errors
    /// Too little memory. An image that does not decode is no error yet.
    pub fn add(
        &mut self,
        wanted: WantedFile,
        bytes: &[u8],
        prepare: &mut impl Prepare,
        progress: Option<f64>,
    ) -> Result<(), DataError> {
        let place = match wanted.0 {
            Want::Image(place) => place,
            Want::NoiseTable { root, file } => {
                self.ledger.name(&root);
                // Its rows are held in addition while they are read.
                self.ledger.hold(2 * bytes.len());
                let table =
                    NoisyLabels { bytes: bytes.to_vec(), sha: Sha256::digest(bytes).into() };
                if let Some(before) = self.tables.insert((root, file), table) {
                    self.ledger.release(2 * before.bytes.len());
                }
                return self.ledger.check(None);
            }
        };
        self.forget(&place.path);
        self.tickets += 1;
        let state = FileState::UnderWay(self.tickets);
        self.ledger.name(&place.path);
        self.ledger.submitted();
        self.files
            .insert(place.path.clone(), ImageFile { split: place.split, sha: [0; 32], state });
        self.under_way.insert(self.tickets, place.path);
        let spec = Spec {
            short_side: self.options.short_side,
            max_pixels: self.options.limits.image_pixels,
        };
        let done = prepare.submit(self.tickets, bytes, spec);
        self.store_prepared(done);
        self.ledger.check(progress)
    }

    /// An image file that cannot be read, though it is listed: as one that is broken.
    ///
    /// # Errors
    /// Too little memory.
    pub fn add_unread(&mut self, wanted: WantedFile, why: String) -> Result<(), DataError> {
        let place = match wanted.0 {
            Want::Image(place) => place,
            Want::NoiseTable { root, file } => {
                let name = finish::join(&root, &file);
                return Err(DataError::Read { name, detail: why });
            }
        };
        self.forget(&place.path);
        self.ledger.name(&place.path);
        let state = FileState::Failed(DecodeError::Broken(Flaw::Other(why)));
        self.files.insert(place.path, ImageFile { split: place.split, sha: [0; 32], state });
        self.ledger.check(None)
    }

    /// Stores the images that have been prepared.
    fn store_prepared(&mut self, done: Vec<TicketedFile>) {
        for (ticket, prepared) in done {
            let path = self.under_way.remove(&ticket);
            let Some(file) = path.and_then(|path| self.files.get_mut(&path)) else {
                continue;
            };
            // An entry of the same name may have taken its place.
            if !matches!(file.state, FileState::UnderWay(mine) if mine == ticket) {
                continue;
            }
            file.sha = prepared.sha;
            file.state = match prepared.image {
                Ok(decoded) => {
                    self.decoded += 1;
                    self.ledger.finished(decoded.pixels.len());
                    FileState::Image(decoded)
                }
                Err(error) => {
                    self.ledger.finished(error.to_string().len());
                    FileState::Failed(error)
                }
            };
        }
    }

    /// Forgets what has come under a name before.
    fn forget(&mut self, path: &str) {
        self.left_out.remove(path);
        if let Some(ImageFile { state: FileState::Image(decoded), .. }) = self.files.remove(path) {
            self.decoded -= 1;
            self.ledger.release(decoded.pixels.len());
        }
    }

    /// What a file is for, in this data set.
    fn role(&mut self, path: &str) -> Result<Role, DataError> {
        let absolute = layout::is_absolute(path);
        if *self.absolute.get_or_insert(absolute) != absolute {
            let escape = if absolute { Escape::Absolute } else { Escape::NotAbsolute };
            return Err(DataError::UnsafePath { path: path.to_owned(), escape });
        }
        let root = match &self.root {
            Root::Unknown => None,
            Root::OfTest(root) | Root::Known(root) => Some(root.as_str()),
        };
        let role = layout::role(path, root)?;
        let Role::Image(place) = role else {
            return Ok(role);
        };
        if !self.settle(&place)? {
            return Ok(if place.test { Role::Stray } else { Role::Ignored });
        }
        if !place.test {
            self.check_class(&place.class)?;
        }
        Ok(Role::Image(place))
    }

    /// Whether an image belongs to the data set, by its folder.
    fn settle(&mut self, place: &ImagePlace) -> Result<bool, DataError> {
        match &self.root {
            Root::Unknown if place.test => self.root = Root::OfTest(place.root.clone()),
            Root::Unknown => self.root = Root::Known(place.root.clone()),
            Root::OfTest(root) if *root == place.root && !place.test => {
                self.root = Root::Known(place.root.clone());
            }
            Root::OfTest(root) | Root::Known(root) if *root == place.root => {}
            Root::OfTest(_) if place.test => return Ok(false),
            Root::OfTest(_) => {
                // That test split was of something else.
                self.files.clear();
                self.folders.clear();
                self.root = Root::Known(place.root.clone());
            }
            Root::Known(_) if place.test || layout::is_hidden(&place.root) => return Ok(false),
            Root::Known(first) => {
                return Err(DataError::TwoRoots {
                    first: first.clone(),
                    second: place.root.clone(),
                });
            }
        }
        let key = (place.split, place.test);
        let folder = self.folders.entry(key).or_insert_with(|| place.folder.clone());
        if *folder == place.folder {
            return Ok(true);
        }
        let [first, second] = [&*folder, &place.folder].map(|it| finish::join(&place.root, it));
        Err(DataError::TwoRoots { first, second })
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
}
