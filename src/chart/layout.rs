//! Where everything of a figure comes to lie, in pixels. Independent of how it
//! is drawn.

use super::scale::{Scale, extent};
use super::ticks::{self, Ticks};
use super::{Axis, Band, Figure, Point, Series, Unit, Weight, downsample, path};
use crate::order;

/// Average width of a character of the ticks, in pixels.
const CHARACTER: f64 = 6.6;
/// The same of the labels at the ends of curves, which are bold.
const BOLD_CHARACTER: f64 = 7.4;
/// Least distance of two labels at the ends of curves, in pixels.
const LABEL_HEIGHT: f64 = 15.0;
/// Below this width the labels at the ends of curves leave no room for them.
const LABELS_FROM: f64 = 340.0;

/// A figure laid out for one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Whole width in pixels.
    pub width: f64,
    /// Whole height in pixels.
    pub height: f64,
    /// Horizontal scale; its range is the plot's left and right edge.
    pub x: Scale,
    /// Vertical scale; its range is the plot's bottom and top edge.
    pub y: Scale,
    /// Ticks of the horizontal axis: pixel and text.
    pub x_ticks: Vec<(f64, String)>,
    /// Ticks of the vertical axis: pixel and text.
    pub y_ticks: Vec<(f64, String)>,
    /// The curves that are shown.
    pub curves: Vec<Curve>,
    /// The bands of the curves that are shown: index of the curve's series, and `d`.
    pub bands: Vec<(usize, String)>,
    /// The labels at the ends of the curves, none on a narrow chart.
    pub labels: Vec<EndLabel>,
    /// Marks on the horizontal axis: pixel and text.
    pub marks: Vec<(f64, String)>,
}

/// One curve, ready to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Index into [`Figure::series`].
    pub series: usize,
    /// `d` of its line.
    pub line: String,
    /// `d` of its markers; empty where there are none or far too many.
    pub markers: String,
    /// Its points after downsampling, in values.
    pub points: Vec<Point>,
}

/// The short name of a curve, at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct EndLabel {
    /// Index into [`Figure::series`].
    pub series: usize,
    /// Left end of the text.
    pub x: f64,
    /// Middle of the text.
    pub y: f64,
    /// Height of the end of the curve.
    pub end: f64,
}

impl Layout {
    /// Distance of two ticks of the horizontal axis, in its values; the whole axis
    /// where there are fewer.
    pub fn x_step(&self) -> f64 {
        let at = |index: usize| self.x_ticks.get(index).map(|(pixel, _)| self.x.value(*pixel));
        match (at(0), at(1)) {
            (Some(first), Some(second)) => second - first,
            _ => self.x.value(self.x.range().1) - self.x.value(self.x.range().0),
        }
    }
}

