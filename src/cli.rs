//! The `train` program: the page's experiments without a browser, one at a time
//! or a whole sweep.

mod checkpoint;
mod host;
mod images;
mod models;
mod output;
mod print;
mod single;
mod source;
mod sweep;

use crate::experiment::notice::NoticeKind;
use crate::experiment::{key, link};
use crate::sweep::{MAX_SEEDS, Plan, Preset, Seat};
use anyhow::bail;
use clap::{Parser, ValueEnum};
use models::ModelArgs;
use std::path::PathBuf;

/// Train one experiment of Imagenette Playground in the terminal, or a sweep of them.
#[derive(Parser, Debug)]
#[command(name = "train", version, after_long_help = long_help())]
pub struct Args {
    /// The experiment: a link of the page, or the part after its `#`.
    #[arg(default_value = "v=1")]
    link: String,
    /// An archive (.tgz, .tar, .zip) or a folder with the images; needed for anything
    /// but data=sample.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Write the run's record here.
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Put the log-probabilities of every validation image in the record.
    #[arg(long, requires = "json")]
    probabilities: bool,
    /// Keep the state of the run here, so that the same command resumes it after an
    /// interruption. Without this it is kept next to the file of --json or --save, and
    /// removed when the run ends.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "evaluate", "lr_find"])]
    checkpoint: Option<PathBuf>,
    /// Print only the accuracy; of a sweep, only the tables.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    sweep: SweepArgs,
}

/// What makes one experiment into many.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Several runs")]
struct SweepArgs {
    /// Go over values of keys, as `mixup:0|0.4;epochs:5|20;seed:1..3`: the first
    /// key is compared, its first value is the baseline. Or a ready-made sweep by
    /// its name (see below).
    #[arg(long, value_name = "DEFINITION|NAME", requires = "out")]
    sweep: Option<String>,
    /// Switch the five techniques: each alone against none, or all against all but one.
    #[arg(long, value_enum, conflicts_with = "sweep", requires = "out")]
    ablation: Option<Ablation>,
    /// Seeds of each arm, counted up from the link's; 3 for an ablation or a
    /// ready-made sweep, if not given.
    #[arg(long, value_name = "N", requires = "out",
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SEEDS)))]
    seeds: Option<u32>,
    /// The folder for one record per run (with log-probabilities) and
    /// summary.json. To resume an interrupted sweep, run the same command again.
    #[arg(long, value_name = "DIR", conflicts_with = "json")]
    out: Option<PathBuf>,
    /// Train only one share of the sweep, the K-th of N: every N-th seed, with all arms. For
    /// several machines or the tasks of a job array; --merge puts the folders together.
    #[arg(long, value_name = "K/N", requires = "out", conflicts_with_all = ["merge", "recorded"])]
    seat: Option<Seat>,
    /// Train nothing: copy the records of this sweep from these folders into that of --out,
    /// and sum up.
    #[arg(long, value_name = "DIR", num_args = 1.., requires = "out")]
    merge: Vec<PathBuf>,
    /// When all runs are there, also write them as one small file that the page can show as
    /// recorded results: what each image was taken for, and how surely.
    #[arg(long, value_name = "FILE", requires = "out")]
    recorded: Option<PathBuf>,
}

/// The two ablations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ablation {
    /// Each technique alone against none.
    Alone,
    /// All techniques against all but each one.
    AllButOne,
}

fn long_help() -> String {
    let mut text = format!("Keys of a link (key=value, joined by &):\n{}", key::help());
    text.push_str("\nReady-made sweeps:\n");
    for preset in Preset::ALL {
        text.push_str(&format!("  {:<16} {}\n", preset.name(), preset.question()));
    }
    text
}

/// Parses the arguments, trains, prints.
///
/// # Errors
///
/// What failed, with what, and what to do.
pub fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let (parsed, init) = match &args.models.init {
        Some(path) => {
            let (parsed, init) = models::start(path, &args.link)?;
            (parsed, Some(init))
        }
        None => (link::parse(&args.link), None),
    };
    for notice in &parsed.notices {
        if matches!(notice.kind, NoticeKind::LinkTooLong { .. }) {
            bail!("{notice}");
        }
        print::note(&notice.to_string());
    }
    let plan = plan(&args.sweep, &parsed)?;
    let done = match (plan, &args.sweep.out) {
        (Some(plan), Some(out)) if !args.sweep.merge.is_empty() => {
            sweep::merge::main(&plan, out, &args.sweep.merge)
        }
        (Some(plan), Some(out)) => {
            let plan = match args.sweep.seat {
                Some(seat) => plan.share(seat)?,
                None => plan,
            };
            let recorded = args.sweep.recorded.as_deref();
            sweep::main(&plan, args.data.as_deref(), init, out, recorded, args.quiet)
        }
        (Some(_), None) => bail!(
            "this link is a sweep of several runs; name a folder for their records with --out DIR"
        ),
        (None, Some(_)) => bail!(
            "--out is for a sweep; say what to go over with --sweep or --ablation, or write one \
             run with --json"
        ),
        (None, None) => match &args.models {
            ModelArgs { evaluate: Some(path), .. } => {
                models::evaluate(path, &parsed.experiment, &args)
            }
            ModelArgs { lr_find: true, .. } => models::find(&parsed.experiment, init, &args),
            _ => single::main(&args, parsed.experiment, init),
        },
    };
    done.and_then(|()| print::check())
}

/// The sweep that was asked for, by an option or by the link.
fn plan(args: &SweepArgs, parsed: &link::ParsedLink) -> anyhow::Result<Option<Plan>> {
    let base = &parsed.experiment;
    let (asked, made) = match (&args.sweep, args.ablation, &parsed.sweep) {
        (Some(text), _, _) => match Preset::named(text) {
            Some(preset) => (text.as_str(), preset.plan(base)),
            None => (text.as_str(), Plan::define(text, base)),
        },
        (None, Some(ablation), _) => {
            let name = match ablation {
                Ablation::Alone => "alone",
                Ablation::AllButOne => "all-but-one",
            };
            (name, Plan::define(name, base))
        }
        (None, None, Some(text)) => (text.as_str(), Plan::define(text, base)),
        (None, None, None) => return Ok(None),
    };
    let mut notices = made.notices;
    let Some(mut plan) = made.plan else {
        let reasons: Vec<String> = notices.iter().map(ToString::to_string).collect();
        let asked: String = asked.chars().take(60).collect();
        bail!("there is nothing to go over in `{asked}`: {}", reasons.join(" "));
    };
    if let Some(seeds) = args.seeds {
        let (more, seed_notices) = plan.with_seeds(seeds);
        plan = more;
        notices.extend(seed_notices);
    }
    for notice in &notices {
        print::note(&notice.to_string());
    }
    Ok(Some(plan))
}

#[cfg(test)]
mod tests;
