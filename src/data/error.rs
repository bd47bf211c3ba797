//! What can be wrong with a data set: one typed error for each way, each with
//! what failed, why, and what the person can do. Independent of burn and browsers.

use super::{LISTED_NAMES, Split};
use crate::report::ErrorReport;
use thiserror::Error;

/// Why a data set cannot be read or used. `Display` gives the cause with the
/// input it concerns; [`ErrorReport`] adds what failed and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The host asked to stop.
    #[error("reading was cancelled")]
    Cancelled,
    /// The file has no bytes.
    #[error("{name:?} is empty (0 bytes)")]
    Empty {
        /// The file.
        name: String,
    },
    /// Neither tar, nor gzip around tar, nor ZIP.
    #[error("{name:?} is not a .tgz, .tar or .zip archive: it looks like {found}")]
    NotAnArchive {
        /// The file.
        name: String,
        /// What its first bytes look like.
        found: &'static str,
    },
    /// The bytes end before the archive does.
    #[error("{name:?} ends too early, after {images} images: the download or copy is incomplete")]
    Truncated {
        /// The file.
        name: String,
        /// Images decoded before the end.
        images: u32,
    },
    /// The bytes contradict the format or its checksums.
    #[error("{name:?} is damaged: {detail}")]
    Corrupt {
        /// The file.
        name: String,
        /// The error of the decoder.
        detail: String,
    },
    /// The bytes could not be read from the host.
    #[error("{name:?} could not be read: {detail}")]
    Read {
        /// The file.
        name: String,
        /// The error of the host.
        detail: String,
    },
    /// An entry would lie outside the data set's folder.
    #[error("the entry {path:?} {reason}")]
    UnsafePath {
        /// The entry.
        path: String,
        /// How it escapes.
        reason: &'static str,
    },
    /// A table is declared larger than any should be.
    #[error("the entry {path:?} says that it has {bytes} bytes; at most {limit} are accepted")]
    EntryTooLarge {
        /// The entry.
        path: String,
        /// Its declared size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Unpacking yields far more than the entries declare.
    #[error("{name:?} unpacks to far more than a data set should: over {bytes} bytes")]
    ArchiveTooLarge {
        /// The file.
        name: String,
        /// Bytes unpacked when reading stopped.
        bytes: u64,
    },
    /// The decoded pixels do not fit into the memory allowed.
    #[error(
        "at {short_side} pixels the images need about {needed} bytes of memory; {limit} are allowed"
    )]
    Memory {
        /// The short side that was asked for.
        short_side: u32,
        /// Bytes needed: an estimate from the part read so far.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// The archive holds several data sets.
    #[error("two data sets in one: under {first:?} and under {second:?}")]
    TwoRoots {
        /// The leading folder seen first.
        first: String,
        /// The other.
        second: String,
    },
    /// Nothing lies where pictures are expected.
    #[error("{name:?} has no image under train/<class>/ or val/<class>/{}", stray(.example))]
    NoImages {
        /// The archive or folder.
        name: String,
        /// An image that lies elsewhere.
        example: Option<String>,
    },
    /// One of the two splits has no images.
    #[error("{name:?} has no images under {}{}", split_folder(*.split), example_text(.left_out))]
    NoSplit {
        /// The archive or folder.
        name: String,
        /// The split that is missing.
        split: Split,
        /// One of its files that was left out, and why.
        left_out: Option<String>,
    },
    /// Fewer than two classes.
    #[error("only one class was found: {class:?}; at least 2 are needed")]
    TooFewClasses {
        /// The only one.
        class: String,
    },
    /// More than twenty classes.
    #[error("more than {limit} classes were found, {class:?} among them")]
    TooManyClasses {
        /// The limit.
        limit: usize,
        /// The first beyond it.
        class: String,
    },
    /// A class that could never be learnt.
    #[error("the class {class:?} has no training images{}", example_text(.left_out))]
    ClassWithoutTraining {
        /// Its folder.
        class: String,
        /// One of its files that was left out, and why.
        left_out: Option<String>,
    },
    /// Over 5 % of the images do not decode, or over half are of formats not read.
    #[error("{skipped} of {total} images cannot be read, among them {}", list(.names))]
    TooManySkipped {
        /// How many cannot be read.
        skipped: u32,
        /// Of how many.
        total: u32,
        /// Up to ten of them, each with the reason.
        names: Vec<String>,
    },
    /// A table of noisy labels is not what it should be.
    #[error("the table of noisy labels {path:?} cannot be used: {detail}")]
    NoiseTable {
        /// Its path.
        path: String,
        /// What is wrong with it.
        detail: String,
    },
    /// An experiment leaves nothing to train or to measure on.
    #[error("the experiment selects no images of the {} split", split_folder(*.split))]
    NothingSelected {
        /// The empty split.
        split: Split,
    },
}

