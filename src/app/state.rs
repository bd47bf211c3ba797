//! Everything that the page shows, as plain data.

mod data;
mod run;
mod start;

pub use data::{DataState, LoadCause, Loaded, Loading, SampleDrawing, Served, Source, Whole};
pub use run::{Run, RunStatus};
pub(super) use start::{BreakPoint, InterruptedRun, PendingStart, QueuedRun};

use super::Attachments;
use super::models::ModelState;
use super::queue::Queue;
use super::storage::{Lookup, StorageState};
use crate::dataset::DatasetSummary;
use crate::engine::{EngineKind, Engines};
use crate::experiment::{DataSource, EngineChoice, Experiment};
use crate::format::percent;
use crate::progress::FailureKind;
use crate::protocol::RunId;
use crate::report::ErrorReport;
use crate::runs::UnfinishedRun;
use crate::runs::list::RunList;
use crate::runs::pair::Pick;
use crate::text;
use crate::view::View;
use std::rc::Rc;

/// Everything that the page shows.
#[derive(Clone, Debug, Default)]
pub struct AppState {
    /// The experiment that play would run now: the page's link.
    pub experiment: Experiment,
    /// What the page's link says is hidden and locked.
    pub view: View,
    /// A prediction was made, if the link asks for one: the first run may start.
    pub predicted: bool,
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
    pub shelf: Rc<RunList>,
    /// Trained models.
    pub models: ModelState,
    /// A run that a crash or a reload cut short and that can go on.
    pub unfinished: Option<Rc<UnfinishedRun>>,
    /// The runs of a sweep, and how far they are.
    pub queue: Option<Rc<Queue>>,
    /// The browser's storage.
    pub storage: StorageState,
    /// The two runs that are compared, as far as the person picked them.
    pub pick: Pick,
    /// Files that are being dropped.
    pub drop: DropState,
    /// The picture that was dropped or pasted last.
    pub picture: Option<GivenFile>,
    /// The file of a model that was dropped last.
    pub model_file: Option<GivenFile>,
    /// What went wrong in the page itself, if anything did.
    pub fault: Option<ErrorReport>,
    /// What is worse than it should be, newest last.
    pub warnings: Vec<String>,
    /// What assistive technology should say next.
    pub announcement: Announcement,
    pub(in crate::app) pending: Option<PendingStart>,
    /// What the page's link says.
    pub(in crate::app) linked: LinkSource,
    /// The queue has to be compared with the list of runs, the data and the engine.
    pub(in crate::app) queue_stale: bool,
    /// How far the queue is to go.
    pub(in crate::app) queue_goal: QueueGoal,
    /// Where an engine broke, if nothing has gone on since.
    pub(in crate::app) last_break: Option<BreakPoint>,
    /// The run that was given up and that the worker has yet to end.
    pub(in crate::app) draining: Option<RunId>,
    /// The last checkpoint of the run in progress.
    pub(in crate::app) checkpointed: Option<Rc<UnfinishedRun>>,
    /// The data, and their short side, that a new worker has to load again.
    pub(in crate::app) data_to_reload: Option<(Source, u32)>,
    /// Makes the ids of this visit's runs unique.
    pub(in crate::app) visit: String,
    /// Drawn once on this device: its seed in a class whose links say `seat=?`.
    pub(in crate::app) device_seed: u32,
    pub(in crate::app) runs_started: u32,
    pub(in crate::app) loads_started: u32,
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

/// What the page's link says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) enum LinkSource {
    /// The experiment.
    #[default]
    Experiment,
    /// The queue's sweep.
    Queue,
}

/// How far the queue is to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) enum QueueGoal {
    /// To its end.
    #[default]
    Finish,
    /// Until the time of a run is known.
    Measure,
}

/// Files on their way into the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DropState {
    /// Files are held over the page.
    pub hovering: bool,
    /// Files found so far in a dropped folder, while it is being read.
    pub found: Option<usize>,
}

/// A file that was dropped or pasted.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenFile {
    /// The browser's `File`.
    pub file: Attachments,
    /// Counts up from 1: the same file can be given twice.
    pub number: u32,
}

impl GivenFile {
    pub(in crate::app) fn after(before: Option<&Self>, file: Attachments) -> Self {
        Self { file, number: before.map_or(0, |before| before.number).wrapping_add(1) }
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
    /// The state at the start of a visit. `visit` makes its runs' ids unique over all tabs
    /// and devices; `device_seed` is the seed of this device in a class.
    pub fn new(visit: String, device_seed: u32) -> Self {
        Self { visit, device_seed, ..Self::default() }
    }

    /// What stands between the person and a run of [`Self::experiment`].
    pub fn readiness(&self) -> Readiness {
        if !self.model_is_here(&self.experiment) {
            // The store may have it: it is asked when the page opens.
            return if self.models.lookup == Lookup::Done {
                Readiness::ModelMissing
            } else {
                Readiness::Loading
            };
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
            // It is small, and this site has it.
            EngineState::Ready(_) if self.data.part(&self.experiment.data).is_some() => {
                Readiness::Ready
            }
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
            (RunStatus::Failed { .. }, _) if !self.goes_on() => {
                Some(text::headline_failed().into())
            }
            (RunStatus::Ended(_), Some(accuracy)) => Some(percent(accuracy)),
            (RunStatus::Ended(_), None) => None,
            (RunStatus::Paused, _) => {
                Some(text::headline_paused(&format!("{:.0}", 100.0 * fraction)))
            }
            _ => Some(text::headline_trained(&format!("{:.0}", (100.0 * fraction).floor()))),
        }
    }

    /// The page's link: the present experiment's, or the queue's sweep if that was
    /// opened or made last.
    pub fn link(&self) -> String {
        match self.queue.as_ref().filter(|_| self.linked == LinkSource::Queue) {
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
        let failed = self.run.as_ref().and_then(|run| Some((run, run.status.failure()?)));
        failed.is_some_and(|(run, kind)| {
            if kind == FailureKind::NoEngine {
                return true;
            }
            let engine = run.plan.as_ref().map(|plan| plan.engine == EngineKind::Webgpu);
            let taken = run.engine.map(|engine| engine == EngineKind::Webgpu);
            let asked = run.experiment.engine == EngineChoice::Webgpu;
            engine.or(taken).unwrap_or(asked)
        })
    }

    /// True while the link's prediction has to come before anything is trained.
    pub fn prediction_missing(&self) -> bool {
        self.view.predict && !self.predicted
    }

    /// True while a start waits for data, for the worker or for the last run.
    pub fn start_waits(&self) -> bool {
        self.pending.is_some()
    }

    /// What the experiment would be trained on here.
    pub fn expected_engine(&self) -> EngineKind {
        self.engine_for(self.experiment.engine)
    }

    pub(in crate::app) fn engine_for(&self, choice: EngineChoice) -> EngineKind {
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
