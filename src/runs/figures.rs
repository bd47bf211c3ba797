//! The charts of a run: which curves, what they are called and how they look.
//! Independent of how a figure is drawn.

use super::along::{Along, Ruler};
use super::{LiveRun, RunEntry};
use crate::chart::{
    Axis, Band, Dash, Edges, Figure, Mark, Marker, Point, Series, Style, Unit, Weight,
};
use crate::cost;
use crate::progress::StepPoint;
use crate::record::EpochRow;
use crate::stats::intervals::{Spread, spread};
use std::rc::Rc;

/// A finished run laid over the curves, or several that differ only in their seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// Its place among the overlays, from 0: decides how it looks.
    pub place: usize,
    /// What it is called, e.g. `run 3`.
    pub name: String,
    /// The runs: one per seed. Several are drawn as their mean, with a band of one
    /// standard deviation.
    pub runs: Vec<Rc<RunEntry>>,
}

/// The looks of the overlays, by place: five colours that the live run does not
/// use, each with a dash and a marker of its own.
const OVERLAY_STYLES: [(u8, Dash, Marker); super::shelf::OVERLAYS] = [
    (4, Dash::Long, Marker::Triangle),
    (5, Dash::DashDot, Marker::Diamond),
    (6, Dash::Dots, Marker::Cross),
    (7, Dash::DashDotDot, Marker::Ring),
    (8, Dash::Short, Marker::Square),
];

/// The look of an overlay's main curve.
pub fn overlay_style(place: usize) -> Style {
    let (colour, dash, marker) =
        OVERLAY_STYLES.get(place).copied().unwrap_or((8, Dash::Short, Marker::Square));
    Style { colour, dash, marker, weight: Weight::Normal }
}

const LIVE_TRAIN: Style =
    Style { colour: 1, dash: Dash::Solid, marker: Marker::None, weight: Weight::Normal };
const LIVE_VALID: Style =
    Style { colour: 2, dash: Dash::Long, marker: Marker::Circle, weight: Weight::Normal };
const LIVE_NLL: Style =
    Style { colour: 3, dash: Dash::Short, marker: Marker::Square, weight: Weight::Normal };
const LIVE_TTA: Style =
    Style { colour: 3, dash: Dash::Solid, marker: Marker::Diamond, weight: Weight::Normal };

/// The losses of a run by epoch. Overlaid runs show their plain NLL, the one
/// loss that means the same in all runs, and faintly their training loss.
pub fn loss(live: Option<&LiveRun>, overlays: &[Overlay], along: Along) -> Figure {
    let lie = Lie::new(live, overlays, along);
    let mut series = live.map_or_else(Vec::new, |live| lie.live(live_losses(live)));
    let mut bands = Vec::new();
    for overlay in overlays {
        let style = overlay_style(overlay.place);
        let thin = Style { marker: Marker::None, weight: Weight::Thin, ..style };
        let (points, band) = by_epoch(&overlay.runs, |row| row.nll);
        bands.extend(lie.band(overlay, band, series.len()));
        let mut own = vec![Series {
            name: format!("{} nll", overlay.name),
            label: overlay.name.clone(),
            points,
            style,
            dense: false,
        }];
        // The batches of several runs are too many curves to tell anything.
        if let [run] = overlay.runs.as_slice() {
            own.push(Series {
                name: format!("{} train_loss", overlay.name),
                label: String::new(),
                points: smooth(&run.points),
                style: thin,
                dense: true,
            });
        }
        series.extend(lie.overlay(overlay, own));
    }
    let axis = Axis { label: "loss".to_owned(), unit: Unit::Number, include: None };
    Figure { bands, ..lie.figure("Loss", axis, series, live) }
}

fn live_losses(live: &LiveRun) -> Vec<Series> {
    let mut series = vec![
        Series {
            name: "train_loss".to_owned(),
            label: "train".to_owned(),
            points: smooth(&live.points),
            style: LIVE_TRAIN,
            dense: true,
        },
        Series {
            name: "valid_loss".to_owned(),
            label: "valid".to_owned(),
            points: rows(&live.rows, |row| row.valid_loss),
            style: LIVE_VALID,
            dense: false,
        },
    ];
    // Without label smoothing they are one and the same curve.
    if live.rows.iter().any(|row| (row.nll - row.valid_loss).abs() > 1e-9) {
        series.push(Series {
            name: "nll".to_owned(),
            label: "nll".to_owned(),
            points: rows(&live.rows, |row| row.nll),
            style: LIVE_NLL,
            dense: false,
        });
    }
    series.push(Series {
        name: "batch loss".to_owned(),
        label: String::new(),
        points: live.points.iter().map(|p| Point { x: p.epoch, y: p.loss }).collect(),
        style: Style { weight: Weight::Light, ..LIVE_TRAIN },
        dense: true,
    });
    series
}

