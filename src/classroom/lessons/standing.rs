//! How far the experiment of a lesson is, and what it costs.

use crate::app::format::rough_duration;
use crate::bridge::PageSnapshot;
use crate::experiment::{DataSource, ModelKind, link};
use crate::lessons::grade::MeasuredEffect;
use crate::lessons::{DRAWINGS, Kind, Lesson, macs, rough_seconds};
use crate::stats::verdict::Measure;
use crate::text;

/// How far the experiment of a lesson is.
pub(super) enum LessonStanding {
    /// Not begun, or another one was begun since.
    Idle,
    /// It runs or waits, as this sentence says.
    Busy(String),
    /// It cannot go on, and why.
    Failed(String),
    /// A run of its own has ended.
    Ended,
    /// All runs have ended, and say this.
    Measured(MeasuredEffect),
}

/// How far the experiment of the lesson is, as the page reports it.
pub(super) fn standing(lesson: &Lesson, page: &PageSnapshot) -> LessonStanding {
    let link = &lesson.experiment.link;
    if let Some(queue) = page.queue.as_ref().filter(|queue| queue.link == *link) {
        let measure = match lesson.predict.kind {
            Kind::Effect { measure } => measure,
            _ => Measure::Accuracy,
        };
        if let Some(effect) = queue.effects.iter().find(|it| it.measure == measure) {
            return LessonStanding::Measured(effect.clone());
        }
        let (finished, runs) = (queue.finished, queue.runs);
        return match &queue.trouble {
            Some(why) => LessonStanding::Failed(text::lesson_runs_failed(finished, runs, why)),
            None => LessonStanding::Busy(text::lesson_runs_ended(finished, runs)),
        };
    }
    match page.run.as_ref().filter(|run| run.link == *link) {
        Some(run) if run.ended => LessonStanding::Ended,
        Some(run) => match &run.failure {
            Some(why) => LessonStanding::Failed(why.clone()),
            None => LessonStanding::Busy(text::lesson_training().to_owned()),
        },
        None => LessonStanding::Idle,
    }
}

/// What the experiment costs.
pub(super) fn cost_text(lesson: &Lesson, page: &PageSnapshot) -> String {
    if !lesson.experiment.start {
        return text::lesson_cost_none().to_owned();
    }
    let experiment = link::parse(&lesson.experiment.link).experiment;
    let data = experiment.data.text();
    let macs = match page.data.as_ref().filter(|loaded| loaded.data == data) {
        Some(loaded) => macs(lesson, &loaded.train, &loaded.valid),
        None if experiment.data == DataSource::Sample => macs(lesson, &DRAWINGS.0, &DRAWINGS.1),
        None => return text::lesson_cost_unknown().to_owned(),
    };
    let billions = (macs / 1e9).round().max(1.0) as u64;
    let measured = page.speed.filter(|_| experiment.model == ModelKind::Tiny);
    match measured {
        Some(speed) => text::lesson_cost_measured(&rough_duration(macs / speed), billions),
        None => text::lesson_cost_rough(&rough_duration(rough_seconds(macs)), billions),
    }
}
