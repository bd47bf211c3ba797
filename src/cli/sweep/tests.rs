//! Sweeps into a folder, on a few of the built-in drawings: whole, cut short and
//! taken up again.

use super::*;
use crate::cli::tests::Place;
use crate::data::sample;
use crate::engine::EngineKind;
use crate::experiment::{DataSource, link};
use crate::record::RunRecord;
use crate::stats::verdict::Verdict;
use crate::sweep::Seat;
use crate::train::host::{Host, RunEvent};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

const BASE: &str = "v=1&subset=10&valid=10&size=16&bs=32&engine=cpu";

fn files(place: &Place, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = place.names().iter().map(|name| place.path(name)).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == extension));
    files
}

fn records(place: &Place) -> Vec<PathBuf> {
    files(place, "json").into_iter().filter(|path| !path.ends_with("summary.json")).collect()
}

fn dataset() -> Arc<Dataset> {
    static SAMPLE: OnceLock<Arc<Dataset>> = OnceLock::new();
    SAMPLE.get_or_init(|| Arc::new(sample::sample())).clone()
}

fn plan(link: &str) -> Plan {
    Plan::parse(link).plan.unwrap()
}

fn go(plan: &Plan, place: &Place) -> anyhow::Result<SweepOutcome> {
    let folder = Folder::open(&place.path(""))?;
    let mut images = ImageStore::new(&DataSource::Sample, None, true);
    train_all(plan, &plan.runs(), &mut images, None, &folder, &Screen::new(true))
}

