//! What runs leave behind: records, files of all runs, saved models, checkpoints.

use super::made;
use super::mutate::{below, bytes, extreme, pick, text, times};
use imagenette_playground::checksum;
use imagenette_playground::format;
use imagenette_playground::model::NamedTensor;
use imagenette_playground::progress::StepPoint;
use imagenette_playground::record::{EpochPredictions, Outcome, Predictions, RunRecord};
use imagenette_playground::rng::Draws;
use imagenette_playground::runs::archive::{self, Contents, RunParts};
use imagenette_playground::runs::list::{Choices, RunList};
use imagenette_playground::runs::opened::OpenedRuns;
use imagenette_playground::runs::printed::printed;
use imagenette_playground::runs::{RunEntry, pack, stored};
use imagenette_playground::saved::{About, SavedModel};
use imagenette_playground::stats::metrics::Scores;
use imagenette_playground::sweep::RunResult;
use std::collections::BTreeSet;
use std::rc::Rc;

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "\"\"",
    "\"epochs\":[]",
    "\"tta\":null,",
    "\"outcome\":\"diverged\",",
    "\"outcome\":\"stopped\",",
    "\"format\":1,",
    "\"accuracy\":2,",
    "\"accuracy\":1e39,",
    "\"number\":4294967295,",
    "\"link\":\"v=2\",",
    "1e999",
    "-1",
    "1e39",
];

/// A record as `train --json --probabilities` writes it: four images of two classes.
const RECORD: &str = r#"{"format":1,"build":"dev","date":"2026-03-01T12:34:56Z",
"outcome":"finished","link":"v=1&epochs=2","dataset":{"name":"imagenette2-160","train":9,
"valid":4,"hash":"ab12"},"engine":"cpu","adapter":"flex","model":{"name":"tiny","params":8954,
"macs":1200000},"epochs":[{"epoch":0,"phase":0,"size":32,"train_loss":2.5,"valid_loss":2.25,
"nll":2.25,"accuracy":0.5,"seconds":1.5},{"epoch":1,"phase":0,"size":32,"train_loss":1.5,
"valid_loss":1.25,"nll":1.25,"accuracy":0.75,"seconds":1.25}],"accuracy":0.75,"tta":{"accuracy":0.5,
"passes":5,"seconds":0.5},"images_per_second":250.5,"log_probabilities":{"images":[9,10,11,12],
"labels":[0,0,1,1],"plain":[-0.1,-2.3,-0.2,-1.7,-0.3,-1.35,-1.2,-0.36],"tta":[-0.1,-2.3,-0.9,-0.5,
-0.3,-1.35,-1.2,-0.36],"epochs":[{"predicted":[0,1,0,1],"log_probability":[-0.1,-1.5,-1.5,-0.5]},
{"predicted":[0,0,0,1],"log_probability":[-0.1,-0.5,-1.5,-0.5]}]}}"#;

fn record() -> RunRecord {
    serde_json::from_str(RECORD).unwrap()
}

/// Mutates JSON text, mostly so that it is JSON still.
fn json(draws: &mut Draws, json: &mut String) {
    for _ in 0..times(draws) {
        if draws.chance(0.75) {
            one_value(draws, json);
        } else {
            text(draws, json, WORDS, &[',', '{', '[']);
        }
    }
    if draws.chance(0.01) {
        let deep = 1 << (4 + draws.below(14));
        *json = format!("{}{json}{}", "[".repeat(deep), "]".repeat(deep));
    }
}

/// Puts another value in place of one, which leaves the rest as it is.
fn one_value(draws: &mut Draws, json: &mut String) {
    let is_value = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let at: Vec<usize> = json
        .bytes()
        .zip(json.bytes().skip(1))
        .enumerate()
        .filter(|(_, (before, byte))| b":[,".contains(before) && is_value(byte))
        .map(|(place, _)| place + 1)
        .collect();
    if at.is_empty() {
        return;
    }
    let start = *pick(draws, &at);
    let length = json.as_bytes()[start..].iter().take_while(|byte| is_value(byte)).count();
    let other = match draws.below(4) {
        0 => extreme(draws).to_string(),
        1 => format!("{:e}", 10f64.powi(draws.below(320) as i32) * draws.unit()),
        2 => draws.below(300).to_string(),
        _ => (*pick(
            draws,
            &[
                "null", "-1", "0", "1e39", "-1e39", "1e308", "1.5", "[]", "{}", "\"\"", "true",
                "0.1",
            ],
        ))
        .to_owned(),
    };
    json.replace_range(start..start + length, &other);
}

