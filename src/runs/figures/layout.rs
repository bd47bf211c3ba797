//! Places the curves of runs on the horizontal axis of a figure: by epoch, by training compute or
//! by time.

use super::Overlay;
use crate::chart::{Axis, Band, Edges, Figure, Mark, Point, Series, Unit};
use crate::cost;
use crate::record::EpochRow;
use crate::runs::LiveRun;
use crate::runs::x_axis::{Ruler, XAxis};
use crate::text;

/// Places the curves of several runs on one horizontal axis.
pub(super) struct CurveLayout {
    axis: XAxis,
    /// The unit of the axis, in the rulers' values.
    scale: f64,
    label: String,
    live: Option<Ruler>,
    overlays: Vec<(usize, Ruler)>,
}

impl CurveLayout {
    /// The layout for the run in progress, if any, and the overlays.
    pub(super) fn new(live: Option<&LiveRun>, overlays: &[Overlay], axis: XAxis) -> Self {
        let live = live.map(|run| Ruler::of_live(run, axis));
        let overlays: Vec<_> = overlays
            .iter()
            .filter_map(|overlay| {
                // Runs that differ only in their seed cost the same but for the clock.
                let run = overlay.runs.first()?;
                Some((overlay.place, Ruler::of_entry(run, axis)))
            })
            .collect();
        let rulers = live.iter().chain(overlays.iter().map(|(_, ruler)| ruler));
        let longest = rulers.map(Ruler::end).fold(0.0, f64::max);
        let (scale, label) = match axis {
            XAxis::Epochs => (1.0, text::chart_epoch().to_owned()),
            XAxis::Seconds => (1.0, text::chart_seconds().to_owned()),
            XAxis::Compute => {
                let (scale, unit) = cost::flop_unit(longest);
                (scale, text::chart_compute(unit))
            }
        };
        Self { axis, scale, label, live, overlays }
    }

    /// The curves of the run in progress, at their places.
    pub(super) fn live(&self, series: Vec<Series>) -> Vec<Series> {
        self.place(series, self.live.as_ref())
    }

    /// The curves of an overlay, at their places.
    pub(super) fn overlay(
        &self,
        overlay: &Overlay,
        series: impl IntoIterator<Item = Series>,
    ) -> Vec<Series> {
        let ruler = self.overlays.iter().find(|(place, _)| *place == overlay.place);
        self.place(series, ruler.map(|(_, ruler)| ruler))
    }

    /// A band around the series of this index.
    pub(super) fn band(
        &self,
        overlay: &Overlay,
        edges: Option<Vec<Edges>>,
        series: usize,
    ) -> Option<Band> {
        let ruler = self.overlays.iter().find(|(place, _)| *place == overlay.place);
        let points = edges?.into_iter().filter_map(|(x, low, high)| match ruler {
            Some((_, ruler)) if self.axis != XAxis::Epochs => {
                Some((ruler.at(x)? / self.scale, low, high))
            }
            _ => Some((x, low, high)),
        });
        Some(Band { series, points: points.collect() })
    }

    fn place(
        &self,
        series: impl IntoIterator<Item = Series>,
        ruler: Option<&Ruler>,
    ) -> Vec<Series> {
        let placed = series.into_iter().map(|series| match ruler {
            Some(ruler) if self.axis != XAxis::Epochs => {
                let points = series.points.iter().filter_map(|point| {
                    let x = ruler.at(point.x)? / self.scale;
                    Some(Point { x, ..*point })
                });
                Series { points: points.collect(), ..series }
            }
            _ => series,
        });
        placed.collect()
    }

    /// A figure of placed curves, with marks where the live run's image size changes.
    pub(super) fn figure(
        &self,
        title: &str,
        y: Axis,
        series: Vec<Series>,
        live: Option<&LiveRun>,
    ) -> Figure {
        let total = match self.axis {
            XAxis::Epochs => live.map_or(0.0, |live| f64::from(live.total_epochs)),
            XAxis::Compute | XAxis::Seconds => {
                self.live.as_ref().map_or(0.0, |ruler| ruler.end() / self.scale)
            }
        };
        let last = series
            .iter()
            .flat_map(|series| series.points.last())
            .map(|point| point.x)
            .fold(total, f64::max);
        let least = if self.axis == XAxis::Epochs { 1.0 } else { f64::MIN_POSITIVE };
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

/// The epochs at which the image size changes, with the new size; none if it never does.
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
