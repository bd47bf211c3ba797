//! `train` killed at any moment: what it leaves behind is whole, and the same command
//! ends with what an undisturbed run ends with, bit for bit. Also what else must not
//! cost a run: a reader that left, and a second process at the same files.
#![cfg(all(feature = "cli", not(target_family = "wasm")))]

use imagenette_playground::rng::{Draws, Stream};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Decides the moments.
const SEED: u32 = 13;
/// Kills of each kind of run, 20 in all, unless `KILLS` says otherwise.
const KILLS: u32 = 5;

const SMALL: &str = "v=1&subset=10&valid=10&size=16&epochs=3&bs=32&engine=cpu";

/// A folder of its own for one test, removed at its end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("imagenette-playground-kill-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// How a process ended.
#[derive(Debug)]
struct Ended {
    success: bool,
    killed: bool,
    stdout: String,
    stderr: String,
}

fn train(link: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
    command.arg(link).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs to the end, or kills after `moment` what has not ended then.
fn run(command: &mut Command, moment: Option<Duration>) -> Ended {
    let mut child = command.spawn().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (ended, end) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut texts = [String::new(), String::new()];
            out.read_to_string(&mut texts[0]).unwrap();
            err.read_to_string(&mut texts[1]).unwrap();
            ended.send(texts).unwrap();
        });
        let before = moment.map(|moment| end.recv_timeout(moment));
        let killed = matches!(before, Some(Err(_)));
        if killed {
            child.kill().unwrap();
        }
        let [stdout, stderr] = match before {
            Some(Ok(texts)) => texts,
            _ => end.recv().unwrap(),
        };
        let status = child.wait().unwrap();
        // It may have ended by itself at the very moment.
        Ended { success: status.success(), killed: killed && !status.success(), stdout, stderr }
    })
}

/// The lines of a record, but for those that tell times.
fn figures(record: &Path) -> String {
    let text = fs::read_to_string(record).unwrap();
    let timed = ["\"date\":", "\"seconds\":", "\"images_per_second\":"];
    let lines = text.lines().filter(|line| !timed.iter().any(|it| line.contains(it)));
    let kept: Vec<&str> = lines.collect();
    assert!(kept.len() > 50 && text.ends_with("}\n"), "{text}");
    kept.join("\n")
}

/// A run that leaves all that it can in its place.
fn whole(link: &str, place: &Place, more: &[&str]) -> Command {
    let (record, model) = (place.path("record.json"), place.path("model.safetensors"));
    let mut command = train(link, more);
    command.arg("--json").arg(record).arg("--save").arg(model).arg("--probabilities");
    command
}

fn assert_equal(found: &Place, expected: &Place, which: &str) {
    let both = |name: &str| [found.path(name), expected.path(name)];
    let [a, b] = both("record.json").map(|path| figures(&path));
    assert_eq!(a, b, "{which}");
    let [a, b] = both("model.safetensors").map(|path| fs::read(path).unwrap());
    assert!(a == b, "{which}: the models differ");
    assert_eq!(found.names(), ["model.safetensors", "record.json"], "{which}");
}

/// Kills a run at random moments and lets it go on, some of them twice. `kind` decides
/// the moments. How many of the runs went on from a checkpoint.
fn killed_at_random(kind: u32, link: &str, more: &[&str]) -> usize {
    let undisturbed = Place::new();
    let begun = Instant::now();
    let ended = run(&mut whole(link, &undisturbed, more), None);
    let lasts = begun.elapsed();
    assert!(ended.success, "{ended:?}");

    let kills = std::env::var("KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let mut resumed = 0;
    for kill in 0..kills {
        let mut draws = Draws::new(SEED, Stream::Sample, kind, kill);
        let mut place = Place::new();
        let mut moment = lasts.mul_f64(draws.unit());
        // Until it is killed for certain: on an idle machine it may be faster now.
        while !run(&mut whole(link, &place, more), Some(moment)).killed {
            place = Place::new();
            moment = moment.mul_f64(0.8);
        }
        let again = run(&mut whole(link, &place, more), Some(lasts.mul_f64(draws.unit())));
        let last = run(&mut whole(link, &place, more), None);
        assert!(last.success, "{link}, kill {kill}: {last:?}");
        assert_equal(&place, &undisturbed, &format!("{link}, kill {kill}"));
        let went_on = |ended: &Ended| ended.stdout.contains("going on from");
        resumed += usize::from(went_on(&again) || went_on(&last));
    }
    resumed
}

#[test]
fn a_run_killed_at_a_random_moment_ends_as_an_undisturbed_one() {
    let start = Place::new();
    let model = start.path("start.safetensors");
    let model = model.to_str().unwrap();
    let ended = run(&mut train(SMALL, &["--save", model]), None);
    assert!(ended.success, "{ended:?}");

    let resumed = killed_at_random(0, &format!("{SMALL}&mixup=0.4&ls=0.1&tta=2"), &[])
        + killed_at_random(
            1,
            "v=1&subset=10&valid=10&bs=32&engine=cpu&prog=16x1,24x2,32x1&crop=aug",
            &[],
        )
        + killed_at_random(2, &format!("{SMALL}&ft=1"), &["--init", model])
        + killed_at_random(3, &format!("{SMALL}&gbs=8"), &[]);
    // Else the moments were no test of going on.
    assert!(resumed > 0, "no run went on from a checkpoint");
}

/// Reads the output of a process until a line holds `wanted`.
fn read_until(child: &mut Child, wanted: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
        lines.push(line.unwrap());
        if lines.last().is_some_and(|line| line.contains(wanted)) {
            return lines;
        }
    }
    panic!("no line has {wanted:?}: {lines:?}");
}

