//! The child processes that readers run in: this test program started again, with
//! limits. A child says a line after every input, so that whoever started it knows
//! which one it died of.

use super::targets::Target;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The environment variable that makes this program a child.
pub const TASK: &str = "FUZZ_CHILD";
/// How the lines of a child begin, since the test runner says lines, too.
const MARK: &str = "fuzz: ";
/// Failures after which a target is given up.
const MOST: usize = 5;

/// Where inputs come from.
#[derive(Clone, Copy)]
pub enum Inputs {
    /// Made with this seed.
    Made(u32),
    /// Kept in files.
    Found,
}

/// What one input may take.
#[derive(Clone, Copy)]
pub struct Limits {
    pub time: Duration,
    /// MiB above the process itself.
    pub memory: u64,
}

#[derive(Debug)]
pub struct Failure {
    pub number: u32,
    pub why: String,
}

#[derive(Debug, Default)]
pub struct Report {
    pub fed: u32,
    /// Of these, how many got past the header.
    pub past: u32,
    pub failures: Vec<Failure>,
}

impl Target {
    /// The input of this number.
    pub fn input(&self, inputs: Inputs, number: u32) -> Vec<u8> {
        match inputs {
            Inputs::Made(seed) => self.made(seed, number),
            Inputs::Found => fs::read(&found(self.name)[number as usize]).unwrap(),
        }
    }
}

/// The files of inputs that broke this target once.
pub fn found(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/found").join(target);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Feeds a target its inputs in as many children as it takes.
pub fn feed_all(target: &Target, inputs: Inputs, numbers: Range<u32>, limits: Limits) -> Report {
    let mut report = Report::default();
    let mut next = numbers.start;
    while next < numbers.end && report.failures.len() < MOST {
        let task = match inputs {
            Inputs::Made(seed) => format!("{} {seed} {next} {}", target.name, numbers.end),
            Inputs::Found => format!("{} found {next} {}", target.name, numbers.end),
        };
        next = feed_in_child(&task, next..numbers.end, limits, &mut report);
    }
    report
}

/// One child. The number of the input that the next one begins with.
fn feed_in_child(task: &str, numbers: Range<u32>, limits: Limits, report: &mut Report) -> u32 {
    let mut child = command(limits.memory).env(TASK, task).spawn().unwrap();
    let (out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (says, said) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            for line in BufReader::new(out).split(b'\n') {
                let line = String::from_utf8_lossy(&line.unwrap()).into_owned();
                if let Some(line) = line.strip_prefix(MARK) {
                    says.send(line.to_owned()).ok();
                }
            }
        });
        let errors = scope.spawn(move || {
            let mut text = Vec::new();
            err.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        for number in numbers.clone() {
            let line = said.recv_timeout(limits.time);
            report.fed += 1;
            match line.as_deref() {
                Ok(line) => report.past += u32::from(line == "past"),
                Err(error) => {
                    child.kill().ok();
                    child.wait().unwrap();
                    let errors = errors.join().unwrap();
                    let tail: Vec<&str> = errors.lines().rev().take(12).collect();
                    let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
                    let why = match error {
                        mpsc::RecvTimeoutError::Timeout => {
                            format!("no answer within {} s; {tail}", limits.time.as_secs())
                        }
                        mpsc::RecvTimeoutError::Disconnected => format!("it crashed: {tail}"),
                    };
                    report.failures.push(Failure { number, why });
                    return number + 1;
                }
            }
        }
        child.wait().unwrap();
        numbers.end
    })
}

/// This program as a child that may take so many MiB more than itself.
fn command(memory: u64) -> Command {
    let program = std::env::current_exe().unwrap();
    let mut command = match own_kib() {
        // The shell's own limit, because setting one takes unsafe code.
        Some(own) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", "ulimit -v \"$1\"; shift; exec \"$@\"", "sh"]);
            shell.arg((own + memory * 1024).to_string()).arg(program);
            shell
        }
        None => Command::new(program),
    };
    command.args(["--exact", "child_process", "--nocapture", "--test-threads=1"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A backtrace is searched for in the debug information, which takes memory itself.
    command.env("RUST_BACKTRACE", "0");
    command
}

/// Address space of a child before its first input; `None` where that is not told.
fn own_kib() -> Option<u64> {
    /// The thread of the test and its part of the heap.
    const THREAD: u64 = 160 << 10;
    let sizes = fs::read_to_string("/proc/self/smaps").ok()?;
    // The program and its libraries; not the heaps and stacks of this process.
    let mapped = sizes.lines().filter(|line| line.starts_with("Size:")).count();
    assert!(mapped > 0);
    let mut total = 0;
    let mut counts = false;
    for line in sizes.lines() {
        if let Some(size) = line.strip_prefix("Size:") {
            if counts {
                total += size.trim().trim_end_matches(" kB").parse::<u64>().unwrap();
            }
        } else if line.split_whitespace().next().is_some_and(|range| range.contains('-')) {
            counts = line.contains('/');
        }
    }
    Some(total + THREAD)
}

/// What a child does: feeds the inputs of its task and says what became of each.
pub fn feed(task: &str) {
    let words: Vec<&str> = task.split(' ').collect();
    let [name, seed, first, end] = words[..] else { panic!("{task}") };
    let target = Target::named(name);
    let inputs = match seed {
        "found" => Inputs::Found,
        seed => Inputs::Made(seed.parse().unwrap()),
    };
    // Ends the line that the test runner has begun.
    println!();
    for number in first.parse::<u32>().unwrap()..end.parse().unwrap() {
        let input = target.input(inputs, number);
        let past = (target.feed)(&input);
        println!("{MARK}{}", if past { "past" } else { "refused" });
        std::io::stdout().flush().unwrap();
    }
}
