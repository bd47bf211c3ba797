//! The result of a grid as lines: the mean over the seeds of each arm along one
//! key, with a band of one standard deviation, a line for each combination of the
//! others. Independent of how it is drawn.

use super::arms::{setting_text, value_text};
use super::{ArmSummary, Design, Plan, Summary};
use crate::chart::{Axis, Band, Dash, Edges, Figure, Marker, Point, Series, Style, Unit, Weight};
use crate::experiment::names;
use crate::number;
use crate::order;
use crate::text;

/// The most lines that can be distinguished.
const MOST: usize = Style::COLOURS as usize;

/// The looks of the lines, each with its own dash and marker.
pub(crate) const LOOKS: [(Dash, Marker); MOST] = [
    (Dash::Solid, Marker::Circle),
    (Dash::Long, Marker::Square),
    (Dash::Short, Marker::Triangle),
    (Dash::DashDot, Marker::Diamond),
    (Dash::Dots, Marker::Cross),
    (Dash::DashDotDot, Marker::Ring),
    (Dash::Solid, Marker::Square),
    (Dash::Long, Marker::Triangle),
];

/// The figure of a grid; `None` for an ablation, for a single arm, and for more
/// lines than can be distinguished. `train_images` is the number of
/// training images of an arm, by its position, once one of its runs has ended.
pub fn lines(
    plan: &Plan,
    summary: &Summary,
    train_images: impl Fn(usize) -> Option<u32>,
) -> Option<Figure> {
    let Design::Grid(axes) = &plan.sweep().design else { return None };
    let along = axis_place(axes.iter().map(|axis| axis.values.as_slice()))?;
    let axis = axes.get(along)?;
    let images = axis.key == "subset";
    let numeric = !images && numbers(&axis.values).is_some();
    let place = |index: usize, arm: &ArmSummary| -> Option<f64> {
        let value = &arm.settings.get(along)?.value;
        if images {
            return train_images(index).map(f64::from);
        }
        if numeric {
            return number::read(value);
        }
        axis.values.iter().position(|known| known == value).map(|position| position as f64 + 1.0)
    };
    // Place, mean and standard deviation of each point.
    let mut lines: Vec<(String, Vec<Edges>)> = Vec::new();
    for (index, arm) in summary.arms.iter().enumerate() {
        let others = arm.settings.iter().enumerate().filter(|(position, _)| *position != along);
        let name: Vec<String> = others.map(|(_, it)| setting_text(&it.key, &it.value)).collect();
        let name =
            if name.is_empty() { text::chart_accuracy().to_owned() } else { name.join(", ") };
        let point =
            place(index, arm).zip(arm.mean).map(|(x, mean)| (x, mean, arm.sd.unwrap_or(0.0)));
        match lines.iter_mut().find(|(known, _)| *known == name) {
            Some((_, points)) => points.extend(point),
            None => lines.push((name, point.into_iter().collect())),
        }
    }
    if lines.len() > MOST {
        return None;
    }
    for (_, points) in &mut lines {
        order::sort_by_number(points, |point| point.0);
    }
    let label = if images {
        text::chart_training_images().to_owned()
    } else if numeric {
        axis.key.to_owned()
    } else {
        let named = (1..).zip(&axis.values).map(|(place, value)| {
            format!("{place}: {}", names::value_text(axis.key, value_text(value)))
        });
        format!("{} ({})", axis.key, named.collect::<Vec<_>>().join(", "))
    };
    let (mut series, mut bands) = (Vec::new(), Vec::new());
    for ((name, points), (colour, (dash, marker))) in lines.into_iter().zip((1..).zip(LOOKS)) {
        bands.push(Band {
            series: series.len(),
            points: points.iter().map(|(x, mean, sd)| (*x, mean - sd, mean + sd)).collect(),
        });
        series.push(Series {
            label: name.clone(),
            name,
            points: points.iter().map(|(x, mean, _)| Point { x: *x, y: *mean }).collect(),
            style: Style { colour, dash, marker, weight: Weight::Normal },
            dense: false,
        });
    }
    Some(Figure {
        title: text::chart_sweep_title().to_owned(),
        x: Axis { label, unit: Unit::Number, include: None },
        y: Axis { label: text::chart_accuracy().to_owned(), unit: Unit::Share, include: None },
        series,
        bands,
        marks: Vec::new(),
    })
}

