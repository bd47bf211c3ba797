//! Reading values off a chart at one place of the horizontal axis. Independent
//! of the pointer or key that chose the place.

use super::layout::Layout;
use super::{Figure, Point, Unit};
use crate::order;
use crate::text;

/// The places at which a cursor can stand: those of all points that are drawn,
/// ascending, no two in the same half pixel.
pub fn places(layout: &Layout) -> Vec<f64> {
    let mut places: Vec<f64> =
        layout.curves.iter().flat_map(|curve| curve.points.iter().map(|point| point.x)).collect();
    order::sort_numbers(&mut places);
    places.dedup_by(|b, a| layout.x.pixel(*b) - layout.x.pixel(*a) < 0.5);
    places
}

/// Index of the place nearest to a value; `None` without places.
pub fn nearest(places: &[f64], value: f64) -> Option<usize> {
    let after = places.partition_point(|place| *place < value);
    let before = after.checked_sub(1);
    match (before.and_then(|i| places.get(i)), places.get(after)) {
        (Some(low), Some(high)) if value - low <= high - value => before,
        (_, Some(_)) => Some(after),
        (Some(_), None) => before,
        (None, None) => None,
    }
}

/// Index of the first place at least `distance` away in the direction of its
/// sign, or the outermost one: the step of Page Up and Page Down.
pub fn far(places: &[f64], from: usize, distance: f64) -> usize {
    let last = places.len().saturating_sub(1);
    let Some(start) = places.get(from) else { return last };
    let target = start + distance;
    if distance < 0.0 {
        places.partition_point(|place| *place <= target + 1e-9).saturating_sub(1)
    } else {
        places.partition_point(|place| *place < target - 1e-9).min(last)
    }
}

/// What a curve says at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct CursorReading {
    /// Index into [`Figure::series`].
    pub series: usize,
    /// The point that is read.
    pub point: Point,
}

/// The nearest point of each curve that is shown. A curve says nothing further
/// from its points than half the widest gap between points of any curve: half an
/// epoch, on an axis of epochs.
pub fn readings(layout: &Layout, place: f64) -> Vec<CursorReading> {
    let gaps = layout.curves.iter().flat_map(|curve| curve.points.windows(2));
    let widest = gaps.filter_map(|pair| Some(pair.get(1)?.x - pair.first()?.x)).fold(0.0, f64::max);
    let (low, high) = (layout.x.value(layout.x.range().0), layout.x.value(layout.x.range().1));
    // A rounding error of the scale must not silence a lone point.
    let reach = (widest / 2.0).max((high - low) / 100.0);
    let mut readings = Vec::new();
    for curve in &layout.curves {
        let places: Vec<f64> = curve.points.iter().map(|point| point.x).collect();
        let found = nearest(&places, place).and_then(|index| curve.points.get(index));
        let Some(point) = found else { continue };
        if (point.x - place).abs() <= reach {
            readings.push(CursorReading { series: curve.series, point: *point });
        }
    }
    readings
}

/// The readings as one sentence, for a screen reader.
pub fn sentence(figure: &Figure, place: f64, readings: &[CursorReading]) -> String {
    let values: Vec<String> = readings
        .iter()
        .filter_map(|reading| {
            let series = figure.series.get(reading.series)?;
            Some(format!("{} {}", series.name, figure.y.unit.value(reading.point.y)))
        })
        .collect();
    format!("{} {}: {}", figure.x.label, place_on(figure, place), values.join(", "))
}

/// A place on a figure's horizontal axis.
pub fn place_on(figure: &Figure, place: f64) -> String {
    match figure.x.unit {
        Unit::Power => figure.x.unit.value(place),
        Unit::Number | Unit::Share => place_text(place),
    }
}

/// A place on the axis of epochs.
pub fn place_text(place: f64) -> String {
    let decimals = if (place - place.round()).abs() < 1e-6 { 0 } else { 2 };
    text::decimal(&format!("{place:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Axis;
    use crate::chart::layout::layout;
    use crate::chart::tests::plain_series;

    fn figure() -> Figure {
        let axis = |label: &str, unit| Axis { label: label.to_owned(), unit, include: None };
        Figure {
            title: String::new(),
            x: axis("epoch", Unit::Number),
            y: axis("loss", Unit::Number),
            series: vec![
                plain_series(
                    "train_loss",
                    true,
                    &[(0.25, 2.0), (0.5, 1.8), (1.0, 1.5), (2.0, 1.0)],
                ),
                plain_series("valid_loss", false, &[(1.0, 1.6), (2.0, 1.2)]),
            ],
            bands: Vec::new(),
            marks: Vec::new(),
        }
    }

    #[test]
    fn places_are_those_of_the_points() {
        assert_eq!(places(&layout(&figure(), &[], 600.0, 300.0)), [0.25, 0.5, 1.0, 2.0]);
    }

    #[test]
    fn nearest_and_far_stay_in_range() {
        let places = [0.25, 0.5, 1.0, 2.0];
        assert_eq!(nearest(&places, -3.0), Some(0));
        assert_eq!(nearest(&places, 0.8), Some(2));
        assert_eq!(nearest(&places, 9.0), Some(3));
        assert_eq!(nearest(&[], 1.0), None);
        assert_eq!(far(&places, 2, 1.0), 3);
        assert_eq!(far(&places, 3, 1.0), 3);
        assert_eq!(far(&places, 3, -1.0), 2);
        assert_eq!(far(&places, 0, -1.0), 0);
        assert_eq!(far(&[], 0, 1.0), 0);
    }

    #[test]
    fn readings_name_what_is_near() {
        let figure = figure();
        let layout = layout(&figure, &[], 600.0, 300.0);
        let early = readings(&layout, 0.25);
        assert_eq!(early.len(), 1, "no epoch has ended there");
        let text = sentence(&figure, 1.0, &readings(&layout, 1.0));
        assert_eq!(text, "epoch 1: train_loss 1.5000, valid_loss 1.6000");
        assert_eq!(place_text(0.25), "0.25");
    }
}
