//! Whether a laptop is ready for a lesson: https, engine, memory, storage and time, each with
//! what was found and what to do instead.

use super::{ClassImages, planned};
use crate::app::format::rough_duration;
use crate::bridge::{EngineStanding, PageSnapshot};
use crate::cost::memory::Load;
use crate::cost::{TRAINING_PASSES, batches, macs, taken};
use crate::experiment::{EngineChoice, Experiment};
use crate::text::{self, sentence};

/// Classes where the data do not say.
const CLASSES: usize = 10;

/// Seconds for all that is set up that a lesson has room for, and that it has hardly.
const SECONDS: [f64; 2] = [600.0, 1800.0];

/// Shares of the device's memory that a run may take: easily, and at most.
const MEMORY: [f64; 2] = [0.25, 0.5];

/// Free bytes below which little can be stored: a hundred runs with their predictions.
const FREE: f64 = 50e6;

/// How ready a part of a laptop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckWord {
    /// Nothing is in the way.
    Ready,
    /// It works, with less.
    Limited,
    /// It does not work.
    Missing,
    /// The browser does not say.
    Unknown,
}

impl CheckWord {
    /// The word.
    pub fn text(self) -> &'static str {
        match self {
            Self::Ready => text::check_ready(),
            Self::Limited => text::check_limited(),
            Self::Missing => text::check_missing(),
            Self::Unknown => text::check_unknown(),
        }
    }
}

/// One line of the check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckLine {
    /// What was looked at.
    pub name: &'static str,
    /// How ready it is.
    pub word: CheckWord,
    /// What was found, as a sentence.
    pub found: String,
    /// What to do instead, or nothing.
    pub fallback: String,
}

impl CheckLine {
    fn new(name: &'static str, word: CheckWord, found: impl Into<String>) -> Self {
        Self { name, word, found: found.into(), fallback: String::new() }
    }

    fn or(self, fallback: impl Into<String>) -> Self {
        Self { fallback: fallback.into(), ..self }
    }
}

/// What the browser says of the laptop itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Laptop {
    /// The page came by https or from this machine.
    pub secure: bool,
    /// Gibibytes of memory; `None` where the browser does not say.
    pub memory: Option<f64>,
    /// Files of the site's own can be written, or why not.
    pub files: Option<Result<(), String>>,
}

/// Training steps that were timed.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedSteps {
    /// Steps between the first look at the clock and the last.
    pub steps: u32,
    /// Seconds between them.
    pub seconds: f64,
}

/// Steps from which on a timing is good enough, and its least and most seconds.
const ENOUGH: u32 = 5;
const TIMED: [f64; 2] = [1.0, 12.0];

/// Takes the time of training steps. The first one does not count: shaders are compiled then.
#[derive(Clone, Debug, Default)]
pub struct StepClock {
    begun: f64,
    first: Option<(u32, f64)>,
    last: Option<(u32, f64)>,
}

impl StepClock {
    /// A clock that begins now; all times are in seconds.
    pub fn new(now: f64) -> Self {
        Self { begun: now, ..Self::default() }
    }

    /// So many steps were taken by now.
    pub fn hear(&mut self, steps: u32, now: f64) {
        match self.first {
            None if steps > 0 => self.first = Some((steps, now)),
            Some((before, _)) if steps > before => self.last = Some((steps, now)),
            _ => {}
        }
    }

    /// True if no more steps are needed.
    pub fn is_enough(&self, now: f64) -> bool {
        let [least, most] = TIMED;
        now - self.begun >= most
            || self.timed().is_some_and(|it| it.steps >= ENOUGH && it.seconds >= least)
    }

    /// The steps and their time, if there is any. A single portion of steps has no time but
    /// that since the beginning.
    pub fn timed(&self) -> Option<TimedSteps> {
        let (before, from) = self.first?;
        let (steps, seconds) = match self.last {
            Some((steps, at)) => (steps - before, at - from),
            None => (before, from - self.begun),
        };
        (seconds > 0.0).then_some(TimedSteps { steps, seconds })
    }

