//! A sweep in the terminal: trains what its folder does not hold yet, and sums up.

mod folder;
pub(super) mod merge;
mod screen;

use super::checkpoint::{Held, engine_of};
use super::images::ImageStore;
use super::{output, print};
use crate::cost::{images, work};
use crate::data::{Dataset, Selection};
use crate::experiment::{EngineChoice, Experiment};
use crate::format;
use crate::record::{DatasetInfo, Outcome};
use crate::recorded::RecordedTable;
use crate::report::ErrorReport;
use crate::saved::SavedModel;
use crate::sweep::{Plan, PlannedRun, Preset, RunResult, Summary, seconds_left};
use crate::train::checkpoint::Checkpoint;
use crate::train::control::Control;
use crate::train::device::{self, OpenedEngine};
use crate::train::error::TrainError;
use crate::train::fit::fit;
use crate::train::run::{Job, run};
use anyhow::{Context as _, bail};
use folder::{Folder, FolderEntry};
use screen::{Screen, Watch};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Trains a sweep into a folder and prints the tables.
pub(super) fn main(
    plan: &Plan,
    data: Option<&Path>,
    init: Option<Arc<SavedModel>>,
    out: &Path,
    recorded: Option<&Path>,
    quiet: bool,
) -> anyhow::Result<()> {
    let folder = Folder::open(out)?;
    let screen = Screen::new(quiet);
    let planned = plan.runs();
    screen.print(&plan.link());
    if let Some(preset) = Preset::of(plan) {
        screen.print(&format!("{} {}", preset.question(), preset.expectation()));
    }
    let mut images = ImageStore::new(&plan.base().data, data, quiet);
    let done = train_all(plan, &planned, &mut images, init.as_ref(), &folder, &screen)?;
    screen.clear();
    screen.print(&format!(
        "{} runs trained in {} ({} of them taken up again), {} taken from {}\n",
        done.trained,
        format::duration(done.seconds),
        done.resumed,
        done.reused,
        out.display()
    ));
    print::text(&done.summary.text());
    if let Some(path) = recorded {
        write_recorded(plan, &planned, &folder, path)?;
    }
    Ok(())
}

/// Writes all runs of a sweep as one file that the page can show as recorded.
fn write_recorded(
    plan: &Plan,
    planned: &[PlannedRun],
    folder: &Folder,
    path: &Path,
) -> anyhow::Result<()> {
    let records: Vec<_> =
        planned.iter().filter_map(|run| folder.record(&run.experiment.link())).collect();
    let table = RecordedTable::new(&plan.link(), &records).with_context(|| {
        format!("{} was not written: the sweep is not complete", path.display())
    })?;
    output::write("the recorded results", path, &table.write()?)
}

/// The result of a sweep, and how it was obtained.
struct SweepOutcome {
    summary: Summary,
    /// Runs that were trained now.
    trained: usize,
    /// Of these, runs that went on from a checkpoint.
    resumed: usize,
    /// Runs whose record existed already.
    reused: usize,
    /// Seconds that the runs trained now took.
    seconds: f64,
}

/// One run of the plan as it will be on this data set.
struct Fitted<'a> {
    planned: &'a PlannedRun,
    experiment: Experiment,
    /// The canonical link, by which its record is known.
    link: String,
    /// Multiply-accumulates.
    work: f64,
}

fn train_all(
    plan: &Plan,
    planned: &[PlannedRun],
    store: &mut ImageStore<'_>,
    init: Option<&Arc<SavedModel>>,
    folder: &Folder,
    screen: &Screen,
) -> anyhow::Result<SweepOutcome> {
    let first = planned.first().context("a sweep has a run")?;
    let dataset = store.of(&first.experiment)?;
    let (runs, fitted_link) = fit_all(planned, &dataset, screen);
    // By the link of the run as it was fitted, which two planned runs may share.
    let mut results: BTreeMap<&str, RunResult> = BTreeMap::new();
    for fitted in &runs {
        match folder.find(&fitted.experiment, &dataset.hash)? {
            FolderEntry::Result(result) => {
                results.insert(&fitted.link, *result);
                // The process that saved the record may have been killed before this.
                folder.delete_checkpoint(&fitted.link);
            }
            FolderEntry::Nothing => {}
            FolderEntry::Unusable(why) => screen.note(&why),
        }
    }
    let reused = results.len();
    let summed_up = |results: &BTreeMap<&str, RunResult>| {
        Summary::new(plan, |experiment| results.get(fitted_link.get(&experiment.link())?.as_str()))
    };
    let left: Vec<&Fitted> =
        runs.iter().filter(|fitted| !results.contains_key(fitted.link.as_str())).collect();
    screen.print(&format!("{} runs, {reused} of them there already", runs.len()));

    let mut engines = OpenEngines::default();
    let (mut paces, mut trained, mut resumed) = (Vec::new(), 0, 0);
    for (index, fitted) in left.iter().enumerate() {
        let works: Vec<f64> = left.iter().skip(index + 1).map(|it| it.work).collect();
        let title = format!("{}, seed {}", fitted.planned.arm, fitted.experiment.seed);
        screen.begin(reused + index + 1, runs.len(), &title);
        let dataset = store.of(&fitted.experiment)?;
        let resume = checkpoint_of(fitted, &dataset, folder, screen)?;
        let from_checkpoint = resume.is_some();
        let engine = engines.open(engine_of(fitted.experiment.engine, resume.as_ref()))?;
        let (experiment, init) = (fitted.experiment.clone(), init.cloned());
        let job = Job { experiment, dataset, resume, init };
        let result = train_one(fitted, job, engine, folder, screen)?;
        trained += 1;
        resumed += usize::from(from_checkpoint);
        if !from_checkpoint && !result.diverged {
            paces.push((fitted.work, result.seconds));
        }
        screen.end(&result, seconds_left(&paces, &works));
        results.insert(&fitted.link, result);
        // Written each time, so that there is always one of what has ended.
        folder.save_summary(&summed_up(&results))?;
    }
    let summary = summed_up(&results);
    folder.save_summary(&summary)?;
    let seconds = paces.iter().map(|(_, seconds)| seconds).sum();
    Ok(SweepOutcome { summary, trained, resumed, reused, seconds })
}

