//! The charts of a run: which curves, what they are called and how they look.
//! Independent of how a figure is drawn.

use super::{LiveRun, RunEntry};
use crate::chart::{Axis, Dash, Figure, Mark, Marker, Point, Series, Style, Unit, Weight};
use crate::protocol::StepPoint;
use crate::record::EpochRow;
use std::rc::Rc;

/// A finished run laid over the curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// Its place among the overlays, from 0: decides how it looks.
    pub place: usize,
    /// What it is called, e.g. `run 3`.
    pub name: String,
    /// The run.
    pub run: Rc<RunEntry>,
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
pub fn loss(live: Option<&LiveRun>, overlays: &[Overlay]) -> Figure {
    let mut series = live.map_or_else(Vec::new, live_losses);
    for overlay in overlays {
        let style = overlay_style(overlay.place);
        let thin = Style { marker: Marker::None, weight: Weight::Thin, ..style };
        let record = &overlay.run.record;
        series.extend([
            Series {
                name: format!("{} nll", overlay.name),
                label: overlay.name.clone(),
                points: rows(&record.epochs, |row| row.nll),
                style,
                dense: false,
            },
            Series {
                name: format!("{} train_loss", overlay.name),
                label: String::new(),
                points: smooth(&overlay.run.points),
                style: thin,
                dense: true,
            },
        ]);
    }
    figure(
        "Loss",
        Axis { label: "loss".to_owned(), unit: Unit::Number, include: None },
        series,
        live,
    )
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
pub fn accuracy(live: Option<&LiveRun>, overlays: &[Overlay]) -> Figure {
    let mut series: Vec<Series> = Vec::new();
    if let Some(live) = live {
        series.push(Series {
            name: "accuracy".to_owned(),
            label: "accuracy".to_owned(),
            points: rows(&live.rows, |row| row.accuracy),
            style: Style { marker: Marker::Circle, ..LIVE_TRAIN },
            dense: false,
        });
        if let Some(tta) = live.tta {
            series.push(Series {
                name: "accuracy with TTA".to_owned(),
                label: "with TTA".to_owned(),
                points: at_end(&live.rows, tta.accuracy),
                style: LIVE_TTA,
                dense: false,
            });
        }
    }
    for overlay in overlays {
        let style = overlay_style(overlay.place);
        let record = &overlay.run.record;
        series.push(Series {
            name: format!("{} accuracy", overlay.name),
            label: overlay.name.clone(),
            points: rows(&record.epochs, |row| row.accuracy),
            style,
            dense: false,
        });
        if let Some(tta) = record.tta {
            series.push(Series {
                name: format!("{} accuracy with TTA", overlay.name),
                label: String::new(),
                points: at_end(&record.epochs, tta.accuracy),
                style: Style { marker: Marker::Diamond, ..style },
                dense: false,
            });
        }
    }
    let axis = Axis { label: "accuracy".to_owned(), unit: Unit::Share, include: None };
    figure("Accuracy", axis, series, live)
}

fn figure(title: &str, y: Axis, series: Vec<Series>, live: Option<&LiveRun>) -> Figure {
    let total = live.map_or(0, |live| live.total_epochs);
    let last = series
        .iter()
        .flat_map(|series| series.points.last())
        .map(|point| point.x)
        .fold(f64::from(total), f64::max);
    Figure {
        title: title.to_owned(),
        x: Axis {
            label: "epoch".to_owned(),
            unit: Unit::Number,
            include: Some((0.0, last.max(1.0))),
        },
        y,
        series,
        marks: live.map_or_else(Vec::new, |live| size_marks(&live.rows)),
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
        }
    }

    fn names(figure: &Figure) -> Vec<&str> {
        figure.series.iter().map(|series| series.name.as_str()).collect()
    }

    #[test]
    fn nll_is_drawn_only_where_it_is_another_curve() {
        let mut run = live();
        assert_eq!(names(&loss(Some(&run), &[])), ["train_loss", "valid_loss", "batch loss"]);
        run.rows[0].nll -= 0.1;
        assert!(names(&loss(Some(&run), &[])).contains(&"nll"));
    }

    #[test]
    fn the_axis_spans_the_whole_run_and_any_longer_overlay() {
        let figure = loss(Some(&live()), &[]);
        assert_eq!(figure.x.include, Some((0.0, 5.0)));
        assert!(figure.marks.is_empty());
        let mut long = entry("b", "v=1", 0.7);
        long.record.epochs.last_mut().unwrap().epoch = 9;
        let overlay = Overlay { place: 0, name: "run 2".to_owned(), run: Rc::new(long) };
        assert_eq!(accuracy(Some(&live()), &[overlay]).x.include, Some((0.0, 10.0)));
    }

    #[test]
    fn sizes_of_progressive_resizing_are_marked() {
        let mut run = live();
        run.rows[1].phase = 1;
        run.rows[2].phase = 1;
        run.rows[0].size = 32;
        let marks: Vec<_> =
            loss(Some(&run), &[]).marks.into_iter().map(|mark| (mark.x, mark.label)).collect();
        assert_eq!(marks, [(0.0, "32 px".to_owned()), (1.0, "64 px".to_owned())]);
    }

    #[test]
    fn tta_is_one_point_at_the_end() {
        let mut run = live();
        run.tta = Some(TtaResult { accuracy: 0.65, passes: 5, seconds: 1.0 });
        let figure = accuracy(Some(&run), &[]);
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