/// A mutated record.
pub fn record_made(draws: &mut Draws) -> Vec<u8> {
    let mut made = RECORD.to_owned();
    json(draws, &mut made);
    made.into_bytes()
}

/// Opens a record as the page does. Past the header: it is JSON of some format.
pub fn record_fed(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let mut opened = OpenedRuns::default();
    opened.read("run.json", &text, |_| false);
    assert!(opened.runs.len() + opened.faults.len() + usize::from(opened.sweep.is_some()) == 1);
    if let Some(report) = opened.report() {
        assert!(report.why.len() < 10_000, "a message of {} bytes", report.why.len());
    }
    for (entry, predictions) in &opened.runs {
        check(entry, predictions.as_ref());
    }
    check_list(opened.runs.into_iter().map(|(entry, _)| entry).collect(), Choices::default());
    serde_json::from_str::<serde_json::Value>(&text)
        .is_ok_and(|value| value.get("format").is_some_and(|format| format.is_u64()))
}

/// What holds of every run that is accepted, whatever file it came from.
fn check(entry: &RunEntry, predictions: Option<&Predictions>) {
    let record = &entry.record;
    let diverged = record.outcome == Outcome::Diverged;
    let share = |value: f64| (0.0..=1.0).contains(&value) || (diverged && value.is_nan());
    assert!(share(record.accuracy), "accuracy {}", record.accuracy);
    assert!(share(entry.accuracy()), "accuracy {}", entry.accuracy());
    assert!(diverged || !record.epochs.is_empty(), "no epochs");
    for row in &record.epochs {
        for value in [row.train_loss, row.valid_loss, row.nll, row.accuracy, row.seconds] {
            assert!(!value.is_infinite(), "{row:?}");
        }
    }
    assert!(record.images_per_second.is_finite(), "{} images/s", record.images_per_second);
    assert!(entry.number < u32::MAX / 2, "run {}", entry.number);
    // What the list shows of it.
    let interval = entry.interval();
    assert!(diverged || interval.low <= interval.high, "{interval:?}");
    let experiment = imagenette_playground::experiment::link::parse(&record.link).experiment;
    let shown = printed(&experiment, &record.epochs, record.tta.as_ref());
    assert!(!shown.is_empty());
    assert!(!format::duration(entry.seconds()).is_empty());
    let Some(predictions) = predictions else { return };
    assert_eq!(predictions.images.len(), predictions.labels.len());
    for scores in [Some(&predictions.plain), predictions.tta.as_ref()].into_iter().flatten() {
        assert!(scores.iter().all(|score| score.is_finite()), "{scores:?}");
        let scores = Scores::new(scores, &predictions.labels).expect("they were accepted");
        assert!(scores.confusion().per_class().len() >= 2);
        if let Ok(probabilities) = scores.probabilities() {
            assert!(probabilities.nll() >= 0.0 && probabilities.brier() >= 0.0);
            let calibration = probabilities.calibration();
            assert!((0.0..=1.0).contains(&calibration.ece), "{calibration:?}");
            assert!(calibration.interval.low <= calibration.interval.high, "{calibration:?}");
        }
    }
    let whole = RunRecord { log_probabilities: Some(predictions.clone()), ..record.clone() };
    assert!(RunResult::of(&whole).is_ok());
    // It can be kept, and is the same afterwards.
    let packed = pack::pack_predictions(predictions).expect("they fit each other");
    assert!(pack::unpack_predictions(&packed).is_ok());
}

/// What holds of a list that takes these runs in, and goes on with two of its own.
fn check_list(mut runs: Vec<RunEntry>, choices: Choices) {
    for (id, date) in [("own-1", "2027-01-01T00:00:00Z"), ("own-2", "2027-01-02T00:00:00Z")] {
        let (mut own, _) = RunEntry::new(id.to_owned(), record(), &[], false);
        own.record.date = date.to_owned();
        runs.push(own);
    }
    let count = runs.iter().map(|run| run.id.as_str()).collect::<BTreeSet<_>>().len();
    let list = RunList::default().with_choices(&choices).with_runs(runs.into_iter().map(Rc::new));
    let numbers: BTreeSet<u32> = list.runs().iter().map(|run| run.number).collect();
    assert_eq!(numbers.len(), count, "two runs have the same number");
    assert!(!numbers.contains(&0), "a run has no number");
    for line in list.lines() {
        assert!(!list.name(line).is_empty());
        list.baseline_line(line);
    }
}