/// The runs as they will be on these data, each once, and for the link of every
/// planned run that of the run which serves it.
fn fit_all<'a>(
    planned: &'a [PlannedRun],
    dataset: &Dataset,
    screen: &Screen,
) -> (Vec<Fitted<'a>>, BTreeMap<String, String>) {
    let summary = dataset.summary(0.0);
    let mut printed = Vec::new();
    let (mut runs, mut links): (Vec<Fitted>, _) = (Vec::new(), BTreeMap::new());
    for planned in planned {
        let (experiment, notices) = fit(&planned.experiment, dataset);
        for notice in notices {
            if !printed.contains(&notice) {
                screen.note(&notice);
                printed.push(notice);
            }
        }
        let (train, valid) = images(&experiment, &summary);
        let (link, work) = (experiment.link(), work(&experiment, train, valid));
        links.insert(planned.experiment.link(), link.clone());
        if runs.iter().all(|run| run.link != link) {
            runs.push(Fitted { planned, experiment, link, work });
        }
    }
    (runs, links)
}

/// What the folder holds of a run that was interrupted.
fn checkpoint_of(
    fitted: &Fitted,
    dataset: &Dataset,
    folder: &Folder,
    screen: &Screen,
) -> anyhow::Result<Option<Checkpoint>> {
    Ok(match folder.checkpoint(&fitted.link, &dataset.hash)? {
        Held::Sound(found) => Some(*found),
        Held::Nothing | Held::Another => None,
        Held::Unusable(why) => {
            screen.note(&format!("a checkpoint does not serve, the run begins anew: {why}"));
            None
        }
    })
}

/// Trains one run, or resumes it, and saves its record.
fn train_one(
    fitted: &Fitted,
    job: Job,
    engine: &OpenedEngine,
    folder: &Folder,
    screen: &Screen,
) -> anyhow::Result<RunResult> {
    let dataset = job.dataset.clone();
    let mut watch = Watch::new(screen, folder, &fitted.link);
    let ended = pollster::block_on(run(job, engine, &Control::default(), &mut watch));
    let result = match ended {
        Ok(record) if record.outcome == Outcome::Stopped => {
            bail!("the run {} was stopped; run the same command again to go on", fitted.link)
        }
        Ok(record) => {
            folder.save(&record)?;
            RunResult::of(&record)
                .with_context(|| format!("the predictions of {}", fitted.link))?
                .context("a run that was not stopped has a result")?
        }
        Err(TrainError::NonFinite { .. }) => diverged(fitted, &dataset, engine)?,
        Err(error) => return Err(stopped_by(&error.report(), &fitted.link)),
    };
    folder.delete_checkpoint(&fitted.link);
    Ok(result)
}

/// A run that diverged before its first epoch ended, and so has no record.
fn diverged(
    fitted: &Fitted,
    dataset: &Dataset,
    engine: &OpenedEngine,
) -> anyhow::Result<RunResult> {
    let (selection, _) = Selection::new(dataset, &fitted.experiment)?;
    Ok(RunResult {
        diverged: true,
        plain: None,
        tta: None,
        seconds: 0.0,
        numerics: crate::record::NUMERICS,
        build: crate::BUILD_ID.to_owned(),
        engine: format!("{} ({})", engine.engine, engine.adapter),
        dataset: DatasetInfo {
            name: dataset.name.clone(),
            train: selection.train.len() as u32,
            valid: selection.valid.len() as u32,
            hash: dataset.hash.clone(),
        },
    })
}

fn stopped_by(report: &ErrorReport, link: &str) -> anyhow::Error {
    super::source::explain(report).context(format!(
        "the sweep stopped at {link}; the runs before it are kept, and the same command goes on \
         from there"
    ))
}

/// The engines that the runs asked for so far, each opened once.
#[derive(Default)]
struct OpenEngines(Vec<(EngineChoice, OpenedEngine)>);

impl OpenEngines {
    fn open(&mut self, choice: EngineChoice) -> anyhow::Result<&OpenedEngine> {
        let index = match self.0.iter().position(|(known, _)| *known == choice) {
            Some(index) => index,
            None => {
                self.0.push((choice, pollster::block_on(device::open(choice, None))?));
                self.0.len() - 1
            }
        };
        self.0.get(index).map(|(_, opened)| opened).context("the engine was opened")
    }
}

#[cfg(test)]
mod tests;