/// The place of the key on the axis: the last condition whose values are numbers, so that the
/// compared key gives the lines; else the compared key itself.
fn axis_place<'a>(
    axes: impl DoubleEndedIterator<Item = &'a [String]> + ExactSizeIterator,
) -> Option<usize> {
    let axes: Vec<&[String]> = axes.collect();
    let able = |values: &[String]| values.len() > 1 && numbers(values).is_some();
    let condition = (1..axes.len()).rev().find(|place| axes.get(*place).is_some_and(|it| able(it)));
    condition.or_else(|| axes.first().is_some_and(|it| it.len() > 1).then_some(0))
}

fn numbers(values: &[String]) -> Option<Vec<f64>> {
    values.iter().map(|value| number::read(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::DatasetInfo;
    use crate::sweep::{RunResult, Score};

    fn result(accuracy: f64) -> RunResult {
        RunResult {
            diverged: false,
            plain: Some(Score { accuracy, correct: None, nll: None, ece: None }),
            tta: None,
            seconds: 1.0,
            numerics: crate::record::NUMERICS,
            build: "test".to_owned(),
            engine: "cpu (CPU)".to_owned(),
            dataset: DatasetInfo {
                name: String::new(),
                train: 500,
                valid: 100,
                hash: String::new(),
            },
        }
    }

    fn figure(link: &str, train_images: impl Fn(usize) -> Option<u32>) -> Option<Figure> {
        let plan = Plan::parse(link).plan.unwrap();
        let results: Vec<(String, RunResult)> = plan
            .runs()
            .iter()
            .enumerate()
            .map(|(index, run)| (run.experiment.link(), result(0.5 + 0.01 * index as f64)))
            .collect();
        let summary = Summary::new(&plan, |experiment| {
            let link = experiment.link();
            results.iter().find(|(known, _)| *known == link).map(|(_, result)| result)
        });
        lines(&plan, &summary, train_images)
    }

    #[test]
    fn a_numeric_condition_runs_along_the_axis_and_the_compared_key_gives_the_lines() {
        let made = figure("v=1&sweep=mixup:0|0.4;epochs:20|5;seed:1|2", |_| None).unwrap();
        assert_eq!(made.x.label, "epochs");
        let names: Vec<_> = made.series.iter().map(|series| series.name.as_str()).collect();
        assert_eq!(names, ["mixup=0", "mixup=0.4"]);
        let xs: Vec<f64> = made.series[0].points.iter().map(|point| point.x).collect();
        assert_eq!(xs, [5.0, 20.0]);
        // The runs of one arm are 4 apart: 0.04 between seeds, so sd = 0.04 / √2.
        let (_, low, high) = made.bands[0].points[0];
        assert!((high - low - 2.0 * 0.04 / 2f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn a_subset_is_told_in_images_and_words_are_numbered() {
        let made = figure("v=1&sweep=subset:all|50|25;seed:1", |arm| Some(1000 >> arm)).unwrap();
        assert_eq!(made.x.label, "training images");
        let xs: Vec<f64> = made.series[0].points.iter().map(|point| point.x).collect();
        assert_eq!(xs, [250.0, 500.0, 1000.0]);
        let made = figure("v=1&sweep=norm:off|data;seed:1", |_| None).unwrap();
        assert_eq!(made.x.label, "norm (1: none (off), 2: these images’ own statistics (data))");
    }

    #[test]
    fn ablations_and_single_arms_have_no_lines() {
        assert_eq!(figure("v=1&sweep=alone;seed:1", |_| None), None);
        assert_eq!(figure("v=1&sweep=seed:1..3", |_| None), None);
    }
}