/// A file of two runs, its table of contents or its bulk mutated.
pub fn ipruns_made(draws: &mut Draws) -> Vec<u8> {
    let mut bulk = Vec::new();
    let mut runs = Vec::new();
    for (place, id) in ["a1b2", "c3d4"].into_iter().enumerate() {
        let points: Vec<StepPoint> = (0..3)
            .map(|step| StepPoint {
                step,
                epoch: f64::from(step),
                loss: 2.0,
                smooth_loss: 2.0,
                lr: 0.01,
                momentum: 0.9,
            })
            .collect();
        let mut record = record();
        record.date = format!("2026-03-0{}T00:00:00Z", place + 1);
        let (mut entry, predictions) = RunEntry::new(id.to_owned(), record, &points, false);
        entry.number = place as u32 + 1;
        let predictions = predictions.unwrap();
        let mut run = stored::write_entry(&entry).unwrap();
        if draws.chance(0.3) {
            let (_, value) = run.split_once("\"value\":").unwrap();
            let mut value = value.strip_suffix('}').unwrap().to_owned();
            json(draws, &mut value);
            let (version, sum) = (stored::VERSION, checksum::of(value.as_bytes()));
            run = format!("{{\"version\":{version},\"sum\":{sum},\"value\":{value}}}");
        }
        let mut parts = RunParts {
            text: run.into_bytes(),
            curve: pack::pack_curve(&points),
            predictions: pack::pack_predictions(&predictions).unwrap(),
            epochs: pack::pack_epochs(&predictions.epochs).unwrap(),
        };
        let honest = draws.chance(0.8);
        let before = parts.item(id);
        for part in [&mut parts.curve, &mut parts.predictions, &mut parts.epochs] {
            if draws.chance(0.15) {
                let (length, other) = (part.len(), part.clone());
                bytes(draws, part, &other);
                part.resize(length, 0);
                if draws.chance(0.8) {
                    made::seal(part);
                }
            }
        }
        runs.push(if honest { parts.item(id) } else { before });
        let RunParts { text, curve, predictions, epochs } = parts;
        bulk.extend([text, curve, predictions, epochs].concat());
    }
    let contents = Contents { choices: Choices::default(), runs };
    let [mut head, tail] = archive::write_ends(&contents).unwrap();
    if draws.chance(0.3) {
        let sealed = head.split_off(archive::PREAMBLE);
        let mut header = String::from_utf8(checksum::open(&sealed).unwrap().to_vec()).unwrap();
        json(draws, &mut header);
        let mut header = header.into_bytes();
        checksum::seal(&mut header);
        let length = if draws.chance(0.9) { header.len() as u32 } else { extreme(draws) as u32 };
        head[12..16].copy_from_slice(&length.to_le_bytes());
        head.extend(header);
    }
    let mut file = [head, bulk, tail].concat();
    if draws.chance(0.15) {
        let other = file.clone();
        bytes(draws, &mut file, &other);
    }
    file
}

/// Imports a file of runs as the page does. Past the header: its table of contents
/// could be read.
pub fn ipruns_fed(file: &[u8]) -> bool {
    let length = file.len() as u64;
    let slice = |range: &std::ops::Range<u64>| {
        let [start, end] = [range.start, range.end].map(|it| file.len().min(it as usize));
        &file[start..end]
    };
    let edge = archive::PREAMBLE as u64;
    let read = archive::header_place(slice(&(0..edge)), length)
        .and_then(|(place, format)| archive::read_header(slice(&place), format, length));
    let read = read.ok().or_else(|| {
        let end = slice(&(length.saturating_sub(edge)..length));
        let place = archive::copy_place(end, length)?;
        archive::read_header(slice(&place), archive::VERSION, length).ok()
    });
    let Some((contents, places)) = read else { return false };
    let mut runs = Vec::new();
    for (item, place) in contents.runs.into_iter().zip(places) {
        let part = |range| slice(range).to_vec();
        let mut parts = RunParts {
            text: part(&place.text),
            curve: part(&place.curve),
            predictions: part(&place.predictions),
            epochs: part(&place.epochs),
        };
        let Ok((entry, _)) = archive::read_run(item, &mut parts) else { continue };
        let predictions = entry
            .has_predictions
            .then(|| pack::unpack_predictions(&parts.predictions).expect("they were accepted"));
        check(&entry, predictions.as_ref());
        runs.push(entry);
    }
    check_list(runs, contents.choices);
    true
}

