//! The data set in the worker, and how one gets there.

use crate::app::Attachments;
use crate::dataset::{CachedDataset, DatasetSummary, LoadProgress};
use crate::experiment::DataSource;
use crate::protocol::{LoadId, LoadSource};
use crate::report::ErrorReport;
use crate::text;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// The data set in the worker, and the one on its way there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataState {
    /// The data set in place.
    pub loaded: Option<Loaded>,
    /// The load in progress.
    pub loading: Option<Loading>,
    /// How far the worker is with images that it reads again at another side.
    pub again: Option<LoadProgress>,
    /// When the sample is drawn.
    pub sample: SampleDrawing,
    /// Why the last load brought nothing.
    pub error: Option<ErrorReport>,
    /// An archive that the site offers.
    pub served: Option<Served>,
    /// That archive, where it is fetched while its first part is in use.
    pub whole: Option<Whole>,
    /// The archive or folder that the person gave last: it can be read again.
    pub given: Option<Source>,
    /// What the browser keeps decoded for the next visit.
    pub cached: Option<CachedDataset>,
}

impl DataState {
    /// The first part of the served archive, if it is what `data` names.
    pub fn part(&self, data: &DataSource) -> Option<Source> {
        let part = self.served.as_ref()?.part.as_ref()?;
        let source = Source::Url(part.url.clone());
        (source.data() == *data).then_some(source)
    }
}

/// A data set in place.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// Where it came from.
    pub source: Source,
    /// What it holds.
    pub summary: Rc<DatasetSummary>,
}

/// A load in progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Loading {
    /// Its name in the events.
    pub id: LoadId,
    /// What is being read.
    pub source: Source,
    /// Short side that the images are stored at.
    pub short_side: u32,
    /// Why it is read.
    pub cause: LoadCause,
    /// How far it is.
    pub progress: LoadProgress,
}

/// Why a data set is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadCause {
    /// The person chose it: the experiment names these data once they are there.
    Chosen,
    /// The experiment names it.
    Needed,
    /// The images are there at another size, as this sentence says.
    Resized(String),
}

/// When the built-in sample is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleDrawing {
    /// As soon as an experiment needs it.
    #[default]
    Automatic,
    /// At a click: it failed or was cancelled before.
    OnRequest,
}

/// Where a data set comes from, as the page sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The built-in drawings.
    Sample,
    /// What the browser keeps from an earlier visit.
    Cached(CachedDataset),
    /// Files that the person gave.
    Given {
        /// What they are.
        source: LoadSource,
        /// The browser's `File`s, in the order of the source's paths.
        files: Attachments,
    },
    /// The archive that this site serves.
    Served(Served),
    /// An archive elsewhere.
    Url(String),
}

impl Source {
    /// The value of `data` in a link for data from here.
    pub fn data(&self) -> DataSource {
        match self {
            Self::Sample => DataSource::Sample,
            Self::Cached(cached) => DataSource::of_text(&cached.data),
            Self::Given { .. } | Self::Served(_) => DataSource::Imagenette,
            Self::Url(url) => DataSource::Url(url.clone()),
        }
    }

    /// The same for the worker.
    pub fn load_source(&self) -> LoadSource {
        match self {
            Self::Sample => LoadSource::Sample,
            Self::Cached(_) => LoadSource::Cached,
            Self::Given { source, .. } => source.clone(),
            Self::Served(served) => LoadSource::Url { url: served.url.clone() },
            Self::Url(url) => LoadSource::Url { url: url.clone() },
        }
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Sample => text::data_sample_name(),
            Self::Cached(cached) => &cached.name,
            Self::Given { source, .. } => match source {
                LoadSource::File { name } | LoadSource::Folder { name, .. } => name,
                LoadSource::Sample | LoadSource::Cached | LoadSource::Url { .. } => {
                    text::data_your_data()
                }
            },
            Self::Served(served) => &served.name,
            Self::Url(url) => url,
        }
    }
}

/// An archive that the site serves beside the page: `data/served.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// Its file name.
    pub name: String,
    /// Its address; absolute once the page has read it.
    pub url: String,
    /// Its size.
    pub bytes: u64,
    /// How many images it holds, if it is a first part of another one.
    pub images: Option<u32>,
    /// A small first part of it, if the site serves one: a data set of its own, known by its
    /// address. The same type, so that the page contains one reader.
    pub part: Option<Box<Served>>,
}

/// The served archive, fetched beside what the worker does.
#[derive(Clone, Debug, PartialEq)]
pub enum Whole {
    /// So many bytes of it have arrived.
    Arriving(f64),
    /// All of it can be read from here.
    Here(Source),
}