    /// Milliseconds after which it is enough in any case.
    pub fn patience() -> f64 {
        let [_, most] = TIMED;
        1000.0 * most
    }
}

/// How fast the laptop trains.
#[derive(Clone, Debug, PartialEq)]
pub enum LaptopPace {
    /// Measured now.
    Timed(TimedSteps),
    /// Not now, and why not.
    Untimed(String),
}

/// Multiply-accumulates per second in these training steps.
pub fn speed(timed: &TimedSteps, experiment: &Experiment, images: &ClassImages) -> f64 {
    let (_, batch) = batches(experiment, taken(&images.train, experiment.subset));
    let size = experiment.phases().first().map_or(experiment.size, |phase| phase.size);
    let step = TRAINING_PASSES
        * f64::from(batch)
        * macs(experiment.model, images.train.len().max(1), size) as f64;
    f64::from(timed.steps) * step / timed.seconds.max(1e-3)
}

/// The lines of the check.
pub fn check(page: &PageSnapshot, laptop: &Laptop, pace: &LaptopPace) -> Vec<CheckLine> {
    let runs = planned(&page.link);
    let images = runs.first().and_then(|first| ClassImages::of(&first.data, page));
    vec![
        https(laptop.secure),
        engine(&page.engine, &runs),
        memory(&runs, images.as_ref(), laptop.memory),
        storage(page, laptop),
        time(page, &runs, images.as_ref(), pace),
    ]
}

/// All lines as one, for the teacher.
pub fn report(lines: &[CheckLine]) -> String {
    let part = |line: &CheckLine| text::check_part(line.name, line.word.text(), &line.found);
    let parts: Vec<String> = lines.iter().map(part).collect();
    text::check_report(&parts.join(" "), crate::BUILD_ID)
}

fn https(secure: bool) -> CheckLine {
    let line = |word, found: &'static str| CheckLine::new(text::check_https(), word, found);
    match secure {
        true => line(CheckWord::Ready, text::check_https_ready()),
        false => {
            line(CheckWord::Missing, text::check_https_missing()).or(text::check_https_fallback())
        }
    }
}

fn engine(standing: &EngineStanding, runs: &[Experiment]) -> CheckLine {
    let line = |word, found: String| CheckLine::new(text::check_engine(), word, found);
    let by_link = !runs.is_empty() && runs.iter().all(|run| run.engine == EngineChoice::Cpu);
    match standing {
        EngineStanding::Starting => {
            line(CheckWord::Unknown, text::check_engine_starting().to_owned())
        }
        EngineStanding::Broken(why) => {
            line(CheckWord::Missing, text::check_engine_broken(&sentence(why)))
                .or(text::check_partner())
        }
        EngineStanding::Webgpu { adapter, software: false } => {
            line(CheckWord::Ready, text::check_engine_webgpu(adapter))
        }
        EngineStanding::NoWebgpu(_) | EngineStanding::Webgpu { .. } if by_link => {
            line(CheckWord::Ready, text::check_engine_cpu().to_owned())
        }
        EngineStanding::Webgpu { adapter, .. } => {
            line(CheckWord::Limited, text::check_engine_software(adapter))
                .or(text::check_engine_fallback())
        }
        EngineStanding::NoWebgpu(why) => {
            line(CheckWord::Missing, text::check_engine_missing(&sentence(why)))
                .or(text::check_engine_fallback())
        }
    }
}

/// Bytes that the run with the largest need takes, its images included.
fn need(runs: &[Experiment], images: Option<&ClassImages>, batch: Option<u32>) -> f64 {
    let of = |experiment: &Experiment| {
        let classes = images.map_or(CLASSES, |images| images.train.len());
        let train = images.map_or(u32::MAX, |images| taken(&images.train, experiment.subset));
        let data = images.and_then(|images| images.memory).unwrap_or_default();
        let load = Load { experiment, classes, data: 0, train: train as usize };
        load.need(u64::from(batch.unwrap_or(experiment.bs))).total as f64 + data
    };
    runs.iter().map(of).fold(0.0, f64::max)
}