/// Lays a figure out. `hidden[i]` leaves out series `i`; a missing entry shows
/// it. Sizes below 120 × 100 pixels are taken as that.
pub fn layout(figure: &Figure, hidden: &[bool], width: f64, height: f64) -> Layout {
    let (width, height) = (width.max(120.0), height.max(100.0));
    let shown: Vec<(usize, &Series)> = figure
        .series
        .iter()
        .enumerate()
        .filter(|(index, _)| !hidden.get(*index).copied().unwrap_or(false))
        .collect();

    let (top, bottom) = (if figure.marks.is_empty() { 10.0 } else { 26.0 }, height - 42.0);
    let y_domain = vertical_domain(figure, &shown);
    let y_tick_values = ticks::within(y_domain, ((bottom - top) / 36.0).max(2.0) as usize, 0.0);
    let y = Scale::new(y_domain, (bottom, top));
    let y_ticks = tick_texts(&y_tick_values, &y, figure.y.unit);

    // Room for the tick texts and the axis' name, which stands upright.
    let left = 30.0 + CHARACTER * longest(y_ticks.iter().map(|(_, text)| text.as_str()));
    let room = if width < LABELS_FROM {
        12.0
    } else {
        let longest = longest(shown.iter().map(|(_, series)| series.label.as_str()));
        if longest == 0.0 { 12.0 } else { (14.0 + BOLD_CHARACTER * longest).min(0.3 * width) }
    };
    let right = (width - room).max(left + 40.0);

    let x_domain = horizontal_domain(&figure.x, &shown);
    let x = Scale::new(x_domain, (left, right));
    // Whole epochs, unless there are too few of them to make an axis.
    let least = if x_domain.1 - x_domain.0 < 2.0 { 0.0 } else { 1.0 };
    let x_tick_values = ticks::within(x_domain, ((right - left) / 44.0).max(2.0) as usize, least);

    let bands = figure
        .bands
        .iter()
        .filter(|band| shown.iter().any(|(index, _)| *index == band.series))
        .map(|band| (band.series, band_path(band, &x, &y)))
        .collect();
    let curves = shown.iter().map(|(index, series)| curve(*index, series, &x, &y)).collect();
    let labels = if width < LABELS_FROM {
        Vec::new()
    } else {
        end_labels(&shown, &x, &y, right + 8.0, (top, bottom))
    };
    Layout {
        width,
        height,
        x_ticks: tick_texts(&x_tick_values, &x, figure.x.unit),
        y_ticks,
        curves,
        bands,
        labels,
        marks: figure.marks.iter().map(|mark| (x.pixel(mark.x), mark.label.clone())).collect(),
        x,
        y,
    }
}

fn longest<'a>(texts: impl Iterator<Item = &'a str>) -> f64 {
    texts.map(|text| text.chars().count()).max().unwrap_or(0) as f64
}

fn tick_texts(ticks: &Ticks, scale: &Scale, unit: Unit) -> Vec<(f64, String)> {
    let Ticks { step, values } = ticks;
    values.iter().map(|value| (scale.pixel(*value), unit.tick(*value, *step))).collect()
}

fn horizontal_domain(axis: &Axis, shown: &[(usize, &Series)]) -> (f64, f64) {
    let points = shown.iter().flat_map(|(_, series)| series.points.iter().map(|point| point.x));
    let include = axis.include.into_iter().flat_map(|(low, high)| [low, high]);
    extent(points.chain(include)).unwrap_or((0.0, 1.0))
}

/// The range of the values with a little air; background curves do not widen
/// it by more than half, so that one wild batch does not flatten the rest.
fn vertical_domain(figure: &Figure, shown: &[(usize, &Series)]) -> (f64, f64) {
    let values = |light: bool| {
        shown
            .iter()
            .filter(move |(_, series)| (series.style.weight == Weight::Light) == light)
            .flat_map(|(_, series)| series.points.iter().map(|point| point.y))
    };
    let include = figure.y.include.into_iter().flat_map(|(low, high)| [low, high]);
    let bands = figure
        .bands
        .iter()
        .filter(|band| shown.iter().any(|(index, _)| *index == band.series))
        .flat_map(|band| band.points.iter().flat_map(|(_, low, high)| [*low, *high]));
    let main = extent(values(false).chain(include).chain(bands));
    let (low, high) = match (main, extent(values(true))) {
        (Some((low, high)), Some((light_low, light_high))) => {
            let spare = 0.5 * (high - low);
            (low.min(light_low.max(low - spare)), high.max(light_high.min(high + spare)))
        }
        (Some(extent), None) | (None, Some(extent)) => extent,
        (None, None) => (0.0, 1.0),
    };
    // A flat curve lies in the middle of a range that its digits can tell.
    let air = (0.06 * (high - low)).max(0.02 * high.abs()).max(1e-3);
    match figure.y.unit {
        Unit::Number | Unit::Power => {
            (if low >= 0.0 { (low - air).max(0.0) } else { low - air }, high + air)
        }
        Unit::Share => ((low - air).max(0.0), (high + air).min(1.0)),
    }
}