const LAYOUT: &str = "Use fast.ai's archive (imagenette2-160.tgz), or lay the images out as \
     train/<class>/<file> and val/<class>/<file>, with the same 2 to 20 classes in both";

impl DataError {
    /// What failed, in a few words.
    fn headline(&self) -> &'static str {
        match self {
            Self::Cancelled => "Reading was cancelled",
            Self::Empty { .. } | Self::NotAnArchive { .. } => "This is not an archive of images",
            Self::Truncated { .. } | Self::Corrupt { .. } => "The archive is damaged",
            Self::Read { .. } => "The data cannot be read",
            Self::UnsafePath { .. } => "The archive is not safe to read",
            Self::EntryTooLarge { .. } | Self::ArchiveTooLarge { .. } => {
                "Something in the data is absurdly large"
            }
            Self::Memory { .. } => "There is not enough memory",
            Self::TwoRoots { .. }
            | Self::NoImages { .. }
            | Self::NoSplit { .. }
            | Self::TooFewClasses { .. }
            | Self::TooManyClasses { .. }
            | Self::ClassWithoutTraining { .. } => "The data set is not laid out as expected",
            Self::TooManySkipped { .. } => "Too many images cannot be read",
            Self::NoiseTable { .. } => "The noisy labels cannot be read",
            Self::NothingSelected { .. } => "There is nothing to work on",
        }
    }

    /// What the person can do.
    fn remedy(&self) -> &'static str {
        match self {
            Self::Cancelled => "Load the data again when you like",
            Self::Empty { .. } | Self::Truncated { .. } | Self::Corrupt { .. } => {
                "Download or copy the file again, and compare its size with the original's"
            }
            Self::NotAnArchive { .. } => {
                "Choose a .tgz, .tar or .zip file; unpack any other kind and drop the folder instead"
            }
            Self::Read { .. } => {
                "Choose the file again: it may have been moved, changed or locked since"
            }
            Self::UnsafePath { .. } => {
                "Use an archive from a source you trust, or pack the plain files anew with \
                 paths relative to one folder"
            }
            Self::EntryTooLarge { .. } | Self::ArchiveTooLarge { .. } => {
                "Remove it from the data set, or use an archive from a source you trust"
            }
            Self::Memory { .. } => {
                "Choose a smaller image size, or the crop `pad`, or a data set with fewer images"
            }
            Self::TwoRoots { .. } => "Pack one of the two by itself",
            Self::TooManySkipped { .. } => {
                "Check that the files are intact JPEG, PNG or WebP images; convert other formats"
            }
            Self::NoiseTable { .. } => "Restore the original file, or remove it from the data set",
            Self::NothingSelected { .. } => "Choose a larger subset, or other data",
            Self::NoImages { .. }
            | Self::NoSplit { .. }
            | Self::TooFewClasses { .. }
            | Self::TooManyClasses { .. }
            | Self::ClassWithoutTraining { .. } => LAYOUT,
        }
    }
}

impl From<&DataError> for ErrorReport {
    fn from(error: &DataError) -> Self {
        Self::new(error.headline(), error.to_string(), error.remedy())
    }
}

/// Why one image does not decode.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The bytes are no intact JPEG, PNG or WebP image.
    #[error("{0}")]
    Broken(String),
    /// It is something else, and this is what.
    #[error("it is {0}, and not a JPEG, PNG or WebP image")]
    NotRead(String),
    /// It declares more pixels, or takes more memory to decode, than is allowed. Nothing
    /// was allocated for them.
    #[error("its {width} × {height} pixels take too much memory to decode")]
    TooLarge {
        /// Declared width.
        width: u32,
        /// Declared height.
        height: u32,
    },
}

fn split_folder(split: Split) -> &'static str {
    match split {
        Split::Train => "train/<class>/",
        Split::Valid => "val/<class>/",
    }
}

fn stray(example: &Option<String>) -> String {
    match example {
        Some(path) => format!(" (there is one at {path:?})"),
        None => String::new(),
    }
}

fn list(names: &[String]) -> String {
    let listed: Vec<&str> = names.iter().take(LISTED_NAMES).map(String::as_str).collect();
    listed.join("; ")
}

fn example_text(example: &Option<String>) -> String {
    match example {
        Some(file) => format!(" that could be read ({file})"),
        None => String::new(),
    }
}