#[test]
fn the_same_command_goes_on_from_the_last_epoch_and_says_so() {
    let (undisturbed, place) = (Place::new(), Place::new());
    assert!(run(&mut whole(SMALL, &undisturbed, &[]), None).success);

    let mut child = whole(SMALL, &place, &[]).spawn().unwrap();
    let said = read_until(&mut child, "train_loss");
    assert!(said.iter().any(|line| line.contains("the same command goes on from")), "{said:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    let ended = run(&mut whole(SMALL, &place, &[]), None);
    assert!(ended.success && ended.stdout.contains("of 3 epochs are over"), "{ended:?}");
    assert_equal(&place, &undisturbed, "after its first epoch");
}

#[test]
fn a_checkpoint_that_was_named_is_used_for_its_own_run_alone() {
    let place = Place::new();
    let file = place.path("state");
    let with = ["--checkpoint", file.to_str().unwrap()];
    let mut child = train(SMALL, &with).spawn().unwrap();
    read_until(&mut child, "train_loss");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(file.exists());

    let other = run(&mut train(&format!("{SMALL}&seed=7"), &with), None);
    assert!(!other.success && other.stderr.contains("another experiment"), "{other:?}");
    let mut newer = fs::read(&file).unwrap();
    newer[4] = 99;
    let path = place.path("newer");
    fs::write(&path, &newer).unwrap();
    let refused = run(&mut train(SMALL, &["--checkpoint", path.to_str().unwrap()]), None);
    assert!(!refused.success && refused.stderr.contains("newer version"), "{refused:?}");
    assert_eq!(fs::read(&path).unwrap(), newer);
    let text = place.path("notes.txt");
    fs::write(&text, "mine").unwrap();
    let refused = run(&mut train(SMALL, &["--checkpoint", text.to_str().unwrap()]), None);
    assert!(!refused.success && refused.stderr.contains("no checkpoint"), "{refused:?}");
    assert_eq!(fs::read(&text).unwrap(), b"mine");

    let own = run(&mut train(SMALL, &with), None);
    assert!(own.success && own.stdout.contains("going on from"), "{own:?}");
    assert!(!file.exists());
}

#[test]
fn a_reader_that_left_costs_no_run() {
    let (undisturbed, place) = (Place::new(), Place::new());
    assert!(run(&mut whole(SMALL, &undisturbed, &[]), None).success);

    // As `train … 2>&1 | head -1`.
    let mut child = whole(SMALL, &place, &[]).spawn().unwrap();
    read_until(&mut child, "v=1");
    drop((child.stdout.take(), child.stderr.take()));
    assert!(child.wait().unwrap().success());
    assert_equal(&place, &undisturbed, "without a reader");
}

/// Only Linux has this device.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_standard_output_is_told() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = train(SMALL, &["--quiet"]);
    let child = command.stdout(full).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("standard output"), "{said}");
}

#[test]
fn what_stands_in_the_way_of_an_output_is_told_before_the_training() {
    let place = Place::new();
    let missing = place.path("none").join("record.json");
    for option in ["--json", "--save", "--checkpoint"] {
        let ended = run(&mut train(SMALL, &[option, missing.to_str().unwrap()]), None);
        assert!(!ended.success && ended.stderr.contains("cannot be written"), "{ended:?}");
        assert!(!ended.stdout.contains("train_loss"), "{ended:?}");
    }
    let same = place.path("same").to_str().unwrap().to_owned();
    let ended = run(&mut train(SMALL, &["--json", &same, "--save", &same]), None);
    assert!(!ended.success && ended.stderr.contains("the same file"), "{ended:?}");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn two_processes_do_not_write_the_same_files() {
    let place = Place::new();
    let mut first = whole(SMALL, &place, &[]).spawn().unwrap();
    read_until(&mut first, "v=1");
    let second = run(&mut whole(SMALL, &place, &[]), None);
    assert!(!second.success && second.stderr.contains("another process"), "{second:?}");
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(run(&mut whole(SMALL, &place, &[]), None).success);
}

#[test]
fn a_sweep_that_was_killed_goes_on_and_ends_the_same() {
    let (undisturbed, place) = (Place::new(), Place::new());
    let link = format!("{SMALL}&sweep=mixup:0|0.4;seed:1..2");
    let sweep = |place: &Place| train(&link, &["--out", place.0.to_str().unwrap()]);
    let begun = Instant::now();
    assert!(run(&mut sweep(&undisturbed), None).success);
    let lasts = begun.elapsed();

    // A second process at the same folder is refused for as long as the first lives.
    let mut first = sweep(&place).spawn().unwrap();
    read_until(&mut first, "v=1");
    let second = run(&mut sweep(&place), None);
    assert!(!second.success && second.stderr.contains("another process"), "{second:?}");
    first.kill().unwrap();
    first.wait().unwrap();

    let mut draws = Draws::new(SEED, Stream::Sample, 4, 0);
    for _ in 0..2 {
        run(&mut sweep(&place), Some(lasts.mul_f64(draws.unit())));
    }
    let last = run(&mut sweep(&place), None);
    assert!(last.success, "{last:?}");
    assert_eq!(place.names(), undisturbed.names());
    let records: Vec<String> =
        place.names().into_iter().filter(|name| name.contains("seed")).collect();
    assert_eq!(records.len(), 4, "{records:?}");
    for name in records {
        let [a, b] = [&place, &undisturbed].map(|place| {
            let text = fs::read_to_string(place.path(&name)).unwrap();
            let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
            record["date"].take();
            record["images_per_second"].take();
            for row in record["epochs"].as_array_mut().unwrap() {
                row["seconds"].take();
            }
            record
        });
        assert!(a["log_probabilities"].is_object());
        assert_eq!(a, b, "{name}");
    }
}