/// A band as a closed path: there along its upper edge, back along the lower.
fn band_path(band: &Band, x: &Scale, y: &Scale) -> String {
    let (bottom, top) = y.range();
    let pixel = |place: f64, value: f64| (x.pixel(place), y.pixel(value).clamp(top, bottom));
    let there = band.points.iter().map(|(place, _, high)| pixel(*place, *high));
    let back = band.points.iter().rev().map(|(place, low, _)| pixel(*place, *low));
    let outline = path::polyline(there.chain(back));
    if outline.is_empty() { outline } else { outline + "Z" }
}

fn curve(index: usize, series: &Series, x: &Scale, y: &Scale) -> Curve {
    let points = downsample::to_columns(&series.points, x);
    let (_, top) = y.range();
    let pixels: Vec<_> = points
        .iter()
        // Background curves may leave the plot at the top or the bottom.
        .map(|point| (x.pixel(point.x), y.pixel(point.y).clamp(top - 2.0, y.range().0 + 2.0)))
        .collect();
    // Markers closer than they are wide tell nothing apart.
    let (start, end) = x.range();
    let room = (end - start) / points.len().max(1) as f64;
    let sparse = if room < 9.0 { (9.0 / room).ceil() as usize } else { 1 };
    let last = pixels.len().saturating_sub(1);
    let marked = pixels.iter().enumerate().filter(|(i, _)| i % sparse == 0 || *i == last);
    Curve {
        series: index,
        line: path::polyline(pixels.iter().copied()),
        markers: path::markers(marked.map(|(_, pixel)| *pixel), series.style.marker),
        points,
    }
}

