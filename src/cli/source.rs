//! Where the program's images come from.

use crate::data::archive::{ArchiveSource, read_archive};
use crate::data::builder::Options;
use crate::data::folder::{disk_files, read_folder};
use crate::data::{Dataset, LISTED_NAMES, sample};
use crate::dataset::LoadProgress;
use crate::experiment::DataSource;
use crate::report::ErrorReport;
use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::Path;

/// Reads the data that a link names, keeping a short side of `short_side` pixels.
pub(super) fn load(
    data: &DataSource,
    short_side: u32,
    path: Option<&Path>,
    quiet: bool,
) -> anyhow::Result<Dataset> {
    let path = match (data, path) {
        (DataSource::Sample, None) => return Ok(sample::sample()),
        (DataSource::Sample, Some(_)) => {
            bail!(
                "data=sample draws its own images; leave --data out, or put data=imagenette in the link"
            )
        }
        (DataSource::Imagenette, None) => {
            bail!(
                "data=imagenette needs --data PATH: the archive imagenette2-160.tgz or its folder"
            )
        }
        (DataSource::Url(url), None) => {
            bail!(
                "this program does not download; fetch {url} yourself and name the file with --data"
            )
        }
        (_, Some(path)) => path,
    };
    let bar = ProgressBar::no_length().with_message("reading");
    if quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let tick = async |progress: LoadProgress| {
        bar.set_length(progress.bytes_total.unwrap_or(progress.bytes) as u64);
        bar.set_position(progress.bytes as u64);
        ControlFlow::Continue(())
    };
    let options = Options::new(short_side);
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let result = if path.is_dir() {
        let files = disk_files(path).map_err(|error| explain(&(&error).into()))?;
        pollster::block_on(read_folder(&name, &files, &options, tick))
    } else {
        let file = File::open(path)
            .with_context(|| format!("{} cannot be opened; check --data", path.display()))?;
        let bytes = file.metadata().ok().map(|metadata| metadata.len());
        let source = ArchiveSource { read: BufReader::new(file), name, bytes };
        pollster::block_on(read_archive(source, &options, tick))
    };
    bar.finish_and_clear();
    let dataset = result.map_err(|error| explain(&(&error).into()))?;
    if !dataset.skipped.is_empty() {
        super::print::note(&format!("{} files are left out:", dataset.skipped.len()));
        for file in dataset.skipped.iter().take(LISTED_NAMES) {
            super::print::note(&format!("  {file}"));
        }
    }
    Ok(dataset)
}

/// A report as one error.
pub(super) fn explain(report: &ErrorReport) -> anyhow::Error {
    anyhow::anyhow!("{report}")
}