/// The validation accuracy of a run by epoch, and with test-time augmentation
/// at its end.
pub fn accuracy(live: Option<&LiveRun>, overlays: &[Overlay], along: Along) -> Figure {
    let lie = Lie::new(live, overlays, along);
    let mut series: Vec<Series> = Vec::new();
    if let Some(live) = live {
        let mut own = vec![Series {
            name: "accuracy".to_owned(),
            label: "accuracy".to_owned(),
            points: rows(&live.rows, |row| row.accuracy),
            style: Style { marker: Marker::Circle, ..LIVE_TRAIN },
            dense: false,
        }];
        if let Some(tta) = live.tta {
            own.push(Series {
                name: "accuracy with TTA".to_owned(),
                label: "with TTA".to_owned(),
                points: at_end(&live.rows, tta.accuracy),
                style: LIVE_TTA,
                dense: false,
            });
        }
        series.extend(lie.live(own));
    }
    let mut bands = Vec::new();
    for overlay in overlays {
        let style = overlay_style(overlay.place);
        let (points, band) = by_epoch(&overlay.runs, |row| row.accuracy);
        bands.extend(lie.band(overlay, band, series.len()));
        let mut own = vec![Series {
            name: format!("{} accuracy", overlay.name),
            label: overlay.name.clone(),
            points,
            style,
            dense: false,
        }];
        let with_tta: Vec<f64> =
            overlay.runs.iter().filter_map(|run| Some(run.record.tta?.accuracy)).collect();
        if let Some(first) = overlay.runs.first().filter(|_| !with_tta.is_empty()) {
            own.push(Series {
                name: format!("{} accuracy with TTA", overlay.name),
                label: String::new(),
                points: at_end(&first.record.epochs, spread(&with_tta).mean),
                style: Style { marker: Marker::Diamond, ..style },
                dense: false,
            });
        }
        series.extend(lie.overlay(overlay, own));
    }
    let axis = Axis { label: "accuracy".to_owned(), unit: Unit::Share, include: None };
    Figure { bands, ..lie.figure("Accuracy", axis, series, live) }
}

/// Where the curves of several runs lie on one horizontal axis.
struct Lie {
    along: Along,
    /// The axis' unit in the rulers' values.
    scale: f64,
    label: String,
    live: Option<Ruler>,
    overlays: Vec<(usize, Ruler)>,
}

impl Lie {
    fn new(live: Option<&LiveRun>, overlays: &[Overlay], along: Along) -> Self {
        let live = live.map(|run| Ruler::of_live(run, along));
        let overlays: Vec<_> = overlays
            .iter()
            .filter_map(|overlay| {
                // Runs that differ only in their seed cost the same but for the clock.
                let run = overlay.runs.first()?;
                Some((overlay.place, Ruler::of_entry(run, along)))
            })
            .collect();
        let rulers = live.iter().chain(overlays.iter().map(|(_, ruler)| ruler));
        let longest = rulers.map(Ruler::end).fold(0.0, f64::max);
        let (scale, label) = match along {
            Along::Epochs => (1.0, "epoch".to_owned()),
            Along::Seconds => (1.0, "seconds".to_owned()),
            Along::Compute => {
                let (scale, unit) = cost::flop_unit(longest);
                (scale, format!("training compute, {unit}"))
            }
        };
        Self { along, scale, label, live, overlays }
    }

    fn live(&self, series: Vec<Series>) -> Vec<Series> {
        self.lay(series, self.live.as_ref())
    }

    fn overlay(&self, overlay: &Overlay, series: impl IntoIterator<Item = Series>) -> Vec<Series> {
        let ruler = self.overlays.iter().find(|(place, _)| *place == overlay.place);
        self.lay(series, ruler.map(|(_, ruler)| ruler))
    }

    /// A band about the series of this index.
    fn band(&self, overlay: &Overlay, edges: Option<Vec<Edges>>, series: usize) -> Option<Band> {
        let ruler = self.overlays.iter().find(|(place, _)| *place == overlay.place);
        let points = edges?.into_iter().filter_map(|(x, low, high)| match ruler {
            Some((_, ruler)) if self.along != Along::Epochs => {
                Some((ruler.at(x)? / self.scale, low, high))
            }
            _ => Some((x, low, high)),
        });
        Some(Band { series, points: points.collect() })
    }