fn tensors() -> Vec<NamedTensor> {
    let tensor = |name: &str, shape: &[usize]| NamedTensor {
        name: name.to_owned(),
        shape: shape.to_vec(),
        data: (0..shape.iter().product()).map(|at: usize| at as f32 / 8.0).collect(),
    };
    vec![
        tensor("stages.0.conv.weight", &[4, 3, 3, 3]),
        tensor("stages.0.norm.gamma", &[4]),
        tensor("head.weight", &[4, 2]),
        tensor("head.bias", &[2]),
    ]
}

/// A header of JSON and values, one of both mutated. `place` is where the header
/// begins, after its length of so many bytes.
fn with_header(draws: &mut Draws, file: Vec<u8>, place: usize, wide: usize) -> Vec<u8> {
    let mut length = [0; 8];
    length[..wide].copy_from_slice(&file[place - wide..place]);
    let end = place + u64::from_le_bytes(length) as usize;
    let mut header = String::from_utf8(file[place..end].to_vec()).unwrap();
    let mut values = file[end..].to_vec();
    if draws.chance(0.6) {
        json(draws, &mut header);
    }
    if draws.chance(0.4) {
        let other = values.clone();
        bytes(draws, &mut values, &other);
    }
    let length = if draws.chance(0.95) { header.len() as u64 } else { extreme(draws) };
    let mut made = file[..place - wide].to_vec();
    made.extend(&length.to_le_bytes()[..wide]);
    made.extend(header.into_bytes());
    made.extend(values);
    if draws.chance(0.1) {
        bytes(draws, &mut made, &file);
    }
    made
}

/// A saved model, mutated.
pub fn model_made(draws: &mut Draws) -> Vec<u8> {
    let about = About {
        link: "v=1&epochs=2".to_owned(),
        model: "tiny".to_owned(),
        classes: vec!["tench".to_owned(), "church".to_owned()],
        normalization: Some([[0.5; 3], [0.25; 3]]),
        size: 32,
        accuracy: 0.75,
        epochs: 2,
        dataset: "made".to_owned(),
        build: "dev".to_owned(),
    };
    let file = SavedModel { about, tensors: tensors() }.to_bytes();
    with_header(draws, file, 8, 8)
}

/// Opens a saved model. Past the header: the header is JSON.
pub fn model_fed(input: &[u8]) -> bool {
    match SavedModel::from_bytes(input) {
        Ok(model) => {
            let values: usize = model.tensors.iter().map(|tensor| tensor.data.len()).sum();
            assert!(4 * values <= input.len());
            for tensor in &model.tensors {
                assert_eq!(tensor.shape.iter().product::<usize>(), tensor.data.len());
                assert!(tensor.data.iter().all(|value| value.is_finite()));
            }
            assert!(model.about.kind().is_some());
            // Written again, it is the same model.
            let again = SavedModel::from_bytes(&model.to_bytes());
            assert_eq!(again.as_ref(), Ok(&model));
            import(&model);
            true
        }
        Err(error) => {
            assert!(error.to_string().len() < 1 << 20);
            let header = input.get(8..).and_then(|rest| {
                let length = u64::from_le_bytes(*input.first_chunk()?);
                rest.get(..usize::try_from(length).ok()?)
            });
            header.is_some_and(|it| serde_json::from_slice::<serde_json::Value>(it).is_ok())
        }
    }
}

/// Puts the weights into a network, which refuses what does not fit.
#[cfg(feature = "engine")]
fn import(model: &SavedModel) {
    use burn::tensor::Device;
    use imagenette_playground::model::Network;
    if let Some(kind) = model.about.kind() {
        let network = Network::new(kind, model.about.classes.len(), 1, &Device::flex());
        assert!(network.import(&model.tensors).is_err(), "four tensors are no network");
    }
}

#[cfg(not(feature = "engine"))]
fn import(_: &SavedModel) {}

/// Packed predictions and curves stand in every file of runs; here they stand alone.
pub fn packed_made(draws: &mut Draws) -> Vec<u8> {
    let predictions = record().log_probabilities.unwrap();
    let mut made = match draws.below(2) {
        0 => pack::pack_predictions(&predictions).unwrap(),
        _ => pack::pack_epochs(&predictions.epochs).unwrap(),
    };
    for _ in 0..times(draws) {
        let mut rest = made.split_off(4);
        let other = rest.clone();
        bytes(draws, &mut rest, &other);
        made.extend(rest);
    }
    if draws.chance(0.3) {
        let at = 8 + 4 * below(draws, 2);
        if let Some(place) = made.get_mut(at..at + 4) {
            place.copy_from_slice(&(extreme(draws) as u32).to_le_bytes());
        }
    }
    if draws.chance(0.8) {
        made::seal(&mut made);
    }
    made
}

