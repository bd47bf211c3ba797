//! What can be wrong with a data set: one typed error for each way, each with
//! what failed, why, and what the person can do. Independent of burn and browsers.

use super::kind::FileKind;
use super::{LISTED_NAMES, Split};
use crate::report::ErrorReport;
use crate::text;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

/// Why a data set cannot be read or used. `Display` gives the cause with the
/// input it concerns; [`ErrorReport`] adds what failed and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataError {
    /// The host asked to stop.
    Cancelled,
    /// The file has no bytes.
    Empty {
        /// The file.
        name: String,
    },
    /// Neither tar, nor gzip around tar, nor ZIP.
    NotAnArchive {
        /// The file.
        name: String,
        /// What its first bytes look like.
        found: FileKind,
    },
    /// The bytes end before the archive does.
    Truncated {
        /// The file.
        name: String,
        /// Images decoded before the end.
        images: u32,
    },
    /// The bytes contradict the format or its checksums.
    Corrupt {
        /// The file.
        name: String,
        /// The error of the decoder.
        detail: String,
    },
    /// The bytes could not be read from the host.
    Read {
        /// The file.
        name: String,
        /// The error of the host.
        detail: String,
    },
    /// An entry would lie outside the data set's folder.
    UnsafePath {
        /// The entry.
        path: String,
        /// How it escapes.
        escape: Escape,
    },
    /// A table is declared larger than any should be.
    EntryTooLarge {
        /// The entry.
        path: String,
        /// Its declared size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Unpacking yields far more than the entries declare.
    ArchiveTooLarge {
        /// The file.
        name: String,
        /// Bytes unpacked when reading stopped.
        bytes: u64,
    },
    /// The decoded pixels do not fit into the memory allowed.
    Memory {
        /// The short side that was asked for.
        short_side: u32,
        /// Bytes needed: an estimate from the part read so far.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// The archive holds several data sets.
    TwoRoots {
        /// The leading folder seen first.
        first: String,
        /// The other.
        second: String,
    },
    /// Nothing lies where pictures are expected.
    NoImages {
        /// The archive or folder.
        name: String,
        /// An image that lies elsewhere.
        example: Option<String>,
    },
    /// One of the two splits has no images.
    NoSplit {
        /// The archive or folder.
        name: String,
        /// The split that is missing.
        split: Split,
        /// One of its files that was left out, and why.
        left_out: Option<String>,
    },
    /// Fewer than two classes.
    TooFewClasses {
        /// The only one.
        class: String,
    },
    /// More than twenty classes.
    TooManyClasses {
        /// The limit.
        limit: usize,
        /// The first beyond it.
        class: String,
    },
    /// A class that could never be learnt.
    ClassWithoutTraining {
        /// Its folder.
        class: String,
        /// One of its files that was left out, and why.
        left_out: Option<String>,
    },
    /// Over 5 % of the images do not decode, or over half are of formats not read.
    TooManySkipped {
        /// How many cannot be read.
        skipped: u32,
        /// Of how many.
        total: u32,
        /// Up to ten of them, each with the reason.
        names: Vec<String>,
    },
    /// A table of noisy labels is not what it should be.
    NoiseTable {
        /// Its path.
        path: String,
        /// What is wrong with it.
        detail: String,
    },
    /// An experiment leaves nothing to train or to measure on.
    NothingSelected {
        /// The empty split.
        split: Split,
    },
}

/// How an entry of an archive would leave the data set's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Through `..`.
    Parent,
    /// Its path is absolute, and others are not.
    Absolute,
    /// Its path is not absolute, and others are.
    NotAbsolute,
}

impl Error for DataError {}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause())
    }
}

impl DataError {
    /// The cause, with the input it concerns.
    fn cause(&self) -> String {
        match self {
            Self::Cancelled => text::fault_cancelled().to_owned(),
            Self::Empty { name } => text::fault_empty(&quoted(name)),
            Self::NotAnArchive { name, found } => {
                text::fault_not_an_archive(&quoted(name), found.name())
            }
            Self::Truncated { name, images } => text::fault_truncated(&quoted(name), *images),
            Self::Corrupt { name, detail } => text::fault_corrupt(&quoted(name), detail),
            Self::Read { name, detail } => text::fault_read(&quoted(name), detail),
            Self::UnsafePath { path, escape } => match escape {
                Escape::Parent => text::fault_parent(&quoted(path)),
                Escape::Absolute => text::fault_absolute(&quoted(path)),
                Escape::NotAbsolute => text::fault_not_absolute(&quoted(path)),
            },
            Self::EntryTooLarge { path, bytes, limit } => {
                text::fault_entry_too_large(&quoted(path), *bytes, *limit)
            }
            Self::ArchiveTooLarge { name, bytes } => {
                text::fault_archive_too_large(&quoted(name), *bytes)
            }
            Self::Memory { short_side, needed, limit } => {
                text::fault_memory(&short_side.to_string(), *needed, *limit)
            }
            Self::TwoRoots { first, second } => {
                text::fault_two_roots(&quoted(first), &quoted(second))
            }
            Self::NoImages { name, example: None } => text::fault_no_images(&quoted(name)),
            Self::NoImages { name, example: Some(path) } => {
                text::fault_no_images_stray(&quoted(name), &quoted(path))
            }
            Self::NoSplit { name, split, left_out: None } => {
                text::fault_no_split(&quoted(name), split_folder(*split))
            }
            Self::NoSplit { name, split, left_out: Some(file) } => {
                text::fault_no_split_example(&quoted(name), split_folder(*split), file)
            }
            Self::TooFewClasses { class } => text::fault_one_class(&quoted(class)),
            Self::TooManyClasses { limit, class } => {
                text::fault_too_many_classes(*limit, &quoted(class))
            }
            Self::ClassWithoutTraining { class, left_out: None } => {
                text::fault_class_untrained(&quoted(class))
            }
            Self::ClassWithoutTraining { class, left_out: Some(file) } => {
                text::fault_class_untrained_example(&quoted(class), file)
            }
            Self::TooManySkipped { skipped, total, names } => {
                text::fault_too_many_skipped(*skipped, *total, &list(names))
            }
            Self::NoiseTable { path, detail } => text::fault_noise_table(&quoted(path), detail),
            Self::NothingSelected { split } => text::fault_nothing_selected(split_folder(*split)),
        }
    }