    fn lay(&self, series: impl IntoIterator<Item = Series>, ruler: Option<&Ruler>) -> Vec<Series> {
        let laid = series.into_iter().map(|series| match ruler {
            Some(ruler) if self.along != Along::Epochs => {
                let points = series.points.iter().filter_map(|point| {
                    let x = ruler.at(point.x)? / self.scale;
                    Some(Point { x, ..*point })
                });
                Series { points: points.collect(), ..series }
            }
            _ => series,
        });
        laid.collect()
    }

    fn figure(&self, title: &str, y: Axis, series: Vec<Series>, live: Option<&LiveRun>) -> Figure {
        let total = match self.along {
            Along::Epochs => live.map_or(0.0, |live| f64::from(live.total_epochs)),
            Along::Compute | Along::Seconds => {
                self.live.as_ref().map_or(0.0, |ruler| ruler.end() / self.scale)
            }
        };
        let last = series
            .iter()
            .flat_map(|series| series.points.last())
            .map(|point| point.x)
            .fold(total, f64::max);
        let least = if self.along == Along::Epochs { 1.0 } else { f64::MIN_POSITIVE };
        let mut marks = live.map_or_else(Vec::new, |live| size_marks(&live.rows));
        for mark in &mut marks {
            if let Some(at) = self.live.as_ref().and_then(|ruler| ruler.at(mark.x)) {
                mark.x = at / self.scale;
            }
        }
        Figure {
            title: title.to_owned(),
            x: Axis {
                label: self.label.clone(),
                unit: Unit::Number,
                include: Some((0.0, last.max(least))),
            },
            y,
            series,
            bands: Vec::new(),
            marks,
        }
    }
}

/// Where the image size changed, and to what; the first size only where there
/// is another one.
fn size_marks(rows: &[EpochRow]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut previous: Option<&EpochRow> = None;
    for row in rows {
        if previous.is_none_or(|previous| previous.size != row.size || previous.phase != row.phase)
        {
            marks.push(Mark { x: f64::from(row.epoch), label: format!("{} px", row.size) });
        }
        previous = Some(row);
    }
    if marks.len() > 1 { marks } else { Vec::new() }
}

/// A value of each epoch: its mean over the runs, and a standard deviation to
/// either side where there is more than one.
fn by_epoch(
    runs: &[Rc<RunEntry>],
    value: impl Fn(&EpochRow) -> f64,
) -> (Rc<[Point]>, Option<Vec<Edges>>) {
    if let [run] = runs {
        return (rows(&run.record.epochs, value), None);
    }
    let epochs = runs.iter().map(|run| run.record.epochs.len()).max().unwrap_or(0);
    let (mut points, mut band) = (Vec::new(), Vec::new());
    for index in 0..epochs {
        let rows: Vec<&EpochRow> =
            runs.iter().filter_map(|run| run.record.epochs.get(index)).collect();
        let Some(x) = rows.first().map(|row| f64::from(row.epoch) + 1.0) else { continue };
        let values: Vec<f64> = rows.into_iter().map(&value).collect();
        let Spread { mean, sd, .. } = spread(&values);
        points.push(Point { x, y: mean });
        let sd = sd.unwrap_or(0.0);
        band.push((x, mean - sd, mean + sd));
    }
    (points.into(), Some(band))
}

/// One point per epoch, at its end.
fn rows(rows: &[EpochRow], value: impl Fn(&EpochRow) -> f64) -> Rc<[Point]> {
    rows.iter().map(|row| Point { x: f64::from(row.epoch) + 1.0, y: value(row) }).collect()
}

fn at_end(rows: &[EpochRow], value: f64) -> Rc<[Point]> {
    let last = rows.last();
    last.map(|row| Point { x: f64::from(row.epoch) + 1.0, y: value }).into_iter().collect()
}

