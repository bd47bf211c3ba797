//! Runs that come in files: what `train --json` writes, and the folder of
//! `train --sweep`. Text in, entries out; independent of how files are read.

use super::RunEntry;
use super::archive::EXTENSION;
use crate::experiment::link;
use crate::json::{self, JsonError};
use crate::record::check::RecordFault;
use crate::record::{FORMAT, Predictions, RunRecord};
use crate::report::ErrorReport;
use crate::sweep::RunResult;
use crate::text;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Most bytes of a record: many times the largest one with all of its probabilities.
const LONGEST: usize = 256_000_000;

/// Names of files that are named in a message; the others are counted.
const NAMED: usize = 3;

/// Endings of files that are data, not runs.
const DATA: [&str; 6] = [".jpg", ".jpeg", ".png", ".tgz", ".tar", ".gz"];

/// True if files of these names are runs rather than a data set.
pub fn are_runs<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    let mut runs = false;
    for name in names {
        let name = name.to_ascii_lowercase();
        if DATA.iter().any(|ending| name.ends_with(ending)) {
            return false;
        }
        runs |= is_json(&name) || is_export(&name);
    }
    runs
}

/// True of a file of all runs, as the page exports it.
pub fn is_export(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case(EXTENSION))
}

/// True of a file that may hold a run or the summary of a sweep.
pub fn is_json(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".json")
}

/// What some files held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenedRuns {
    /// The runs that are new, each once, with what they predicted.
    pub runs: Vec<(RunEntry, Option<Predictions>)>,
    /// The sweep that they belong to, if its summary was among the files.
    pub sweep: Option<OpenedSweep>,
    /// Runs that were on the list already.
    pub known: usize,
    /// Files that hold neither, and why.
    pub faults: Vec<(String, String)>,
    /// Files of all runs came with them, and have an account already.
    pub beside_exports: bool,
}

/// The sweep of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedSweep {
    /// Its canonical link.
    pub link: String,
    /// Hash of the data set of its runs.
    pub hash: Option<String>,
}

impl OpenedRuns {
    /// Reads one file. `on_list` is whether a run is on the list already.
    pub fn read(&mut self, name: &str, text: &str, on_list: impl Fn(&RunEntry) -> bool) {
        match read(text) {
            Ok(FileRead::Run(record)) => {
                let (entry, predictions) = entry(*record);
                if on_list(&entry) || self.runs.iter().any(|(run, _)| run.id == entry.id) {
                    self.known += 1;
                } else {
                    self.runs.push((entry, predictions));
                }
            }
            Ok(FileRead::Sweep(sweep)) => {
                self.sweep.get_or_insert(sweep);
            }
            Err(why) => self.faults.push((name.to_owned(), why)),
        }
    }

    /// One message about all files that could not be used; `None` if there is none.
    pub fn report(&self) -> Option<ErrorReport> {
        let (first, why) = self.faults.first()?;
        let count = self.faults.len();
        let names: Vec<&str> =
            self.faults.iter().take(NAMED).map(|(name, _)| name.as_str()).collect();
        let more = match count.saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let opened = match self.runs.len() {
            0 => text::opened_none().to_owned(),
            runs => text::opened_some(runs),
        };
        Some(ErrorReport::new(
            opened,
            if count == 1 {
                text::opened_file(first, why)
            } else {
                text::opened_files(&format!("{}{more}", names.join(", ")), first, why)
            },
            text::opened_remedy(),
        ))
    }
}

/// True if two entries are the same run, wherever they came from.
pub fn same_run(a: &RunEntry, b: &RunEntry) -> bool {
    let of = |run: &RunEntry| {
        let record = &run.record;
        [&record.link, &record.dataset.hash, &record.build, &record.date, &record.engine]
            .map(String::clone)
    };
    a.id == b.id || of(a) == of(b)
}

enum FileRead {
    Run(Box<RunRecord>),
    Sweep(OpenedSweep),
}

