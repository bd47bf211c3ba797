//! The end of gathering: what was found becomes a [`Dataset`], or the reason why not.

use super::{Builder, FileState, ImageFile, MAX_CLASSES, NoisyLabels, Root};
use crate::bytes::hex;
use crate::data::error::{DataError, DecodeError};
use crate::data::prepare::Prepare;
use crate::data::{Class, Dataset, Image, LISTED_NAMES, NoiseColumns, Split, layout, noise};
use crate::text;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A data set fails if over one file in this many is broken (5 %).
const BROKEN_ONE_IN: usize = 20;

/// A data set fails if over one file in this many is of a format that is not read.
const NOT_READ_ONE_IN: usize = 2;

impl Builder {
    /// The data set of everything that was added, once `prepare` has no more under way.
    ///
    /// # Errors
    /// A missing split, too few classes, a class without training images, over
    /// 5 % of images that do not decode, a broken table of noisy labels, or too little
    /// memory.
    pub async fn finish(mut self, prepare: &mut impl Prepare) -> Result<Dataset, DataError> {
        let done = prepare.rest().await;
        self.store_prepared(done);
        self.ledger.check(None)?;
        self.settle_test();
        let ids: BTreeSet<String> =
            self.files.keys().filter_map(|path| class_of(path)).map(str::to_owned).collect();
        self.check_files(&ids)?;
        let classes: Vec<Class> = ids
            .iter()
            .map(|id| Class { id: id.clone(), name: layout::class_name(id).to_owned() })
            .collect();
        let labels: BTreeMap<&str, u8> =
            ids.iter().zip(0u8..).map(|(id, label)| (id.as_str(), label)).collect();

        let root = match &self.root {
            Root::Unknown => "",
            Root::OfTest(root) | Root::Known(root) => root.as_str(),
        };
        let tables: Vec<(&str, &NoisyLabels)> = self
            .tables
            .iter()
            .filter(|((folder, _), _)| folder == root)
            .map(|((_, file), table)| (file.as_str(), table))
            .collect();
        let files = self.files.iter().map(|(path, file)| (path.as_str(), &file.sha));
        let hash = content_hash(files.chain(tables.iter().map(|(file, it)| (*file, &it.sha))));

        let mut images = Vec::with_capacity(self.decoded as usize);
        let mut skipped = self.left_out;
        for (path, file) in self.files {
            let decoded = match file.state {
                FileState::Image(decoded) => decoded,
                FileState::Failed(error) => {
                    skipped.insert(path, error.to_string());
                    continue;
                }
                FileState::UnderWay(_) => {
                    skipped.insert(path, text::skipped_undecoded().to_owned());
                    continue;
                }
            };
            images.push(Image {
                label: class_of(&path).and_then(|id| labels.get(id)).copied().unwrap_or_default(),
                split: file.split,
                width: decoded.width,
                height: decoded.height,
                original_short_side: decoded.original_short_side,
                pixels: decoded.pixels,
                path,
            });
        }
        let official_noise = official_noise(&tables, root, &classes, &images)?;
        Ok(Dataset {
            name: self.name,
            synthetic: false,
            classes,
            images,
            hash,
            short_side: self.options.short_side,
            official_noise,
            skipped: skipped.into_iter().map(|(path, why)| with_reason(&path, &why)).collect(),
        })
    }

    /// Uses a test split as validation split if there is no other, and leaves it out if there is.
    fn settle_test(&mut self) {
        let is_test = |path: &str| path.split('/').next() == Some(layout::TEST);
        let is_valid = |path: &str, file: &ImageFile| file.split == Split::Valid && !is_test(path);
        let both = self.files.iter().any(|(path, file)| is_valid(path, file));
        let test: Vec<(String, ImageFile)> =
            self.files.extract_if(.., |path, _| is_test(path)).collect();
        if both && !test.is_empty() {
            let why = text::skipped_test(test.len());
            self.left_out.insert(format!("{}/", layout::TEST), why);
            return;
        }
        let renamed = test.into_iter().map(|(path, file)| {
            let inside = path.split_once('/').map_or("", |(_, inside)| inside);
            (format!("val/{inside}"), file)
        });
        self.files.extend(renamed.collect::<Vec<_>>());
    }