fn smooth(points: &[StepPoint]) -> Rc<[Point]> {
    points.iter().map(|point| Point { x: point.epoch, y: point.smooth_loss }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TtaResult;
    use crate::runs::tests::entry;

    fn live() -> LiveRun {
        LiveRun {
            link: "v=1".to_owned(),
            total_epochs: 5,
            rows: entry("a", "v=1", 0.6).record.epochs,
            points: (0..6)
                .map(|step| StepPoint {
                    step,
                    epoch: f64::from(step + 1) / 2.0,
                    loss: 2.0,
                    smooth_loss: 2.0,
                    lr: 0.01,
                    momentum: 0.9,
                })
                .collect(),
            tta: None,
            synthetic: true,
            model: None,
            train: 0,
        }
    }

    fn names(figure: &Figure) -> Vec<&str> {
        figure.series.iter().map(|series| series.name.as_str()).collect()
    }

    #[test]
    fn nll_is_drawn_only_where_it_is_another_curve() {
        let mut run = live();
        assert_eq!(
            names(&loss(Some(&run), &[], Along::Epochs)),
            ["train_loss", "valid_loss", "batch loss"]
        );
        run.rows[0].nll -= 0.1;
        assert!(names(&loss(Some(&run), &[], Along::Epochs)).contains(&"nll"));
    }

    #[test]
    fn the_axis_spans_the_whole_run_and_any_longer_overlay() {
        let figure = loss(Some(&live()), &[], Along::Epochs);
        assert_eq!(figure.x.include, Some((0.0, 5.0)));
        assert!(figure.marks.is_empty());
        let mut long = entry("b", "v=1", 0.7);
        long.record.epochs.last_mut().unwrap().epoch = 9;
        let overlay = Overlay { place: 0, name: "run 2".to_owned(), runs: vec![Rc::new(long)] };
        assert_eq!(accuracy(Some(&live()), &[overlay], Along::Epochs).x.include, Some((0.0, 10.0)));
    }

    #[test]
    fn several_seeds_are_their_mean_with_a_band() {
        let runs = [0.3, 0.6].map(|accuracy| Rc::new(entry("b", "v=1", accuracy))).to_vec();
        let overlay = Overlay { place: 0, name: "runs 1, 2".to_owned(), runs };
        let made = accuracy(None, &[overlay], Along::Epochs);
        assert_eq!(names(&made), ["runs 1, 2 accuracy"]);
        assert!((made.series[0].points[2].y - 0.45).abs() < 1e-12);
        let (x, low, high) = made.bands[0].points[2];
        assert_eq!(x, 3.0);
        assert!((high - low - 2.0 * 0.3 / 2f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn sizes_of_progressive_resizing_are_marked() {
        let mut run = live();
        run.rows[1].phase = 1;
        run.rows[2].phase = 1;
        run.rows[0].size = 32;
        let marks: Vec<_> = loss(Some(&run), &[], Along::Epochs)
            .marks
            .into_iter()
            .map(|mark| (mark.x, mark.label))
            .collect();
        assert_eq!(marks, [(0.0, "32 px".to_owned()), (1.0, "64 px".to_owned())]);
    }

    #[test]
    fn curves_of_runs_of_other_sizes_lie_by_their_own_compute() {
        let run = |link: &str, size: u32| {
            let mut run = entry("b", link, 0.7);
            run.record.dataset.train = 640;
            run.record.model = crate::record::ModelInfo {
                name: "tiny".into(),
                params: 0,
                macs: cost::macs(crate::experiment::ModelKind::Tiny, 10, size),
            };
            for row in &mut run.record.epochs {
                row.size = size;
            }
            run
        };
        let epochs = run("v=1&size=64", 64).record.epochs.len();
        let live = LiveRun::of(&run("v=1&epochs=3&size=64", 64));
        let small = run("v=1&epochs=3&size=32", 32);
        let overlay = Overlay { place: 0, name: "run 2".to_owned(), runs: vec![Rc::new(small)] };
        let figure = accuracy(Some(&live), &[overlay], Along::Compute);
        assert_eq!(figure.x.label, "training compute, GFLOP");
        let last = |index: usize| figure.series[index].points.last().unwrap().x;
        // 6 · 640 · (216 + 5 · 1,152) · 32² + … each epoch.
        assert!((last(0) - epochs as f64 * 23.5).abs() < 0.5 * epochs as f64, "{}", last(0));
        assert!((last(0) / last(1) - 4.0).abs() < 0.01);
        assert_eq!(figure.x.include.map(|(low, _)| low), Some(0.0));
    }

    #[test]
    fn tta_is_one_point_at_the_end() {
        let mut run = live();
        run.tta = Some(TtaResult { accuracy: 0.65, passes: 5, seconds: 1.0 });
        let figure = accuracy(Some(&run), &[], Along::Epochs);
        let tta = figure.series.last().unwrap();
        assert_eq!(&*tta.points, [Point { x: 3.0, y: 0.65 }]);
    }

    #[test]
    fn no_two_overlays_share_colour_dash_or_marker() {
        let styles: Vec<_> = (0..crate::runs::shelf::OVERLAYS).map(overlay_style).collect();
        for (i, a) in styles.iter().enumerate() {
            for b in &styles[i + 1..] {
                assert!(a.colour != b.colour && a.dash != b.dash && a.marker != b.marker);
            }
            assert!((4..=Style::COLOURS).contains(&a.colour));
        }
    }
}
