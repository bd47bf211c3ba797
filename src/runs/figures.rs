//! The charts of a run: which curves there are, their names and their looks.
//! Independent of how a figure is drawn.

mod layout;

use super::x_axis::XAxis;
use super::{LiveRun, RunEntry};
use crate::chart::{Axis, Dash, Edges, Figure, Marker, Point, Series, Style, Unit, Weight};
use crate::progress::StepPoint;
use crate::record::EpochRow;
use crate::stats::intervals::{Spread, spread};
use crate::text;
use layout::CurveLayout;
use std::rc::Rc;

/// A finished run, or several that differ only in their seed, drawn over the live run's curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// Its place among the overlays, from 0, which decides how it looks.
    pub place: usize,
    /// Its name, e.g. `run 3`.
    pub name: String,
    /// The runs: one per seed. Several are drawn as their mean, with a band of one
    /// standard deviation.
    pub runs: Vec<Rc<RunEntry>>,
}

/// The looks of the overlays, by place: five colours that the live run does not
/// use, each with a dash and a marker of its own.
const OVERLAY_STYLES: [(u8, Dash, Marker); super::list::OVERLAYS] = [
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
pub fn loss(live: Option<&LiveRun>, overlays: &[Overlay], axis: XAxis) -> Figure {
    let layout = CurveLayout::new(live, overlays, axis);
    let mut series = live.map_or_else(Vec::new, |live| layout.live(live_losses(live)));
    let mut bands = Vec::new();
    for overlay in overlays {
        let style = overlay_style(overlay.place);
        let thin = Style { marker: Marker::None, weight: Weight::Thin, ..style };
        let (points, band) = by_epoch(&overlay.runs, |row| row.nll);
        bands.extend(layout.band(overlay, band, series.len()));
        let mut own = vec![Series {
            name: format!("{} nll", overlay.name),
            label: overlay.name.clone(),
            points,
            style,
            dense: false,
        }];
        // The batches of several runs would be too many curves to be of use.
        if let [run] = overlay.runs.as_slice() {
            own.push(Series {
                name: format!("{} train_loss", overlay.name),
                label: String::new(),
                points: smooth(&run.points),
                style: thin,
                dense: true,
            });
        }
        series.extend(layout.overlay(overlay, own));
    }
    let y = Axis { label: text::chart_loss().to_owned(), unit: Unit::Number, include: None };
    Figure { bands, ..layout.figure(text::training_loss(), y, series, live) }
}

fn live_losses(live: &LiveRun) -> Vec<Series> {
    let mut series = vec![
        Series {
            name: "train_loss".to_owned(),
            label: text::chart_train().to_owned(),
            points: smooth(&live.points),
            style: LIVE_TRAIN,
            dense: true,
        },
        Series {
            name: "valid_loss".to_owned(),
            label: text::chart_valid().to_owned(),
            points: rows(&live.rows, |row| row.valid_loss),
            style: LIVE_VALID,
            dense: false,
        },
    ];
    // Without label smoothing the two curves are the same.
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
        name: text::chart_batch_loss().to_owned(),
        label: String::new(),
        points: live.points.iter().map(|p| Point { x: p.epoch, y: p.loss }).collect(),
        style: Style { weight: Weight::Light, ..LIVE_TRAIN },
        dense: true,
    });
    series
}

/// The validation accuracy of a run by epoch, and its accuracy with test-time augmentation at
/// its end.
pub fn accuracy(live: Option<&LiveRun>, overlays: &[Overlay], axis: XAxis) -> Figure {
    let layout = CurveLayout::new(live, overlays, axis);
    let mut series: Vec<Series> = Vec::new();
    if let Some(live) = live {
        let mut own = vec![Series {
            name: text::chart_accuracy().to_owned(),
            label: text::chart_accuracy().to_owned(),
            points: rows(&live.rows, |row| row.accuracy),
            style: Style { marker: Marker::Circle, ..LIVE_TRAIN },
            dense: false,
        }];
        if let Some(tta) = live.tta {
            own.push(Series {
                name: text::chart_accuracy_tta().to_owned(),
                label: text::training_with_tta().to_owned(),
                points: at_end(&live.rows, tta.accuracy),
                style: LIVE_TTA,
                dense: false,
            });
        }
        series.extend(layout.live(own));
    }
    let mut bands = Vec::new();
    for overlay in overlays {
        let style = overlay_style(overlay.place);
        let (points, band) = by_epoch(&overlay.runs, |row| row.accuracy);
        bands.extend(layout.band(overlay, band, series.len()));
        let mut own = vec![Series {
            name: format!("{} {}", overlay.name, text::chart_accuracy()),
            label: overlay.name.clone(),
            points,
            style,
            dense: false,
        }];
        let with_tta: Vec<f64> =
            overlay.runs.iter().filter_map(|run| Some(run.record.tta?.accuracy)).collect();
        if let Some(first) = overlay.runs.first().filter(|_| !with_tta.is_empty()) {
            own.push(Series {
                name: format!("{} {}", overlay.name, text::chart_accuracy_tta()),
                label: String::new(),
                points: at_end(&first.record.epochs, spread(&with_tta).mean),
                style: Style { marker: Marker::Diamond, ..style },
                dense: false,
            });
        }
        series.extend(layout.overlay(overlay, own));
    }
    let y = Axis { label: text::chart_accuracy().to_owned(), unit: Unit::Share, include: None };
    Figure { bands, ..layout.figure(text::training_accuracy(), y, series, live) }
}

/// A value of each epoch: its mean over the runs and, where there are several, a band of one
/// standard deviation to either side.
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

/// One point at the end of the last epoch.
fn at_end(rows: &[EpochRow], value: f64) -> Rc<[Point]> {
    let last = rows.last();
    last.map(|row| Point { x: f64::from(row.epoch) + 1.0, y: value }).into_iter().collect()
}

/// The smoothed loss by epoch.
fn smooth(points: &[StepPoint]) -> Rc<[Point]> {
    points.iter().map(|point| Point { x: point.epoch, y: point.smooth_loss }).collect()
}

#[cfg(test)]
mod tests;
