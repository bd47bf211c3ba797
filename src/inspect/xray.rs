//! Test-time augmentation from inside: one image view by view, and the whole
//! validation set against the number of views.

use crate::chart::{Axis, Dash, Figure, Marker, Point, Series, Style, Unit, Weight};
use crate::experiment::{Experiment, link};
use crate::format::{percent, points};
use crate::math;
use crate::text;
use crate::tta::Combine;
use crate::tta::by_count::running;
use crate::tta::passes::{TtaPasses, Views};

/// What the model takes one view, or several together, for.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewGuess {
    /// The class with the largest score.
    pub class: usize,
    /// That score, 0..1: a probability, but for the maximum over several views.
    pub score: f64,
    /// The score of the true class.
    pub of_truth: f64,
    /// True if the class is the true one.
    pub right: bool,
}

/// One view of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct XrayStep {
    /// What the model takes the view for by itself.
    pub alone: ViewGuess,
    /// The average over this view and all before it, as fastai weighs them.
    pub average: ViewGuess,
    /// The maximum over the same.
    pub maximum: ViewGuess,
}

/// The views of an image in order, the plain one first.
pub fn steps(views: &Views, beta: f64) -> Vec<XrayStep> {
    let Some((plain, augmented)) = views.rows.split_first() else { return Vec::new() };
    let truth = usize::from(views.label);
    let average = running(plain, augmented, Combine::Average { beta });
    let maximum = running(plain, augmented, Combine::Maximum);
    let rows = views.rows.iter().zip(average).zip(maximum);
    rows.map(|((alone, average), maximum)| XrayStep {
        alone: guess(alone, truth),
        average: guess(&average, truth),
        maximum: guess(&maximum, truth),
    })
    .collect()
}

fn guess(row: &[f32], truth: usize) -> ViewGuess {
    let score = |class: usize| row.get(class).map_or(0.0, |log| math::exp(f64::from(*log)));
    let better = |best: usize, (i, value): (usize, &f32)| if *value > row[best] { i } else { best };
    let class = row.iter().enumerate().fold(0, better);
    ViewGuess { class, score: score(class), of_truth: score(truth), right: class == truth }
}

/// What became of an image: plain against all views together, against the truth.
pub fn verdict(plain: bool, together: bool) -> &'static str {
    match (plain, together) {
        (true, true) => text::xray_right(),
        (false, true) => text::xray_fixed(),
        (true, false) => text::xray_broken(),
        (false, false) => text::xray_wrong(),
    }
}

/// Positions of the images whose prediction all passes together changed.
pub fn changed(passes: &TtaPasses) -> Vec<u32> {
    let pairs = passes.plain.iter().zip(&passes.together);
    (0u32..).zip(pairs).filter(|(_, (a, b))| a != b).map(|(position, _)| position).collect()
}

/// Images that the passes together fixed, and that they broke.
pub fn fixed_and_broken(passes: &TtaPasses) -> [u32; 2] {
    let mut counts = [0, 0];
    for ((plain, together), label) in passes.plain.iter().zip(&passes.together).zip(&passes.labels)
    {
        counts[0] += u32::from(plain != label && together == label);
        counts[1] += u32::from(plain == label && together != label);
    }
    counts
}

/// The experiment of the run that the passes belong to.
pub fn experiment(passes: &TtaPasses) -> Experiment {
    link::parse(&passes.link).experiment
}

/// What the passes together did, in sentences.
pub fn summary(passes: &TtaPasses) -> String {
    let all = if experiment(passes).ttamax { &passes.maximum } else { &passes.average };
    let (Some(plain), Some(together)) = (all.first(), all.last()) else { return String::new() };
    if passes.passes == 0 {
        return text::xray_one_view(&percent(*plain));
    }
    let [fixed, broken] = fixed_and_broken(passes);
    let result = text::xray_summary(
        &percent(*together),
        passes.passes,
        &percent(*plain),
        &points(together - plain),
    );
    let images = text::xray_images(fixed, broken, passes.labels.len());
    let cost = text::xray_cost(passes.passes, &text::decimal(&format!("{:.1}", passes.seconds)));
    format!("{result} {images} {cost}")
}