    fn check_files(&self, classes: &BTreeSet<String>) -> Result<(), DataError> {
        if self.files.is_empty() && self.left_out.is_empty() {
            let (name, example) = (self.name.clone(), self.stray.clone());
            return Err(DataError::NoImages { name, example });
        }
        for split in [Split::Train, Split::Valid] {
            if !self.files.values().any(|file| file.split == split) {
                return Err(self.no_split(split));
            }
        }
        if let Some(class) = classes.iter().nth(MAX_CLASSES) {
            return Err(DataError::TooManyClasses { limit: MAX_CLASSES, class: class.clone() });
        }
        if let (1, Some(class)) = (classes.len(), classes.first()) {
            return Err(DataError::TooFewClasses { class: class.clone() });
        }
        self.check_failed()?;

        let usable = |file: &ImageFile, split| {
            file.split == split && matches!(file.state, FileState::Image(_))
        };
        let trained: BTreeSet<&str> = self
            .files
            .iter()
            .filter(|(_, file)| usable(file, Split::Train))
            .filter_map(|(path, _)| class_of(path))
            .collect();
        if let Some(class) = classes.iter().find(|class| !trained.contains(class.as_str())) {
            let left_out = self.example(&format!("train/{class}/"));
            return Err(DataError::ClassWithoutTraining { class: class.clone(), left_out });
        }
        if !self.files.values().any(|file| usable(file, Split::Valid)) {
            return Err(self.no_split(Split::Valid));
        }
        Ok(())
    }

    /// Fails if more files could not be read than a data set may have. A file that is too large
    /// does not count.
    fn check_failed(&self) -> Result<(), DataError> {
        let mut names = Vec::new();
        let (mut broken, mut not_read) = (0, 0);
        for (path, file) in &self.files {
            let FileState::Failed(error) = &file.state else { continue };
            match error {
                DecodeError::Broken(_) => broken += 1,
                DecodeError::NotRead(_) => not_read += 1,
                DecodeError::TooLarge { .. } => continue,
            }
            if names.len() < LISTED_NAMES {
                names.push(with_reason(path, &error.to_string()));
            }
        }
        let total = self.files.len();
        if broken * BROKEN_ONE_IN <= total && not_read * NOT_READ_ONE_IN <= total {
            return Ok(());
        }
        let skipped = (broken + not_read) as u32;
        Err(DataError::TooManySkipped { skipped, total: total as u32, names })
    }

    fn no_split(&self, split: Split) -> DataError {
        let folder = if split == Split::Train { "train/" } else { "val/" };
        DataError::NoSplit { name: self.name.clone(), split, left_out: self.example(folder) }
    }

    /// A file in this folder that was left out, and why.
    fn example(&self, folder: &str) -> Option<String> {
        let failed = self.files.iter().find_map(|(path, file)| match &file.state {
            FileState::Failed(error) if path.starts_with(folder) => {
                Some(with_reason(path, &error.to_string()))
            }
            _ => None,
        });
        let mut left_out = self.left_out.iter();
        failed.or_else(|| {
            let found = left_out.find(|(path, _)| path.starts_with(folder));
            found.map(|(path, why)| with_reason(path, why))
        })
    }
}

/// The path of a file that was left out, with the reason.
fn with_reason(path: &str, why: &str) -> String {
    format!("{path}: {why}")
}

fn class_of(path: &str) -> Option<&str> {
    path.split('/').nth(1)
}

/// SHA-256 (hex) over the sorted image paths and then the tables of noisy labels, each
/// name followed by a zero byte and the SHA-256 of the file. Files that cannot be decoded are
/// included: the hash identifies the files, independently of the decoder.
pub(crate) fn content_hash<'a>(files: impl Iterator<Item = (&'a str, &'a [u8; 32])>) -> String {
    let mut hasher = Sha256::new();
    for (path, sha) in files {
        hasher.update(path.as_bytes());
        hasher.update([0]);
        hasher.update(sha);
    }
    hex(&hasher.finalize())
}

/// The labels of all tables of noisy labels.
fn official_noise(
    tables: &[(&str, &NoisyLabels)],
    root: &str,
    classes: &[Class],
    images: &[Image],
) -> Result<Option<NoiseColumns>, DataError> {
    let paths: BTreeSet<&str> = images
        .iter()
        .filter(|image| image.split == Split::Train)
        .map(|image| image.path.as_str())
        .collect();
    let mut columns = NoiseColumns::default();
    for (file, table) in tables {
        let read = noise::read(&join(root, file), &table.bytes, classes, &paths)?;
        columns.labels.extend(read.labels);
    }
    Ok(Some(columns).filter(|columns| !columns.labels.is_empty()))
}

pub(super) fn join(root: &str, file: &str) -> String {
    if root.is_empty() { file.to_owned() } else { format!("{root}/{file}") }
}