fn memory(runs: &[Experiment], images: Option<&ClassImages>, has: Option<f64>) -> CheckLine {
    let line = |word, found: String| CheckLine::new(text::check_memory(), word, found);
    let needed = need(runs, images, None);
    let Some(has) = has.map(|gibibytes| gibibytes * f64::from(1 << 30)) else {
        return line(CheckWord::Unknown, text::check_memory_unknown(&gigabytes(needed)))
            .or(text::check_memory_watch());
    };
    let found = text::check_memory_found(&gigabytes(needed), &gigabytes(has));
    let [easily, most] = MEMORY.map(|share| share * has);
    if needed <= easily {
        return line(CheckWord::Ready, found);
    }
    let largest = runs.iter().map(|run| run.bs).max().unwrap_or_default();
    let mut smaller = std::iter::successors(Some(largest / 2), |batch| Some(batch / 2))
        .take_while(|batch| *batch > 0);
    let fallback = match smaller.find(|batch| need(runs, images, Some(*batch)) <= easily) {
        Some(batch) => text::check_memory_batch(&batch.to_string()),
        None => text::check_memory_small().to_owned(),
    };
    let word = if needed <= most { CheckWord::Limited } else { CheckWord::Missing };
    line(word, found).or(fallback)
}

fn storage(page: &PageSnapshot, laptop: &Laptop) -> CheckLine {
    let line = |word, found: String| CheckLine::new(text::check_storage(), word, found);
    let free = page.space.and_then(|(used, quota)| Some(quota? - used));
    let room = free.map_or_else(String::new, |free| text::check_storage_free(&gigabytes(free)));
    let with_room = |found: &str| format!("{found} {room}").trim().to_owned();
    match (page.store, &laptop.files) {
        (None, _) => line(CheckWord::Unknown, text::check_storage_opening().to_owned()),
        (Some(false), _) => line(CheckWord::Missing, text::check_storage_missing().to_owned())
            .or(text::check_storage_fallback()),
        (Some(true), _) if free.is_some_and(|free| free < FREE) => {
            line(CheckWord::Limited, with_room(text::check_storage_full()))
                .or(text::check_storage_fallback())
        }
        (Some(true), Some(Err(why))) => {
            line(CheckWord::Limited, with_room(&text::check_storage_no_files(why)))
                .or(text::check_storage_images())
        }
        (Some(true), _) => line(CheckWord::Ready, with_room(text::check_storage_ready())),
    }
}

fn time(
    page: &PageSnapshot,
    runs: &[Experiment],
    images: Option<&ClassImages>,
    pace: &LaptopPace,
) -> CheckLine {
    let line = |word, found: String| CheckLine::new(text::check_time(), word, found);
    let (Some(images), Some(first)) = (images, runs.first()) else {
        return line(CheckWord::Unknown, text::check_time_no_data().to_owned())
            .or(text::check_time_load());
    };
    let (speed, source) = match (pace, page.pace) {
        (LaptopPace::Timed(timed), _) => {
            (speed(timed, first, images), text::check_time_steps(u64::from(timed.steps)))
        }
        (LaptopPace::Untimed(_), Some(speed)) => (speed, text::check_time_last_run().to_owned()),
        (LaptopPace::Untimed(why), None) => {
            return line(CheckWord::Unknown, text::check_time_unmeasured(&sentence(why)))
                .or(text::check_time_train());
        }
    };
    let seconds = images.work(runs) / speed;
    let found = text::check_time_found(&rough_duration(seconds), &source);
    let [room, hardly] = SECONDS;
    match seconds {
        it if it <= room => line(CheckWord::Ready, found),
        it if it <= hardly => line(CheckWord::Limited, found).or(text::check_time_fallback()),
        _ => line(CheckWord::Missing, found).or(text::check_time_fallback()),
    }
}

fn gigabytes(bytes: f64) -> String {
    text::check_gigabytes(&format!("{:.1}", bytes / 1e9))
}

#[cfg(test)]
mod tests;
