//! The page's state, without the page: the experiment being edited, the data
//! set, the run, the finished runs. Changed only by [`AppState::apply`], which
//! is pure: it takes what happened and returns what has to be done. Independent
//! of yew, burn and browsers.

pub mod estimate;
pub mod format;
pub mod models;
pub mod queue;
pub mod thumbnails;
mod update;

pub use update::{Action, Effect, QueueAction, STOP_PATIENCE};

use crate::dataset::{CachedDataset, DatasetSummary, LoadProgress};
use crate::engine::EngineKind;
use crate::engine::Engines;
use crate::experiment::{DataSource, EngineChoice, Experiment};
use crate::progress::{FailureKind, RunPlan, RunProgress};
use crate::protocol::{Begin, LoadId, LoadSource, RunId};
use crate::record::Outcome;
use crate::report::ErrorReport;
use crate::runs::format::percent;
use crate::runs::shelf::Shelf;
use crate::runs::{LiveRun, UnfinishedRun};
use queue::Queue;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use update::{Queued, Stored};

/// Everything that the page shows.
#[derive(Clone, Debug, Default)]
pub struct AppState {
    /// The experiment that play would run now: the page's link.
    pub experiment: Experiment,
    /// What was dropped from or clamped in the link, in sentences.
    pub notices: Vec<String>,
    /// The worker.
    pub engine: EngineState,
    /// The data set and the loading of one.
    pub data: DataState,
    /// The run in progress, or the last one of this visit.
    pub run: Option<Run>,
    /// Finished and stopped runs, those of earlier visits included, the baseline
    /// and the overlays.
    pub shelf: Rc<Shelf>,
    /// Trained models.
    pub models: models::ModelState,
    /// A run that a crash or a reload cut short and that can go on.
    pub unfinished: Option<Rc<UnfinishedRun>>,
    /// The runs of a sweep, and how far they are.
    pub queue: Option<Rc<Queue>>,
    /// What went wrong in the page itself, if anything did.
    pub fault: Option<ErrorReport>,
    /// What is worse than it should be, newest last.
    pub warnings: Vec<String>,
    /// What assistive technology should say next.
    pub announcement: Announcement,
    pending: Option<Pending>,
    /// The page's link is the queue's sweep.
    queue_linked: bool,
    /// The queue has to be compared with the list of runs.
    queue_stale: bool,
    /// The queue has to be kept.
    queue_changed: bool,
    /// The queue holds as soon as its run was measured.
    measuring: bool,
    /// Where an engine broke, if nothing has gone on since.
    broke: Option<Place>,
    stored: Stored,
    draining: Option<RunId>,
    kept: Option<Rc<UnfinishedRun>>,
    reload: Option<(Source, u32)>,
    visit: String,
    runs_started: u32,
    loads_started: u32,
}

/// Whether the worker can be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum EngineState {
    /// Not heard of yet.
    #[default]
    Starting,
    /// It takes commands.
    Ready(Rc<Engines>),
    /// It was built at another time than the page.
    Outdated {
        /// The worker's build id.
        build: String,
    },
    /// It is gone and must be restarted.
    Crashed(ErrorReport),
}

/// The data set in the worker, and the one on its way there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataState {
    /// The data set in place.
    pub loaded: Option<Loaded>,
    /// The load in progress.
    pub loading: Option<Loading>,
    /// Drawing the sample failed or was cancelled: it takes a click to try again.
    pub sample_failed: bool,
    /// Why the last load brought nothing.
    pub error: Option<ErrorReport>,
    /// An archive that the site offers.
    pub served: Option<Served>,
    /// The archive or folder that the person gave last: it can be read again.
    pub given: Option<Source>,
    /// What the browser keeps decoded for the next visit.
    pub kept: Option<CachedDataset>,
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
    /// Why it is read a second time, in a sentence.
    pub reason: Option<String>,
    /// The experiment shall name these data once they are there.
    pub adopt: bool,
    /// How far it is.
    pub progress: LoadProgress,
}

