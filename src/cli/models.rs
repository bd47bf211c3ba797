//! Saved models in the terminal: to start from, to save, to measure; and the
//! search for a learning rate.

use super::images::ImageStore;
use super::output::Output;
use super::{Args, print, source};
use crate::experiment::link::ParsedLink;
use crate::experiment::{Experiment, Norm, link};
use crate::finder::{FoundRate, Tried};
use crate::format::{metric, percent};
use crate::saved::assessment::Assessment;
use crate::saved::{SavedError, SavedModel, hash, short};
use crate::train::setup::Setup;
use crate::train::{assess, device, find_lr};
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What can be done with saved models.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Saved models")]
pub(super) struct ModelArgs {
    /// Start from this saved model. Sets `init`, and `model` and `norm=model`
    /// unless the link sets them; with `ft=1` it is fine-tuned.
    #[arg(long, value_name = "MODEL")]
    pub(super) init: Option<PathBuf>,
    /// Save the trained model here (.safetensors).
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub(super) save: Option<PathBuf>,
    /// Train nothing: measure this saved model on the link's validation images,
    /// with its own statistics and with others.
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["init", "save", "json", "out", "lr_find"])]
    pub(super) evaluate: Option<PathBuf>,
    /// Train nothing: try learning rates and suggest one, as fastai's lr_find.
    #[arg(long, conflicts_with_all = ["save", "json", "out"])]
    pub(super) lr_find: bool,
}

/// Reads a model's file; with its hash.
fn read(path: &Path) -> anyhow::Result<(SavedModel, String)> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("the model {} cannot be read", path.display()))?;
    let model = SavedModel::from_bytes(&bytes)
        .map_err(|error| source::explain(&error.report()))
        .with_context(|| format!("reading {}", path.display()))?;
    Ok((model, hash(&bytes)))
}

/// Reads the model to start from, and the link as one that starts from it.
pub(super) fn start(path: &Path, text: &str) -> anyhow::Result<(ParsedLink, Arc<SavedModel>)> {
    let (model, found) = read(path)?;
    let parsed = link::parse(text);
    if let Some(wanted) = &parsed.experiment.init {
        if *wanted == found {
            return Ok((parsed, Arc::new(model)));
        }
        let [wanted, found] = [wanted, &found].map(|hash| short(hash).to_owned());
        return Err(source::explain(&SavedError::Another { wanted, found }.report()));
    }
    // Read again, because keys like `ft` mean nothing without a model.
    let mut parsed = link::parse(&format!("{text}&init={found}"));
    let given = |key: &str| parsed.given.iter().any(|given| given == key);
    let (network, norm) = (given("model"), given("norm"));
    let experiment = &mut parsed.experiment;
    experiment.init = Some(found);
    if let Some(kind) = model.about.kind().filter(|_| !network) {
        experiment.model = kind;
    }
    if !norm {
        experiment.norm = Norm::Model;
    }
    Ok((parsed, Arc::new(model)))
}

/// Saves a trained model, with a note.
pub(super) fn save(
    output: Output,
    path: &Path,
    model: &SavedModel,
    quiet: bool,
) -> anyhow::Result<()> {
    let bytes = model.to_bytes();
    output.write(&bytes)?;
    if !quiet {
        print::line(&format!(
            "saved {} ({}); its name in links is init={}",
            path.display(),
            percent(model.about.accuracy),
            hash(&bytes)
        ));
    }
    Ok(())
}

/// A bar for work in steps.
fn bar(what: &'static str, quiet: bool) -> ProgressBar {
    let bar = ProgressBar::new(1).with_message(what);
    if quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar
}

/// Measures a saved model under every normalization and prints the table.
pub(super) fn evaluate(path: &Path, experiment: &Experiment, args: &Args) -> anyhow::Result<()> {
    let (model, _) = read(path)?;
    let side = assess::short_side(&model);
    let dataset = ImageStore::new(&experiment.data, args.data.as_deref(), args.quiet).at(side)?;
    let norms = [Norm::Model, Norm::Imagenet, Norm::Off, Norm::Data];
    let bar = bar("measuring", args.quiet);
    let tick = async |done: u32, of: u32| {
        bar.set_length(u64::from(of));
        bar.set_position(u64::from(done));
        ControlFlow::Continue(())
    };
    let assessment = pollster::block_on(async {
        let engine = device::open(experiment.engine, None).await?;
        assess::assess(&model, experiment, &dataset, &norms, &engine, tick)
            .await
            .map_err(|error| source::explain(&error.report()))
    })?;
    bar.finish_and_clear();
    if args.quiet {
        let own = assessment.measured.first().map_or(0.0, |own| own.accuracy());
        print::line(&format!("{own:.6}"));
        return Ok(());
    }
    let about = &model.about;
    print::line(&format!(
        "{} trained on {} for {} epochs, last at {} px; {} there",
        about.model,
        about.dataset,
        about.epochs,
        about.size,
        percent(about.accuracy)
    ));
    print::text(&table(&assessment));
    Ok(())
}

fn table(assessment: &Assessment) -> String {
    let images = assessment.measured.first().map_or(0, |own| own.right.len());
    let mut text = format!("{images} validation images at {} px\n", assessment.size);
    text.push_str("normalization    accuracy  nll       against its own\n");
    for (row, change) in assessment.measured.iter().zip(assessment.changes()) {
        let change =
            change.map_or_else(|| "–".into(), |it| format!("{}, {}", it.text(), it.verdict()));
        text.push_str(&format!(
            "{:<15}  {:<8}  {:<8}  {change}\n",
            row.norm.name(),
            metric(row.accuracy()),
            metric(row.nll)
        ));
    }
    text
}

/// Searches for a learning rate and prints what was found.
pub(super) fn find(
    experiment: &Experiment,
    init: Option<Arc<SavedModel>>,
    args: &Args,
) -> anyhow::Result<()> {
    let dataset =
        ImageStore::new(&experiment.data, args.data.as_deref(), args.quiet).of(experiment)?;
    let bar = bar("trying learning rates", args.quiet);
    let tick = async |done: u32, of: u32| {
        bar.set_length(u64::from(of));
        bar.set_position(u64::from(done));
        ControlFlow::Continue(())
    };
    let found = pollster::block_on(async {
        let engine = device::open(experiment.engine, None).await?;
        let mut setup = Setup::new(experiment, dataset, init)
            .map_err(|error| source::explain(&error.report()))?;
        let network = setup
            .network(&engine.device.clone().autodiff())
            .map_err(|error| source::explain(&error.report()))?;
        find_lr::find_lr(&mut setup, &network, &engine, tick)
            .await
            .map_err(|error| source::explain(&error.report()))
    })?;
    bar.finish_and_clear();
    print::text(&rate_table(&found, args.quiet));
    Ok(())
}

fn rate_table(FoundRate { tried, suggestion }: &FoundRate, quiet: bool) -> String {
    let mut text = String::new();
    if !quiet {
        text.push_str("lr        loss      smoothed\n");
        for Tried { lr, loss, smooth_loss } in tried {
            text.push_str(&format!("{lr:.2e}  {:<8}  {}\n", metric(*loss), metric(*smooth_loss)));
        }
    }
    match suggestion {
        Some(Tried { lr, .. }) if quiet => text.push_str(&format!("{lr:.3e}\n")),
        Some(Tried { lr, .. }) => text.push_str(&format!("suggestion (valley): lr={lr:.3e}\n")),
        None => text.push_str("no suggestion: the loss exploded at once\n"),
    }
    text
}
