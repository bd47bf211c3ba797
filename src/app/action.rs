//! What can happen to the app.

use super::Attachments;
use super::queue::Move;
use super::state::{Served, Source};
use super::storage::{DeletedRuns, ImportedRuns, Space, StoredParts};
use crate::experiment::technique::Technique;
use crate::protocol::{Event, RunId};
use crate::record::Predictions;
use crate::report::ErrorReport;
use crate::runs::list::Choices;
use crate::runs::opened::OpenedRuns;
use crate::runs::pair::Pick;
use crate::runs::{RunEntry, UnfinishedRun};
use crate::saved::ModelCard;
use crate::sweep::Preset;
use std::rc::Rc;

/// Something that happened: a person's request, an event of the worker or of the
/// browser.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The page was opened with this fragment.
    LinkOpened(String),
    /// The fragment was changed under the open page: nothing starts by itself.
    LinkChanged(String),
    /// A field was given a value, as links write it.
    Set {
        /// The key of links.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// A technique was switched.
    Toggle {
        /// Which.
        technique: Technique,
        /// On or off.
        on: bool,
    },
    /// A language was chosen on this device: the link asks for none any more.
    LanguageChosen,
    /// The next seed is wanted.
    NewSeed,
    /// The notices about the link were read.
    NoticesRead,
    /// The warnings were read.
    WarningsRead,
    /// The message about the page's own error was read.
    FaultRead,
    /// The message about the failed load was read.
    LoadErrorRead,
    /// The site offers an archive.
    ServedFound(Served),
    /// Something is wanted of the served archive while its first part is in use, or it arrives.
    Whole(WholeNews),
    /// This data set is wanted.
    Load(Source),
    /// Delete the images that the browser keeps.
    DeleteCachedData,
    /// The load in progress is not wanted any more.
    CancelLoad,
    /// The prediction that the link asks for was made, or cannot be asked for.
    Predicted,
    /// Start the experiment.
    Play,
    /// Start the experiment, or go on with it, for one batch.
    Step,
    /// Hold.
    Pause,
    /// Go on.
    Resume,
    /// End the run and keep what it gave.
    Stop,
    /// Forget the run and be as before it.
    Reset,
    /// The start that waits is not wanted any more.
    CancelStart,
    /// Run the experiment on the built-in sample, whatever its link says.
    RunOnSample,
    /// Start from fresh weights, whatever the link says.
    WithoutSavedModel,
    /// The store was asked for its models; these are all there are.
    ModelsRead(Vec<ModelCard>),
    /// The file of a model is here.
    ModelOpened(ModelCard),
    /// The file of a model is not kept any more.
    ModelForgotten(String),
    /// Make the experiment start from this model, by its hash.
    StartFrom(String),
    /// Go on with the unfinished run.
    ResumeUnfinished,
    /// The unfinished run is not wanted any more.
    ForgetUnfinished,
    /// Start the worker anew.
    RestartEngine,
    /// The files that a run begins with were read: its checkpoint, if it goes on from
    /// one, then its model, if it starts from one.
    RunFilesRead {
        /// Names the run.
        run: RunId,
        /// The files.
        files: Attachments,
    },
    /// The files that a run begins with cannot be read.
    RunFilesFailed {
        /// Names the run.
        run: RunId,
        /// Why.
        error: ErrorReport,
    },
    /// Train the run that failed last again with one key changed, as a new run.
    TrainInstead {
        /// The key of links.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// Compare with this run from now on, or with none.
    BaselineChosen(Option<String>),
    /// Draw this run over the curves, or no longer.
    OverlayToggled {
        /// Which.
        id: String,
        /// Drawn or not.
        on: bool,
    },
    /// Delete a run, by its id.
    DeleteRun(String),
    /// Delete all runs.
    DeleteAllRuns,
    /// Bring back what was deleted last.
    UndoDelete,
    /// Ask the browser to keep what is stored until the person clears it.
    PersistStorage,
    /// Download all runs as one file.
    ExportRuns,
    /// Import the runs of this file.
    ImportRuns(Attachments),
    /// Download a run as JSON.
    DownloadRun {
        /// The run's id.
        id: String,
        /// With its log-probabilities.
        probabilities: bool,
    },
    /// Compare these two runs image by image.
    ComparePair(Pick),
    /// The store is open.
    StoreOpened,
    /// There is no store.
    StoreUnavailable(ErrorReport),
    /// Another tab, of an older version of the page, keeps the store from being opened.
    StoreBlocked,
    /// Another tab changed what is stored.
    StoreChanged,
    /// The browser closed the store.
    StoreClosed,
    /// A newer version of the page took the store over.
    StoreOutdated,
    /// The stored runs were read: these are all there are.
    StoredRunsRead(Vec<Rc<RunEntry>>),
    /// The stored runs cannot be read.
    StoredRunsUnreadable(ErrorReport),
    /// The store holds a run that was cut short.
    UnfinishedFound(Rc<UnfinishedRun>),
    /// A run was stored.
    RunStored {
        /// The run.
        entry: Rc<RunEntry>,
        /// How much of it.
        parts: StoredParts,
    },
    /// Runs were deleted from the store.
    RunsDeleted(DeletedRuns),
    /// Deleted runs are in the store again, by their ids.
    RunsRestored(Vec<String>),
    /// A file of runs was imported.
    RunsImported(ImportedRuns),
    /// A file of runs could not be imported at all.
    ImportFailed(ErrorReport),
    /// The baseline and the overlays before a reload.
    ChoicesRead(Choices),
    /// What the site uses of the browser's space.
    SpaceMeasured(Option<Space>),
    /// Train a run again with one technique switched and all else the same.
    Twin {
        /// The run.
        id: String,
        /// What is switched.
        technique: Technique,
    },
    /// The store holds no run that was cut short.
    NothingUnfinished,
    /// Files of runs, and perhaps of the sweep that they belong to, were read.
    OpenedRunsRead(OpenedRuns),
    /// Files are held over the page, or no longer.
    FilesHovering(bool),
    /// A dropped folder is being read, and so many files were found; `None` once it is.
    FilesFound(Option<usize>),
    /// The person gave a picture.
    PictureGiven(Attachments),
    /// The person gave the file of a saved model.
    ModelFileGiven(Attachments),
    /// Something is wanted of the queue.
    Queue(QueueAction),
    /// This tab kept a queue, as [`super::Effect::SaveQueue`] wrote it.
    QueueRestored(String),
    /// This tab is a copy of another one, and the queue that it kept is that tab's.
    QueueElsewhere,
    /// The predictions of a run were read.
    PredictionsRead {
        /// The run.
        id: String,
        /// What it predicted.
        predictions: Rc<Predictions>,
    },
    /// Something is worse than it should be.
    Warned(String),
    /// The worker reported something.
    EngineReported {
        /// What.
        event: Box<Event>,
        /// When, ISO 8601 in UTC.
        at: String,
        /// The buffers that came with it.
        attachments: Attachments,
    },
    /// The worker broke without a report.
    EngineFailed(ErrorReport),
    /// The worker did not stop in time.
    StopTimedOut(RunId),
    /// The page itself failed somewhere.
    PageFailed(ErrorReport),
}

/// What becomes of the served archive that is fetched while its first part is in use.
#[derive(Clone, Debug, PartialEq)]
pub enum WholeNews {
    /// Fetch it.
    Wanted,
    /// It is not wanted any more, or does not come.
    Unwanted,
    /// So many bytes have arrived.
    Arriving(f64),
    /// All of it is here, as a `Blob`.
    Here(Attachments),
}

/// What the person wants of the queue.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueAction {
    /// Queue this sweep over the present experiment: a value of `sweep` in links.
    Define(String),
    /// Queue this ready-made sweep over the present experiment.
    Preset(Preset),
    /// Train what is left, one run after another.
    Start,
    /// Train the first batches of the next run, then hold: the time is known then.
    Measure,
    /// Hold, and the run in progress with it.
    Pause,
    /// Forget the queue; its finished runs stay on the list.
    Clear,
    /// Move a waiting run.
    Shift {
        /// Names the run in the queue.
        key: String,
        /// Where to.
        how: Move,
    },
    /// Take a run out of the queue.
    Remove(String),
    /// Put the runs back that were taken out.
    PutBack,
    /// Train a failed run again.
    Retry(String),
}
