//! What the page and the classroom say to each other. They are two programs of one build in one
//! document: each message is a text, and events of the window carry it. Independent of browsers.
//!
//! The classroom begins with [`PageRequest::Listen`]. From then on the page sends a
//! [`PageSnapshot`] at once and after each change.

use crate::lessons::grade::MeasuredEffect;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The event with which the page sends a [`PageSnapshot`].
pub const FROM_PAGE: &str = "playground-page";

/// The event with which the classroom sends a [`PageRequest`].
pub const FROM_CLASSROOM: &str = "playground-classroom";

/// The event with which `web/classroom_loader.js` reports, in words, why the classroom did not
/// start.
pub const CLASSROOM_FAILED: &str = "playground-classroom-failed";

/// The page's element for the lessons.
pub const LESSONS: &str = "lessons";

/// The page's element for the recorded results.
pub const RECORDED: &str = "recorded";

/// The page's element for what a class needs.
pub const CLASS: &str = "class";

/// The page's element for a prediction before the first run.
pub const PREDICT: &str = "predict";

/// The event with which the page sends a [`TimingNews`].
pub const TIMING: &str = "playground-timing";

/// What the classroom has to know of the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageSnapshot {
    /// The page's link: of its experiment, or of its queue.
    pub link: String,
    /// Whether something trains, or will when what it waits for is there.
    pub busy: bool,
    /// The run in progress, or the last one of this visit.
    pub run: Option<RunStanding>,
    /// The queue.
    pub queue: Option<QueueStanding>,
    /// The data set in place.
    pub data: Option<ImageCounts>,
    /// Multiply-accumulates per second of the `tiny` network here, if a run measured them.
    pub speed: Option<f64>,
    /// The same of the network that the link names, on its engine.
    pub pace: Option<f64>,
    /// The worker, and WebGPU in it.
    pub engine: EngineStanding,
    /// Whether runs can be stored; `None` until the store is open.
    pub store: Option<bool>,
    /// Bytes that the site has stored, and may store if the browser says so.
    pub space: Option<(f64, Option<f64>)>,
    /// What is stored of the person's.
    pub kept: KeptCounts,
    /// A prediction is asked for before the first run.
    pub predict: bool,
    /// It was made.
    pub predicted: bool,
}

/// The worker, and WebGPU in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineStanding {
    /// Not heard of yet.
    #[default]
    Starting,
    /// There is an adapter.
    Webgpu {
        /// Its name.
        adapter: String,
        /// It computes on the CPU.
        software: bool,
    },
    /// There is none, and why.
    NoWebgpu(String),
    /// The worker does not run, and why.
    Broken(String),
}

/// What is stored of the person's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCounts {
    /// Runs.
    pub runs: usize,
    /// Trained models.
    pub models: usize,
    /// Whether images are.
    pub images: bool,
}

/// How far the timing of training steps is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimingNews {
    /// So many steps were taken since its start.
    Steps(u32),
    /// So many steps were taken, and no more will be.
    Over(u32),
    /// They could not be, and why.
    Failed(String),
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStanding {
    /// Its canonical link.
    pub link: String,
    /// Whether it is over.
    pub ended: bool,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Its accuracy and that of its baseline, 0..1, once it is over.
    pub compared: Option<(f64, f64)>,
}

/// How far a queue is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueStanding {
    /// The canonical link of its sweep.
    pub link: String,
    /// Runs that have ended.
    pub finished: usize,
    /// Runs that the sweep needs.
    pub runs: usize,
    /// Why it holds or lacks runs, if it does.
    pub trouble: Option<String>,
    /// What all runs say together, by each figure. Empty while runs are missing.
    pub effects: Vec<MeasuredEffect>,
    /// The seat whose share it is, if it is one.
    pub seat: Option<SeatStanding>,
}

/// A seat of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatStanding {
    /// Its seed.
    pub seed: u32,
    /// What it hands in, without a nickname, once all its runs have ended:
    /// [`crate::handin`].
    pub line: Option<String>,
    /// What is missing for that, as a sentence.
    pub missing: String,
}

/// Images of a data set, class by class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageCounts {
    /// Its name in links.
    pub data: String,
    /// Training images.
    pub train: Vec<u32>,
    /// Validation images.
    pub valid: Vec<u32>,
    /// Bytes of pixels held in memory.
    pub memory: f64,
}