/// Where a data set comes from, as the page sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The built-in drawings.
    Sample,
    /// What the browser keeps from an earlier visit.
    Kept(CachedDataset),
    /// Files that the person gave; the page keeps them under this number.
    Given {
        /// What they are.
        source: LoadSource,
        /// Names them among those that the page holds.
        files: u32,
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
            Self::Kept(kept) => DataSource::of_text(&kept.data),
            Self::Given { .. } | Self::Served(_) => DataSource::Imagenette,
            Self::Url(url) => DataSource::Url(url.clone()),
        }
    }

    /// The same for the worker.
    pub fn load_source(&self) -> LoadSource {
        match self {
            Self::Sample => LoadSource::Sample,
            Self::Kept(_) => LoadSource::Kept,
            Self::Given { source, .. } => source.clone(),
            Self::Served(served) => LoadSource::Url { url: served.url.clone() },
            Self::Url(url) => LoadSource::Url { url: url.clone() },
        }
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Sample => "the built-in sample",
            Self::Kept(kept) => &kept.name,
            Self::Given { source, .. } => match source {
                LoadSource::File { name } | LoadSource::Folder { name, .. } => name,
                LoadSource::Sample | LoadSource::Kept | LoadSource::Url { .. } => "your data",
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
}

/// The run in progress, or the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its name in the events.
    pub id: RunId,
    /// Its id in the list of runs.
    pub key: String,
    /// What is trained.
    pub experiment: Experiment,
    /// What it is doing.
    pub status: RunStatus,
    /// What the worker said at its start.
    pub plan: Option<Rc<RunPlan>>,
    /// Its rows and its training curve so far.
    pub live: Rc<LiveRun>,
    /// Where it is; without the points, which are in `live`.
    pub progress: Option<RunProgress>,
    /// What its failure means, if it failed.
    pub failure: FailureKind,
    /// How it begins.
    begin: Begin,
    /// The engine that it was begun on before a crash: it takes no other.
    engine: Option<EngineKind>,
    /// The run of the queue that it is.
    item: Option<Queued>,
    /// Hash of the data set that it trains on.
    dataset_hash: String,
    /// Seconds into the run at which an epoch was last announced.
    announced: f64,
}

/// What a run is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStatus {
    /// The files that it begins with are read; the worker does not know of it.
    Reading,
    /// The worker prepares it.
    Starting,
    /// It trains.
    Running,
    /// It was asked to hold.
    Pausing,
    /// It holds.
    Paused,
    /// It was asked to end.
    Stopping,
    /// It is over.
    Ended(Outcome),
    /// It could not go on.
    Failed(ErrorReport),
}

impl RunStatus {
    /// True until the run has ended or failed.
    pub fn is_active(&self) -> bool {
        !matches!(self, Self::Ended(_) | Self::Failed(_))
    }
}

/// A sentence for the live region. The number makes two equal sentences differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// How many there were.
    pub count: u32,
    /// The sentence.
    pub text: String,
}

/// A start that waits until the worker, the data and the last run are out of the way.
#[derive(Clone, Debug, PartialEq)]
struct Pending {
    /// The run to go on with, instead of a new one.
    resume: Option<Rc<UnfinishedRun>>,
    /// What comes after the start.
    begin: Begin,
    /// The data were read again for it; once is enough.
    reread: bool,
    /// The run of the queue that it is, instead of the present experiment.
    item: Option<Queued>,
    /// The run that a broken engine cut short, instead of the present experiment.
    cut: Option<Cut>,
}

impl Pending {
    /// A new run of the present experiment.
    fn new(begin: Begin) -> Self {
        Self { resume: None, begin, reread: false, item: None, cut: None }
    }
}

/// A run that a broken engine cut short and that starts again by itself.
#[derive(Clone, Debug, PartialEq)]
struct Cut {
    /// Its id in the list of runs.
    key: String,
    /// What is trained.
    experiment: Experiment,
    /// The engine that it was trained on, if it came so far.
    engine: Option<EngineKind>,
    /// Epochs that had ended.
    epochs: usize,
}

/// Where an engine broke: twice in a row at the same place is once too often.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// Id of the run that it was training, if it was.
    run: Option<String>,
    /// Epochs of it that had ended.
    epochs: usize,
}

/// What stands between the person and a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Play starts at once.
    Ready,
    /// The worker is not up.
    EngineStarting,
    /// The worker is gone, or of another build.
    EngineBroken,
    /// A data set is on its way, or the list of the stored models is.
    Loading,
    /// The data that the experiment names are not there.
    DataMissing,
    /// The saved model that the experiment starts from is not there.
    ModelMissing,
}

impl AppState {
    /// The state at the start of a visit: `visit` makes its runs' ids unique over
    /// all tabs and devices.
    pub fn new(visit: String) -> Self {
        Self { visit, ..Self::default() }
    }

