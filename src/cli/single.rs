//! One run in the terminal, trained from its start or resumed.

use super::checkpoint::{CheckpointFile, engine_of};
use super::host::Terminal;
use super::images::ImageStore;
use super::output::Output;
use super::{Args, models, source};
use crate::experiment::Experiment;
use crate::saved::SavedModel;
use crate::train::control::Control;
use crate::train::device;
use crate::train::fit::fit;
use crate::train::run::{Job, run};
use anyhow::{Context as _, bail};
use std::path::PathBuf;
use std::sync::Arc;

/// Trains one experiment and writes what was asked for.
pub(super) fn main(
    args: &Args,
    experiment: Experiment,
    init: Option<Arc<SavedModel>>,
) -> anyhow::Result<()> {
    if args.json.is_some() && args.json == args.models.save {
        bail!("--json and --save name the same file; give each its own");
    }
    let open = |what, path: &Option<PathBuf>| {
        path.as_ref().map(|path| Output::open(what, path)).transpose()
    };
    let json = open("the record", &args.json)?;
    let save = open("the model", &args.models.save)?;
    let data = experiment.data.clone();
    let dataset = ImageStore::new(&data, args.data.as_deref(), args.quiet).of(&experiment)?;
    let (fitted, _) = fit(&experiment, &dataset);
    let checkpoint_file = CheckpointFile::new(args, fitted.link(), &dataset.hash)?;
    let resume = checkpoint_file.as_ref().map(CheckpointFile::load).transpose()?.flatten();

    let mut terminal = Terminal::new(args.quiet, checkpoint_file.as_ref(), resume.as_ref());
    let choice = engine_of(experiment.engine, resume.as_ref());
    let job = Job { experiment, dataset, resume, init };
    let ended = pollster::block_on(async {
        let engine = device::open(choice, None).await?;
        run(job, &engine, &Control::default(), &mut terminal)
            .await
            .map_err(|error| source::explain(&error.report()))
    });
    let mut record = match (ended, terminal.checkpoint_path()) {
        (Err(error), Some(path)) => {
            return Err(error.context(format!(
                "the run stopped; what it has come to is kept in {}, and the same command goes \
                 on from there",
                path.display()
            )));
        }
        (ended, _) => ended?,
    };
    terminal.finish(&record);
    if let (Some(output), Some(model), Some(path)) = (save, &terminal.trained, &args.models.save) {
        models::save(output, path, model, args.quiet)?;
    }
    if let Some(output) = json {
        if !args.probabilities {
            record.log_probabilities = None;
        }
        let text = serde_json::to_string_pretty(&record).context("writing the record")?;
        output.write((text + "\n").as_bytes())?;
    }
    // Last: until here the run could still go on from it.
    if let Some(checkpoint_file) = &checkpoint_file {
        checkpoint_file.delete();
    }
    Ok(())
}