/// What the classroom asks of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageRequest {
    /// Send snapshots from now on.
    Listen,
    /// Set the page up as this link says.
    Open(String),
    /// The same, and start its experiment or its queue.
    Start(String),
    /// Open the element of this id, and move view and focus to it.
    Show(String),
    /// Take training steps of this link's experiment, for their time: [`TimingNews`].
    Time(String),
    /// Take no more of them.
    StopTiming,
    /// The prediction was made: the first run may start.
    Predicted,
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BridgeError {
    /// It comes from a program of another build.
    #[error(
        "this part of the page is of another build ({0}) than the rest: the site was updated; reload the page"
    )]
    OtherBuild(String),
    /// It is no such message.
    #[error("a message between two parts of the page could not be read ({0}); reload the page")]
    Unreadable(String),
}

/// The text of a message: the build, then the message as JSON on the next line.
pub fn seal(message: &impl Serialize) -> String {
    sealed(crate::BUILD_ID, message)
}

fn sealed(build: &str, message: &impl Serialize) -> String {
    // Texts, numbers and flags always have a JSON form.
    format!("{build}\n{}", crate::json::write(message).unwrap_or_default())
}

/// Reads the text of a message.
///
/// # Errors
/// [`BridgeError`], for the person.
pub fn open<T: DeserializeOwned>(text: &str) -> Result<T, BridgeError> {
    let (build, message) = text.split_once('\n').unwrap_or((text, ""));
    if build != crate::BUILD_ID {
        return Err(BridgeError::OtherBuild(build.to_owned()));
    }
    crate::json::read(message).map_err(|error| BridgeError::Unreadable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::Direction;
    use crate::lessons::grade::Compared;
    use crate::stats::intervals::Interval;
    use crate::stats::verdict::Measure;

    fn snapshot() -> PageSnapshot {
        let compared = Compared {
            name: "Mixup".to_owned(),
            delta: -0.02,
            interval: Some(Interval { low: -0.03, high: -0.01 }),
            direction: Direction::Lower,
            sentence: "hurts".to_owned(),
        };
        let effect = MeasuredEffect { measure: Measure::Accuracy, compared: vec![compared] };
        PageSnapshot {
            link: "v=1&mixup=0.4".to_owned(),
            busy: true,
            run: Some(RunStanding {
                link: "v=1".to_owned(),
                ended: false,
                failure: Some("no\nGPU".to_owned()),
                compared: Some((0.5, 0.25)),
            }),
            queue: Some(QueueStanding {
                link: "v=1&sweep=seed:1..3".to_owned(),
                finished: 1,
                runs: 3,
                trouble: None,
                effects: vec![effect],
                seat: Some(SeatStanding { seed: 3, line: None, missing: "2 of 4".to_owned() }),
            }),
            data: Some(ImageCounts {
                data: "sample".to_owned(),
                train: vec![100; 10],
                valid: vec![50; 10],
                memory: 1e6,
            }),
            speed: Some(4e9),
            pace: None,
            engine: EngineStanding::Webgpu { adapter: "A".to_owned(), software: true },
            store: Some(false),
            space: Some((1e6, None)),
            kept: KeptCounts { runs: 2, models: 1, images: true },
            predict: true,
            predicted: false,
        }
    }

    #[test]
    fn messages_are_read_back() {
        for message in [snapshot(), PageSnapshot::default()] {
            assert_eq!(open(&seal(&message)), Ok(message));
        }
        let requests = [
            PageRequest::Listen,
            PageRequest::Open("v=1".to_owned()),
            PageRequest::Start("v=1&sweep=seed:1..3".to_owned()),
            PageRequest::Show("queue-title".to_owned()),
            PageRequest::Time("v=1".to_owned()),
            PageRequest::StopTiming,
            PageRequest::Predicted,
        ];
        for request in requests {
            assert_eq!(open(&seal(&request)), Ok(request));
        }
    }

    #[test]
    fn another_build_is_refused_with_a_remedy() {
        let other = sealed("dev-0.0.1", &PageRequest::Listen);
        let refused = open::<PageRequest>(&other).unwrap_err();
        assert_eq!(refused, BridgeError::OtherBuild("dev-0.0.1".to_owned()));
        assert!(refused.to_string().ends_with("reload the page"), "{refused}");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            crate::BUILD_ID.to_owned(),
            format!("{}\n{{}}", crate::BUILD_ID),
            format!("{}\n\"Leave\"", crate::BUILD_ID),
        ] {
            let refused = open::<PageRequest>(&text).unwrap_err();
            assert!(matches!(refused, BridgeError::Unreadable(_)), "{text}");
        }
    }
}