    /// What stands between the person and a run of [`Self::experiment`].
    pub fn readiness(&self) -> Readiness {
        if !self.model_is_here(&self.experiment) {
            // The store may have it: it is asked when the page opens.
            return if self.models.read { Readiness::ModelMissing } else { Readiness::Loading };
        }
        match self.engine {
            EngineState::Outdated { .. } | EngineState::Crashed(_) => Readiness::EngineBroken,
            _ if self.data.loading.is_some() => Readiness::Loading,
            EngineState::Starting => match self.experiment.data {
                DataSource::Sample => Readiness::EngineStarting,
                _ => Readiness::DataMissing,
            },
            EngineState::Ready(_) if self.data_match() => Readiness::Ready,
            // The sample is drawn on demand, so it is never missing.
            EngineState::Ready(_) if self.experiment.data == DataSource::Sample => Readiness::Ready,
            EngineState::Ready(_) => Readiness::DataMissing,
        }
    }

    /// True if the data set in place is the one that the experiment names.
    pub fn data_match(&self) -> bool {
        let loaded = self.data.loaded.as_ref();
        loaded.is_some_and(|loaded| loaded.source.data() == self.experiment.data)
    }

    /// The data set in place, if the experiment names it.
    pub fn dataset(&self) -> Option<&DatasetSummary> {
        let loaded = self.data.loaded.as_ref().filter(|_| self.data_match());
        loaded.map(|loaded| &*loaded.summary)
    }

    /// What the window's title says of the run, for who looks at another tab.
    pub fn headline(&self) -> Option<String> {
        let run = self.run.as_ref()?;
        let fraction = run.progress.as_ref().map_or(0.0, |progress| progress.fraction);
        let accuracy = run.live.tta.map(|tta| tta.accuracy);
        let accuracy = accuracy.or_else(|| run.live.rows.last().map(|row| row.accuracy));
        match (&run.status, accuracy) {
            (RunStatus::Failed(_), _) if !self.goes_on() => Some("failed".into()),
            (RunStatus::Ended(_), Some(accuracy)) => Some(percent(accuracy)),
            (RunStatus::Ended(_), None) => None,
            (RunStatus::Paused, _) => Some(format!("paused at {:.0}%", 100.0 * fraction)),
            _ => Some(format!("{:.0}% trained", (100.0 * fraction).floor())),
        }
    }

    /// The page's link: the present experiment's, or the queue's sweep if that was
    /// opened or made last.
    pub fn link(&self) -> String {
        match self.queue.as_ref().filter(|_| self.queue_linked) {
            Some(queue) => queue.plan().link(),
            None => self.experiment.link(),
        }
    }

    /// A run that is going on.
    pub fn active_run(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.status.is_active())
    }

    /// True of the run in progress, or the last one, if it is one of the queue's.
    pub fn is_queued(&self, run: &Run) -> bool {
        run.item.is_some()
    }

    /// True while a run that a broken engine cut short waits to go on by itself.
    pub fn goes_on(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.cut.is_some())
    }

    /// True if the last run failed on the graphics card, so that the CPU is another way.
    pub fn cpu_may_do(&self) -> bool {
        let failed = self.run.as_ref().filter(|run| matches!(run.status, RunStatus::Failed(_)));
        failed.is_some_and(|run| {
            if run.failure == FailureKind::NoEngine {
                return true;
            }
            let engine = run.plan.as_ref().map(|plan| plan.engine == EngineKind::Webgpu);
            let taken = run.engine.map(|engine| engine == EngineKind::Webgpu);
            let asked = run.experiment.engine == EngineChoice::Webgpu;
            engine.or(taken).unwrap_or(asked)
        })
    }

    /// True while a start waits for data, for the worker or for the last run.
    pub fn start_waits(&self) -> bool {
        self.pending.is_some()
    }

    /// What the experiment would be trained on here.
    pub fn expected_engine(&self) -> EngineKind {
        self.engine_for(self.experiment.engine)
    }

    fn engine_for(&self, choice: EngineChoice) -> EngineKind {
        let hardware = match &self.engine {
            EngineState::Ready(engines) => {
                engines.webgpu.as_ref().is_ok_and(|adapter| !adapter.software)
            }
            _ => false,
        };
        match choice {
            EngineChoice::Webgpu => EngineKind::Webgpu,
            EngineChoice::Cpu => EngineKind::Cpu,
            EngineChoice::Auto if hardware => EngineKind::Webgpu,
            EngineChoice::Auto => EngineKind::Cpu,
        }
    }
}