/// Unpacks. Past the header: kind and version are ours.
pub fn packed_fed(input: &[u8]) -> bool {
    if let Ok(read) = pack::unpack_predictions(input) {
        assert!(4 * read.images.len() <= input.len() && 2 * read.plain.len() <= input.len());
    }
    if let Ok(read) = pack::unpack_epochs(input) {
        let images: usize = read.iter().map(|epoch: &EpochPredictions| epoch.predicted.len()).sum();
        assert!(3 * images <= input.len());
    }
    pack::unpack_curve(input).ok();
    input.get(4) == Some(&pack::VERSION)
}

#[cfg(feature = "engine")]
pub mod checkpoints {
    //! The state of an unfinished run.

    use super::{Draws, record, tensors, with_header};
    use imagenette_playground::engine::EngineKind;
    use imagenette_playground::train::checkpoint::{self, Checkpoint, RunState};
    use sha2::{Digest as _, Sha256};

    /// Where the checksum ends: after the magic, the format and itself.
    const SUMMED: usize = 16;
    /// Where the header begins: after its length.
    const HEADER: usize = SUMMED + 4;

    fn checksum(bytes: &[u8]) -> Option<[u8; 8]> {
        let whole: [u8; 32] = Sha256::digest(bytes.get(SUMMED..)?).into();
        whole.first_chunk().copied()
    }

    fn valid() -> Checkpoint {
        let record = record();
        Checkpoint {
            state: RunState {
                link: record.link,
                dataset: record.dataset.hash,
                engine: EngineKind::Cpu,
                epochs: record.epochs,
                batch: 1,
                spent: 0.5,
                smooth: (1.25, 30),
                elapsed: 2.5,
                training: 2.0,
                images: 192.0,
            },
            tensors: tensors(),
            ended: tensors(),
            predictions: vec![-0.1, -2.3, -0.2, -1.7],
            pass: vec![-0.5, -0.9],
            augmented: vec![vec![-0.1, -2.3, -0.2, -1.7]],
            epochs: record.log_probabilities.map(|it| it.epochs).unwrap_or_default(),
        }
    }

    /// A checkpoint, mutated.
    pub fn made(draws: &mut Draws) -> Vec<u8> {
        let mut made = with_header(draws, valid().to_bytes(), HEADER, 4);
        if draws.chance(0.9)
            && let Some(sum) = checksum(&made)
        {
            made[SUMMED - 8..SUMMED].copy_from_slice(&sum);
        }
        made
    }

    /// Without what is written in decimals, whose last bits may change: times and counts
    /// of them, which decide no result.
    fn untimed(mut checkpoint: Checkpoint) -> Checkpoint {
        let state = &mut checkpoint.state;
        for time in [&mut state.elapsed, &mut state.training, &mut state.images, &mut state.spent] {
            *time = 0.0;
        }
        checkpoint
    }

    /// Reads a checkpoint. Past the header: the header is JSON.
    pub fn fed(input: &[u8]) -> bool {
        match Checkpoint::from_bytes(input) {
            Ok(read) => {
                for tensor in &read.tensors {
                    assert_eq!(tensor.shape.iter().product::<usize>(), tensor.data.len());
                }
                // Values are compared as bytes, since some are no numbers.
                let bytes = untimed(read).to_bytes();
                let again = Checkpoint::from_bytes(&bytes).expect("it was written just now");
                assert_eq!(untimed(again).to_bytes(), bytes);
                true
            }
            Err(error) => {
                assert!(error.to_string().len() < 10_000);
                let ours = checkpoint::is_checkpoint(input) && !checkpoint::is_newer(input);
                let header = input.get(HEADER..).and_then(|rest| {
                    let length = u32::from_le_bytes(*input.get(..HEADER)?.last_chunk()?);
                    rest.get(..length as usize)
                });
                let sound = input
                    .get(SUMMED - 8..SUMMED)
                    .is_some_and(|sum| checksum(input).is_some_and(|expected| sum == expected));
                ours && sound
                    && header
                        .is_some_and(|it| serde_json::from_slice::<serde_json::Value>(it).is_ok())
            }
        }
    }
}