    /// What failed, in a few words, and what the person can do.
    fn headline_and_remedy(&self) -> [&'static str; 2] {
        match self {
            Self::Cancelled => [text::fault_what_cancelled(), text::fault_do_cancelled()],
            Self::Empty { .. } => [text::fault_what_archive(), text::fault_do_damaged()],
            Self::NotAnArchive { .. } => [text::fault_what_archive(), text::fault_do_archive()],
            Self::Truncated { .. } | Self::Corrupt { .. } => {
                [text::fault_what_damaged(), text::fault_do_damaged()]
            }
            Self::Read { .. } => [text::fault_what_read(), text::fault_do_read()],
            Self::UnsafePath { .. } => [text::fault_what_unsafe(), text::fault_do_unsafe()],
            Self::EntryTooLarge { .. } | Self::ArchiveTooLarge { .. } => {
                [text::fault_what_large(), text::fault_do_large()]
            }
            Self::Memory { .. } => [text::fault_what_memory(), text::fault_do_memory()],
            Self::TwoRoots { .. } => [text::fault_what_layout(), text::fault_do_two_roots()],
            Self::NoImages { .. }
            | Self::NoSplit { .. }
            | Self::TooFewClasses { .. }
            | Self::TooManyClasses { .. }
            | Self::ClassWithoutTraining { .. } => {
                [text::fault_what_layout(), text::fault_do_layout()]
            }
            Self::TooManySkipped { .. } => [text::fault_what_skipped(), text::fault_do_skipped()],
            Self::NoiseTable { .. } => [text::fault_what_noise(), text::fault_do_noise()],
            Self::NothingSelected { .. } => [text::fault_what_nothing(), text::fault_do_nothing()],
        }
    }
}

impl From<&DataError> for ErrorReport {
    fn from(error: &DataError) -> Self {
        let [what, remedy] = error.headline_and_remedy();
        Self::new(what, error.cause(), remedy)
    }
}

/// Why one image does not decode. The helpers that decode have no texts, so it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes are no intact JPEG, PNG or WebP image.
    Broken(Flaw),
    /// It is something else, and this is what.
    NotRead(FileKind),
    /// It declares more pixels, or takes more memory to decode, than is allowed. Nothing
    /// was allocated for them.
    TooLarge {
        /// Declared width.
        width: u32,
        /// Declared height.
        height: u32,
    },
}

/// What is wrong with an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flaw {
    /// It has no bytes.
    Empty,
    /// Its bytes end before the image does.
    Cut,
    /// It is 0 pixels wide or high.
    NoPixels,
    /// In the words of the decoder.
    Other(String),
}

impl Error for DecodeError {}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Broken(Flaw::Empty) => text::picture_empty().to_owned(),
            Self::Broken(Flaw::Cut) => text::picture_cut().to_owned(),
            Self::Broken(Flaw::NoPixels) => text::picture_no_pixels().to_owned(),
            Self::Broken(Flaw::Other(why)) => why.clone(),
            Self::NotRead(kind) => text::picture_not_read(kind.name()),
            Self::TooLarge { width, height } => {
                text::picture_too_large(&width.to_string(), &height.to_string())
            }
        })
    }
}

/// A name in quotes, in which nothing leaves the line.
fn quoted(name: &str) -> String {
    text::fault_quoted(&name.escape_debug().to_string())
}

fn split_folder(split: Split) -> &'static str {
    match split {
        Split::Train => "train/<class>/",
        Split::Valid => "val/<class>/",
    }
}

fn list(names: &[String]) -> String {
    let listed: Vec<&str> = names.iter().take(LISTED_NAMES).map(String::as_str).collect();
    listed.join("; ")
}