/// Labels beside the last points, pushed apart where they would overlap.
fn end_labels(
    shown: &[(usize, &Series)],
    x: &Scale,
    y: &Scale,
    left: f64,
    (top, bottom): (f64, f64),
) -> Vec<EndLabel> {
    let mut labels: Vec<EndLabel> = shown
        .iter()
        .filter(|(_, series)| !series.label.is_empty())
        .filter_map(|(index, series)| {
            let last = series.points.iter().rfind(|point| point.y.is_finite())?;
            let end = y.pixel(last.y).clamp(top, bottom);
            let x = (x.pixel(last.x) + 8.0).clamp(0.0, left);
            Some(EndLabel { series: *index, x, y: end, end })
        })
        .collect();
    order::sort_by_number(&mut labels, |label| label.end);
    let mut lowest = top;
    for label in &mut labels {
        label.y = label.y.max(lowest);
        lowest = label.y + LABEL_HEIGHT;
    }
    // Where the last ones were pushed out of the plot, push all back up.
    let mut highest = bottom;
    for label in labels.iter_mut().rev() {
        label.y = label.y.min(highest);
        highest = label.y - LABEL_HEIGHT;
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Dash, Mark, Marker, Style};

    fn series(name: &str, values: &[f64], weight: Weight) -> Series {
        Series {
            name: name.to_owned(),
            label: name.to_owned(),
            points: values
                .iter()
                .enumerate()
                .map(|(i, &y)| Point { x: i as f64 + 1.0, y })
                .collect(),
            style: Style { colour: 1, dash: Dash::Solid, marker: Marker::Circle, weight },
            dense: false,
        }
    }

    fn figure(series: Vec<Series>, unit: Unit) -> Figure {
        let axis = |unit| Axis { label: "axis".to_owned(), unit, include: None };
        let x = Axis { include: Some((0.0, 5.0)), ..axis(Unit::Number) };
        Figure {
            title: "t".to_owned(),
            x,
            y: axis(unit),
            series,
            bands: Vec::new(),
            marks: Vec::new(),
        }
    }

    #[test]
    fn everything_lies_inside_the_chart() {
        let all = vec![
            series("a", &[2.3, 1.5, 1.1], Weight::Normal),
            series("b", &[2.2, 1.5, 1.1], Weight::Normal),
            series("c", &[2.1, 1.5, 1.1], Weight::Normal),
        ];
        for (width, height) in [(320.0, 220.0), (900.0, 300.0), (1.0, 1.0)] {
            let made = layout(&figure(all.clone(), Unit::Number), &[], width, height);
            for (pixel, _) in &made.x_ticks {
                assert!((0.0..=made.width).contains(pixel));
            }
            for (pixel, _) in &made.y_ticks {
                assert!((0.0..=made.height).contains(pixel));
            }
            assert!(made.labels.iter().all(|label| label.x < made.width && label.y < made.height));
        }
    }

    #[test]
    fn labels_do_not_overlap_even_at_the_bottom() {
        let all = (0..4).map(|i| series(&format!("{i}"), &[2.0, 1.0], Weight::Normal)).collect();
        let made = layout(&figure(all, Unit::Number), &[], 800.0, 300.0);
        assert_eq!(made.labels.len(), 4);
        for pair in made.labels.windows(2) {
            assert!(pair[1].y - pair[0].y >= LABEL_HEIGHT - 1e-9);
        }
    }

    #[test]
    fn shares_stay_between_0_and_100_per_cent() {
        let made = layout(
            &figure(vec![series("a", &[0.0, 1.0], Weight::Normal)], Unit::Share),
            &[],
            800.0,
            300.0,
        );
        assert_eq!(made.y.domain(), (0.0, 1.0));
        assert!(made.y_ticks.iter().all(|(_, text)| text.ends_with('%')));
    }

    #[test]
    fn one_wild_batch_does_not_flatten_the_rest() {
        let all = vec![
            series("smooth", &[2.0, 1.0], Weight::Normal),
            series("raw", &[2.0, 90.0, 1.0], Weight::Light),
        ];
        let (_, high) = layout(&figure(all, Unit::Number), &[], 800.0, 300.0).y.domain();
        assert!(high < 3.0, "{high}");
    }

    #[test]
    fn hidden_series_are_left_out() {
        let all = vec![
            series("a", &[2.0, 1.0], Weight::Normal),
            series("b", &[20.0, 10.0], Weight::Normal),
        ];
        let made = layout(&figure(all, Unit::Number), &[false, true], 800.0, 300.0);
        assert_eq!(made.curves.len(), 1);
        assert!(made.y.domain().1 < 3.0);
    }

    #[test]
    fn an_empty_figure_and_undefined_values_still_have_axes() {
        let empty = layout(&figure(Vec::new(), Unit::Number), &[], 600.0, 240.0);
        assert!(!empty.x_ticks.is_empty() && !empty.y_ticks.is_empty());
        let undefined =
            figure(vec![series("a", &[f64::NAN, f64::INFINITY], Weight::Normal)], Unit::Share);
        let made = layout(&undefined, &[], 600.0, 240.0);
        assert_eq!(made.curves[0].line, "");
        assert!(made.labels.is_empty());
    }

    #[test]
    fn a_band_lies_around_its_curve_and_goes_with_it() {
        let mut banded = figure(vec![series("a", &[0.5, 0.6], Weight::Normal)], Unit::Share);
        let points = vec![(1.0, 0.4, 0.6), (2.0, 0.5, 0.7)];
        banded.bands.push(Band { series: 0, points });
        let made = layout(&banded, &[], 600.0, 240.0);
        let [(0, path)] = &made.bands[..] else { panic!("{:?}", made.bands) };
        assert!(path.ends_with('Z') && path.matches('L').count() == 3, "{path}");
        let (low, high) = made.y.domain();
        assert!(low < 0.4 && high > 0.7);
        assert!(layout(&banded, &[true], 600.0, 240.0).bands.is_empty());
    }

    #[test]
    fn marks_are_placed_on_the_axis() {
        let mut marked = figure(vec![series("a", &[2.0, 1.0], Weight::Normal)], Unit::Number);
        marked.marks.push(Mark { x: 5.0, label: "64 px".to_owned() });
        let made = layout(&marked, &[], 600.0, 240.0);
        assert_eq!(made.marks[0].0, made.x.range().1);
    }
}