/// Accuracy against the number of augmented views.
pub fn figure(passes: &TtaPasses) -> Figure {
    let series = |name: &str, label: &str, values: &[f64], colour, dash, marker| Series {
        name: name.to_owned(),
        label: label.to_owned(),
        points: (0u32..).zip(values).map(|(n, y)| Point { x: f64::from(n), y: *y }).collect(),
        style: Style { colour, dash, marker, weight: Weight::Normal },
        dense: false,
    };
    let axis = |label: &str, unit| Axis { label: label.to_owned(), unit, include: None };
    Figure {
        title: text::xray_figure().to_owned(),
        x: axis(text::xray_figure_axis(), Unit::Number),
        y: axis("accuracy", Unit::Share),
        series: vec![
            series("average", "average", &passes.average, 1, Dash::Solid, Marker::Circle),
            series("maximum", "max", &passes.maximum, 2, Dash::Long, Marker::Square),
        ],
        bands: Vec::new(),
        marks: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes() -> TtaPasses {
        TtaPasses {
            link: "v=1&tta=2".to_owned(),
            dataset: "ab".to_owned(),
            size: 32,
            classes: vec!["cat".to_owned(), "dog".to_owned()],
            labels: vec![0, 0, 1, 1],
            images: vec![4, 5, 6, 7],
            passes: 2,
            average: vec![0.5, 0.5, 0.5],
            maximum: vec![0.5, 0.75, 0.75],
            plain: vec![0, 1, 1, 0],
            together: vec![0, 0, 0, 0],
            seconds: 1.26,
        }
    }

    #[test]
    fn views_are_combined_one_after_the_other() {
        let row = |p: f64| vec![math::log(p) as f32, math::log(1.0 - p) as f32];
        let rows = vec![row(0.4), row(0.7), row(0.2)];
        let views = Views { position: 0, image: 4, label: 0, size: 32, rows };
        let steps = steps(&views, 0.25);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
        assert!(!steps[0].alone.right && !steps[0].average.right);
        // .25 · .4 + .75 · .7
        close(steps[1].average.score, 0.625);
        assert!(steps[1].average.right);
        // .25 · .4 + .75 · .45
        close(steps[2].average.of_truth, 0.4375);
        assert_eq!((steps[2].average.class, steps[2].maximum.class), (1, 1));
        close(steps[2].maximum.score, 0.8);
        close(steps[2].maximum.of_truth, 0.7);
        let none = Views { rows: Vec::new(), ..views };
        assert!(super::steps(&none, 0.25).is_empty());
    }

    #[test]
    fn what_changed_is_counted_against_the_truth() {
        assert_eq!(changed(&passes()), [1, 2]);
        assert_eq!(fixed_and_broken(&passes()), [1, 1]);
        assert_eq!(
            summary(&passes()),
            "50.0% with 2 augmented views, 50.0% without: 0.0 points. Fixed: 1, broken: 1, of 4 \
             images. Cost: 2 more passes over the images, 1.3 s."
        );
        let maximum = TtaPasses { link: "v=1&tta=2&ttamax=1".to_owned(), ..passes() };
        assert!(summary(&maximum).starts_with("75.0% with 2 augmented views"));
    }

    #[test]
    fn the_chart_has_a_point_per_number_of_views() {
        let made = figure(&passes());
        assert_eq!(made.series.len(), 2);
        assert_eq!(made.series[1].points[2], Point { x: 2.0, y: 0.75 });
    }

    #[test]
    fn every_outcome_has_its_verdict() {
        let all = [(true, true), (false, true), (true, false), (false, false)];
        let mut told: Vec<_> = all.map(|(plain, together)| verdict(plain, together)).to_vec();
        told.dedup();
        assert_eq!(told.len(), 4);
    }
}