#[test]
fn a_sweep_is_written_and_taken_up_where_it_was_cut() {
    let plan = plan(&format!("{BASE}&epochs=1&sweep=alone:tta|mixup;seed:1..2"));
    let place = Place::new("sweep");
    let done = go(&plan, &place).unwrap();
    assert_eq!((done.trained, done.resumed, done.reused), (4, 0, 0));
    assert_eq!(done.summary.finished, 4);
    assert!(files(&place, "checkpoint").is_empty() && files(&place, "part").is_empty());

    // The file to ship says what the records say.
    let folder = Folder::open(&place.path("")).unwrap();
    let file = place.path("table.recorded");
    write_recorded(&plan, &plan.runs(), &folder, &file).unwrap();
    let table = RecordedTable::read(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(table.summary().unwrap().text(), done.summary.text());
    drop(folder);

    // Every record is a whole one, named after its link.
    let records = records(&place);
    assert_eq!(records.len(), 4);
    for path in &records {
        let record: RunRecord = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let folder = Folder::open(&place.path("")).unwrap();
        assert_eq!(&folder.record_path(&record.link), path);
        let predictions = record.log_probabilities.unwrap();
        assert_eq!((predictions.labels.len(), predictions.plain.len()), (100, 1000));
        assert_eq!(predictions.tta.is_some(), record.link.contains("tta"));
    }
    let summary = fs::read_to_string(place.path("summary.json")).unwrap();
    assert_eq!(serde_json::from_str::<Summary>(&summary).unwrap().text(), done.summary.text());

    // TTA has a verdict from two seeds of the same weights, mixup has none.
    let [tta, mixup] = &done.summary.contrasts[..] else { panic!("{:?}", done.summary) };
    assert!(!tta.sentence.contains("seeds, and"), "{}", tta.sentence);
    assert_eq!(mixup.verdict, Verdict::CannotTell);
    assert!(mixup.sentence.contains("needs 3 seeds"), "{}", mixup.sentence);

    // One record is lost, one is damaged and one lacks what is needed.
    fs::remove_file(&records[0]).unwrap();
    fs::write(&records[1], "{").unwrap();
    let mut record: RunRecord =
        serde_json::from_str(&fs::read_to_string(&records[2]).unwrap()).unwrap();
    record.log_probabilities = None;
    record.build = "another".to_owned();
    fs::write(&records[2], serde_json::to_string(&record).unwrap()).unwrap();
    let again = go(&plan, &place).unwrap();
    assert_eq!((again.trained, again.reused), (3, 1));
    assert_eq!(again.summary.arms, done.summary.arms);
    assert_eq!(again.summary.contrasts, done.summary.contrasts);

    let third = go(&plan, &place).unwrap();
    assert_eq!((third.trained, third.reused), (0, 4));
    assert_eq!(third.summary.text(), again.summary.text());
    // A run of older numerics is trained again.
    let text = fs::read_to_string(&records[3]).unwrap();
    let old = RunRecord { numerics: 1, ..serde_json::from_str(&text).unwrap() };
    fs::write(&records[3], serde_json::to_string(&old).unwrap()).unwrap();
    let fresh = go(&plan, &place).unwrap();
    assert_eq!((fresh.trained, fresh.reused, fresh.summary.older), (1, 3, 0));
    // More seeds keep the runs that are there.
    let more = go(&plan.with_seeds(3).0, &place).unwrap();
    assert_eq!((more.trained, more.reused), (2, 4));
}

/// Keeps what a run that is killed after its first epoch leaves behind.
struct Killed {
    control: Control,
    checkpoint: Option<Vec<u8>>,
}

impl Host for Killed {
    fn event(&mut self, event: RunEvent) {
        if let RunEvent::EpochEnded { checkpoint, .. } = event {
            self.checkpoint.get_or_insert(checkpoint);
            self.control.stop();
        }
    }

    async fn handle_events(&mut self) {}

    fn seconds(&self) -> f64 {
        0.0
    }

    fn date(&self) -> String {
        String::new()
    }
}

#[test]
fn a_run_goes_on_from_its_checkpoint() {
    let whole = Place::new("sweep");
    let plan = plan(&format!("{BASE}&epochs=2&sweep=seed:1"));
    let expected = go(&plan, &whole).unwrap().summary;

    let experiment = plan.runs()[0].experiment.clone();
    let link = experiment.link();
    let mut host = Killed { control: Control::default(), checkpoint: None };
    let control = host.control.clone();
    let job = Job { experiment, dataset: dataset(), resume: None, init: None };
    let engine = pollster::block_on(device::open(EngineChoice::Cpu, None)).unwrap();
    pollster::block_on(run(job, &engine, &control, &mut host)).unwrap();

    let cut = Place::new("sweep");
    let folder = Folder::open(&cut.path("")).unwrap();
    let bytes = host.checkpoint.unwrap();
    folder.save_checkpoint(&link, &bytes).unwrap();
    // Whatever engine the link asks for, and `auto` would choose by now.
    let mut found = Checkpoint::from_bytes(&bytes).unwrap();
    assert_eq!(engine_of(EngineChoice::Auto, Some(&found)), EngineChoice::Cpu);
    found.state.engine = EngineKind::Webgpu;
    assert_eq!(engine_of(EngineChoice::Auto, Some(&found)), EngineChoice::Webgpu);
    assert_eq!(engine_of(EngineChoice::Auto, None), EngineChoice::Auto);
    let (record, checkpoint) = (folder.record_path(&link), folder.checkpoint_path(&link));
    drop(folder);
    let done = go(&plan, &cut).unwrap();
    assert_eq!((done.trained, done.resumed), (1, 1));
    assert_eq!(done.summary.arms, expected.arms);
    assert!(files(&cut, "checkpoint").is_empty());

    // One that is damaged is passed over.
    fs::remove_file(&record).unwrap();
    fs::write(&checkpoint, b"IMPC").unwrap();
    let done = go(&plan, &cut).unwrap();
    assert_eq!((done.trained, done.resumed), (1, 0));
    assert_eq!(done.summary.arms, expected.arms);
}

#[test]
fn a_record_of_other_data_or_newer_numerics_is_not_overwritten() {
    let place = Place::new("sweep");
    let plan = plan(&format!("{BASE}&epochs=1&sweep=seed:1"));
    go(&plan, &place).unwrap();
    let path = records(&place).remove(0);
    let mut record: RunRecord = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let original = record.clone();
    record.dataset.hash = "ab".repeat(32);
    record.dataset.name = "another".to_owned();
    let newer = RunRecord { numerics: 99, ..original };
    for (record, why) in [(record, "another"), (newer, "numerics 99")] {
        let text = serde_json::to_string(&record).unwrap();
        fs::write(&path, &text).unwrap();
        let error = go(&plan, &place).err().unwrap().to_string();
        assert!(error.contains(why) && error.contains("--out"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn runs_that_the_data_make_equal_are_trained_once() {
    // The drawings are 64 pixels wide: 96 is clamped, and all of a class is 100.
    let place = Place::new("sweep");
    let link = "v=1&subset=10&valid=10&bs=32&epochs=1&engine=cpu&sweep=size:64|96;seed:1";
    let done = go(&plan(link), &place).unwrap();
    assert_eq!((done.trained, records(&place).len()), (1, 1));
    assert_eq!(done.summary.arms[0].mean, done.summary.arms[1].mean);
    assert!(done.summary.arms[1].mean.is_some());
}

#[test]
fn a_run_that_diverges_is_told_and_the_others_go_on() {
    let place = Place::new("sweep");
    let link = format!("{BASE}&epochs=1&bs=10&sweep=lr:0.01|10;seed:1..2");
    let done = go(&plan(&link), &place).unwrap();
    assert_eq!(done.summary.arms[0].seeds.len(), 2);
    let wild = &done.summary.arms[1];
    assert_eq!(wild.seeds.len() + wild.diverged.len(), 2);
    assert_eq!(link::parse(&wild.link).experiment.lr, 10.0);
    assert_eq!(done.summary.contrasts[0].verdict, Verdict::CannotTell);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let place = Place::new("sweep");
    let file = place.path("file");
    fs::write(&file, "").unwrap();
    let error = Folder::open(&file.join("below")).err().unwrap().to_string();
    assert!(error.contains("below") && error.contains("--out"), "{error}");
}

#[test]
fn one_process_at_a_time_works_in_a_folder() {
    let place = Place::new("sweep");
    let held = Folder::open(&place.path("")).unwrap();
    let error = Folder::open(&place.path("")).err().unwrap().to_string();
    assert!(error.contains("another process") && error.contains("--out"), "{error}");
    drop(held);
    Folder::open(&place.path("")).unwrap();
}

#[test]
fn what_a_newer_version_wrote_is_left_alone() {
    let plan = plan(&format!("{BASE}&epochs=1&sweep=seed:1"));
    let link = plan.runs()[0].experiment.link();
    let [place, summed, kept] = ["record", "summary", "checkpoint"].map(Place::new);
    let path = |place: &Place| Folder::open(&place.path("")).unwrap().record_path(&link);
    let newer = [
        (path(&place), br#"{"format":99,"more":[]}"#.to_vec()),
        (summed.path("summary.json"), br#"{"format":99}"#.to_vec()),
        (path(&kept).with_extension("checkpoint"), b"IMPC\xFF\0\0\0and more".to_vec()),
    ];
    for ((file, bytes), place) in newer.into_iter().zip([place, summed, kept]) {
        fs::write(&file, &bytes).unwrap();
        let error = format!("{:#}", go(&plan, &place).err().unwrap());
        assert!(error.contains("newer version"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), bytes);
    }
}

#[test]
fn a_checkpoint_that_cannot_be_written_costs_no_run() {
    let place = Place::new("sweep");
    let plan = plan(&format!("{BASE}&epochs=2&sweep=seed:1"));
    let link = plan.runs()[0].experiment.link();
    let folder = Folder::open(&place.path("")).unwrap();
    // A folder is in the way of the file under which it gathers.
    let checkpoint = folder.checkpoint_path(&link).with_added_extension("part");
    drop(folder);
    fs::create_dir(checkpoint).unwrap();
    let done = go(&plan, &place).unwrap();
    assert_eq!((done.trained, records(&place).len()), (1, 1));
}

#[test]
fn shares_put_together_equal_the_sweep_computed_at_once() {
    let plan = plan(&format!("{BASE}&epochs=1&sweep=alone:mixup;seed:1..3"));
    let whole = Place::new("whole");
    let at_once = go(&plan, &whole).unwrap();

    let seats: Vec<Place> = (1..=2)
        .map(|number| {
            let place = Place::new(&format!("seat-{number}"));
            let share = plan.share(Seat { number, count: 2 }).unwrap();
            go(&share, &place).unwrap();
            place
        })
        .collect();
    // In any order, and one of them twice.
    let folders: Vec<PathBuf> = [1, 0, 1].map(|seat| seats[seat as usize].path("")).to_vec();
    let merged = Place::new("merged");
    let folder = Folder::open(&merged.path("")).unwrap();
    let told = merge::merge(&plan, &folder, &folders).unwrap();
    assert_eq!((told.copied, told.duplicates, told.left_out.len()), (6, 2, 0));
    let without_seconds = |summary: &Summary| Summary { seconds: 0.0, ..summary.clone() };
    assert_eq!(without_seconds(&told.summary), without_seconds(&at_once.summary));

    // Merged again, nothing is new; a stranger's file is named and left out.
    fs::write(seats[0].path("notes.json"), "{}").unwrap();
    let again = merge::merge(&plan, &folder, &folders).unwrap();
    assert_eq!((again.copied, again.duplicates), (0, 8));
    assert!(again.left_out[0].contains("notes.json"), "{:?}", again.left_out);

    // Another result of a run that is there is never taken silently.
    fs::remove_file(seats[0].path("notes.json")).unwrap();
    let path = records(&seats[0]).pop().unwrap();
    let mut record: RunRecord = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    record.log_probabilities.as_mut().unwrap().plain.reverse();
    fs::write(&path, serde_json::to_vec(&record).unwrap()).unwrap();
    let error = merge::merge(&plan, &folder, &folders).unwrap_err().to_string();
    assert!(error.contains("another result"), "{error}");
}