fn read(text: &str) -> Result<FileRead, String> {
    if text.len() > LONGEST {
        return Err(format!("is larger than {} MB", LONGEST / 1_000_000));
    }
    let record = match json::read_foreign::<RunRecord>(text) {
        Ok(record) => record,
        Err(error) => return read_summary(text, &error.to_string()),
    };
    let record = record.checked().map_err(|fault| match fault {
        RecordFault::Newer(format) => newer(format),
        fault => format!("holds a run that is left out: {fault}"),
    })?;
    match RunResult::of(&record) {
        Ok(_) => Ok(FileRead::Run(Box::new(record))),
        Err(error) => Err(format!("holds a run whose probabilities are damaged ({error})")),
    }
}

/// The part of a sweep's summary that the page reads. It computes the rest from the runs, so
/// that it need not be able to read all of it.
#[derive(Deserialize)]
struct SummaryHead {
    format: u32,
    link: Option<String>,
    dataset: Option<SummaryDataset>,
    arms: Option<IgnoredAny>,
    contrasts: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct SummaryDataset {
    hash: String,
}

fn read_summary(text: &str, no_run: &str) -> Result<FileRead, String> {
    let head = match json::read_foreign::<SummaryHead>(text) {
        Ok(head) => head,
        Err(JsonError::Data(_)) => return Err("is not the record of a run".to_owned()),
        Err(JsonError::Syntax(error)) => return Err(format!("is damaged ({error})")),
    };
    let SummaryHead { format, link, dataset, arms, contrasts } = head;
    match link {
        Some(link) if arms.is_some() && contrasts.is_some() => {
            if format > crate::sweep::FORMAT {
                return Err(newer(format));
            }
            if link.len() > link::LONGEST {
                return Err("is the summary of a sweep whose link is too long".to_owned());
            }
            Ok(FileRead::Sweep(OpenedSweep { link, hash: dataset.map(|dataset| dataset.hash) }))
        }
        _ if format > FORMAT => Err(newer(format)),
        _ => Err(format!("is not the record of a run ({no_run})")),
    }
}

fn newer(format: u32) -> String {
    format!("was made by a newer version (format {format}, this page reads {FORMAT})")
}

/// The entry of a recorded run. Its id is made of what it is, so that the same file
/// is the same run in every browser.
fn entry(record: RunRecord) -> (RunEntry, Option<Predictions>) {
    let identity = [
        &record.link,
        &record.dataset.hash,
        &record.build,
        &record.date,
        &record.engine,
        &record.adapter,
    ];
    let id = super::id_from_bytes(fnv1a(&identity.map(String::as_str).join("\n")).to_be_bytes());
    let synthetic = record.dataset.is_synthetic();
    let (entry, predictions) = RunEntry::new(id, record, &[], synthetic);
    (RunEntry { recorded: true, ..entry }, predictions)
}

/// The 128-bit FNV-1a hash, which distinguishes files that nobody forged.
fn fnv1a(text: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    text.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::tests::entry as made;
    use crate::sweep::{Plan, Summary};

    fn json(link: &str) -> String {
        serde_json::to_string(&made("a", link, 0.5).record).unwrap()
    }

    fn opened(files: &[(&str, &str)]) -> OpenedRuns {
        let mut opened = OpenedRuns::default();
        for (name, text) in files {
            opened.read(name, text, |_| false);
        }
        opened
    }

    #[test]
    fn files_are_runs_unless_there_are_data_among_them() {
        assert!(are_runs(["a.json"]));
        assert!(are_runs(["s/summary.json", "s/x.checkpoint", "s/notes.txt"]));
        assert!(are_runs(["imagenette-runs-2026-03-01.IPRUNS"]));
        assert!(!are_runs(["imagenette2-160.tgz"]));
        assert!(!are_runs(["d/labels.json", "d/train/n01/1.JPEG"]));
        assert!(!are_runs(["noisy_imagenette.csv"]));
    }

    #[test]
    fn a_record_becomes_a_recorded_run_with_an_id_of_its_own() {
        let first = opened(&[("a.json", &json("v=1")), ("b.json", &json("v=1&seed=2"))]);
        assert_eq!((first.runs.len(), first.report()), (2, None));
        let run = &first.runs[0].0;
        assert!(run.recorded && run.synthetic && run.id.len() == 32);
        assert_ne!(run.id, first.runs[1].0.id);
        assert_eq!(opened(&[("c.json", &json("v=1"))]).runs[0].0.id, run.id);
    }

    #[test]
    fn runs_that_are_there_already_are_counted_and_left_alone() {
        let mut again = opened(&[("a.json", &json("v=1")), ("copy.json", &json("v=1"))]);
        assert_eq!((again.runs.len(), again.known), (1, 1));
        // The page's own download of a run has another id on the list.
        let here = made("another id", "v=1&seed=2", 0.5);
        again.read("b.json", &json("v=1&seed=2"), |run| same_run(run, &here));
        assert_eq!((again.runs.len(), again.known), (1, 2));
    }

    #[test]
    fn the_summary_of_a_folder_names_its_sweep() {
        let link = "v=1&sweep=mixup:0|0.4;seed:1|2";
        let plan = Plan::parse(link).plan.unwrap();
        let summary = serde_json::to_string(&Summary::new(&plan, |_| None)).unwrap();
        let opened = opened(&[("summary.json", &summary), ("a.json", &json("v=1"))]);
        assert_eq!(opened.sweep, Some(OpenedSweep { link: link.to_owned(), hash: None }));
        assert!(opened.faults.is_empty());
    }

    #[test]
    fn wrong_files_get_one_message() {
        let newer = json("v=1").replace("\"format\":1", "\"format\":99");
        let mut empty = made("a", "v=1", 0.5).record;
        empty.epochs.clear();
        let empty = serde_json::to_string(&empty).unwrap();
        let files = [
            ("newer.json", newer.as_str()),
            ("other.json", "{\"a\":1}"),
            ("broken.json", "{"),
            ("empty.json", &empty),
            ("good.json", &json("v=1")),
        ];
        let opened = opened(&files);
        assert_eq!((opened.runs.len(), opened.faults.len()), (1, 4));
        let ErrorReport { what, why, .. } = opened.report().unwrap();
        assert_eq!(what, "1 run was opened, but not every file");
        assert!(
            why.starts_with("the files newer.json, other.json, broken.json and 1 more"),
            "{why}"
        );
        assert!(why.contains("format 99"), "{why}");
    }

    #[test]
    fn a_diverged_run_is_listed_whatever_its_program_writes_for_no_number() {
        let mut record = made("a", "v=1", 0.5).record;
        record.outcome = crate::record::Outcome::Diverged;
        record.epochs[2].nll = f64::NAN;
        let null = serde_json::to_string(&record).unwrap();
        for token in ["null", "NaN", "Infinity", "-Infinity"] {
            let text = null.replace("null,\"accuracy\"", &format!("{token},\"accuracy\""));
            let opened = opened(&[("a.json", &text)]);
            assert_eq!(opened.report(), None, "{text}");
            assert!(opened.runs[0].0.record.is_diverged());
        }
        let wrong = json("v=1").replace("\"accuracy\":0.5,\"tta\"", "\"accuracy\":1e999,\"tta\"");
        assert!(wrong.contains("1e999"));
        assert!(opened(&[("a.json", &wrong)]).report().is_some());
    }

    #[test]
    fn damaged_probabilities_are_told() {
        let mut record = made("a", "v=1", 0.5).record;
        let predictions = Predictions {
            images: vec![0, 1],
            labels: vec![0, 1],
            plain: vec![0.0; 3],
            ..Predictions::default()
        };
        record.log_probabilities = Some(predictions);
        let opened = opened(&[("a.json", &serde_json::to_string(&record).unwrap())]);
        assert!(opened.report().unwrap().why.contains("damaged"));
    }
}
