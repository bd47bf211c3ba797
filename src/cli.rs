//! The `train` program: the page's experiments without a browser.

mod host;
mod source;

use crate::experiment::{key, link};
use crate::train::control::Control;
use crate::train::device;
use crate::train::run::{Job, run};
use anyhow::Context as _;
use clap::Parser;
use host::Terminal;
use std::path::PathBuf;
use std::sync::Arc;

/// Train one experiment of Imagenette Playground in the terminal.
#[derive(Parser, Debug)]
#[command(name = "train", version, after_long_help = key::help())]
pub struct Args {
    /// The experiment: a link of the page, or the part after its `#`.
    #[arg(default_value = "v=1")]
    link: String,
    /// An archive (.tgz, .tar) or a folder with the images; needed for anything
    /// but data=sample.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Write the run's record here.
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Put the log-probabilities of every validation image in the record.
    #[arg(long, requires = "json")]
    probabilities: bool,
    /// Print only the accuracy.
    #[arg(long)]
    quiet: bool,
}

/// Parses the arguments, trains, prints.
///
/// # Errors
///
/// What failed, with what, and what to do.
pub fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let parsed = link::parse(&args.link);
    for notice in &parsed.notices {
        eprintln!("note: {notice}");
    }
    let experiment = parsed.experiment;
    let dataset = source::load(&experiment, args.data.as_deref(), args.quiet)?;
    let job = Job { experiment, dataset: Arc::new(dataset), resume: None };
    let control = Control::default();
    let mut terminal = Terminal::new(args.quiet);
    let record = pollster::block_on(async {
        let engine = device::open(job.experiment.engine, None).await?;
        run(job, &engine, &control, &mut terminal)
            .await
            .map_err(|error| source::explain(&error.report()))
    })?;
    terminal.finish(&record);
    if let Some(path) = args.json {
        let mut record = record;
        if !args.probabilities {
            record.log_probabilities = None;
        }
        let text = serde_json::to_string_pretty(&record).context("writing the record")?;
        std::fs::write(&path, text + "\n")
            .with_context(|| format!("the record cannot be written to {}", path.display()))?;
    }
    Ok(())
}
