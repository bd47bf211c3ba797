//! Differences with their intervals as a dot plot: where each comes to lie, in
//! pixels. Independent of how it is drawn.

use super::scale::{Scale, extent};
use super::ticks;

/// Height of one row: a line of text above a dot and its interval.
const ROW: f64 = 46.0;
/// Height of the axis below the rows.
const AXIS: f64 = 42.0;
/// Room at either side for the texts of the outermost ticks.
const SIDE: f64 = 26.0;
/// Smallest reach of the axis to either side of 0.
const LEAST: f64 = 0.01;
/// An interval is shown up to so many times the largest difference; a few seeds
/// can give intervals that would make everything else a point.
const REACH: f64 = 4.0;

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// What differs.
    pub name: String,
    /// The difference, as a share; `None` while there is none.
    pub value: Option<f64>,
    /// Its 95% interval.
    pub interval: Option<(f64, f64)>,
}

/// A dot plot laid out for one width.
#[derive(Clone, Debug, PartialEq)]
pub struct DotLayout {
    /// Whole width in pixels.
    pub width: f64,
    /// Whole height in pixels.
    pub height: f64,
    /// Where a difference of 0 lies.
    pub zero: f64,
    /// Bottom of the rows.
    pub bottom: f64,
    /// Ticks: pixel and text, in points of accuracy.
    pub ticks: Vec<(f64, String)>,
    /// One row per dot, in their order.
    pub rows: Vec<DotRow>,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DotRow {
    /// Base line of its text.
    pub text: f64,
    /// Height of the dot.
    pub y: f64,
    /// Where the dot lies.
    pub x: Option<f64>,
    /// The ends of the interval.
    pub interval: Option<(f64, f64)>,
    /// Whether the interval goes on beyond the left and the right edge.
    pub beyond: (bool, bool),
}

/// Lays differences out. Widths below 160 pixels are taken as that.
pub fn layout(dots: &[Dot], width: f64) -> DotLayout {
    let width = width.max(160.0);
    let largest = dots.iter().filter_map(|dot| dot.value).map(f64::abs).fold(LEAST, f64::max);
    let most = (REACH * largest).min(1.0);
    let ends = dots.iter().flat_map(|dot| {
        let interval = dot.interval.into_iter().flat_map(|(low, high)| [low, high]);
        dot.value.into_iter().chain(interval.map(|end| end.clamp(-most, most)))
    });
    let (low, high) = extent(ends.chain([-LEAST, LEAST])).unwrap_or((-LEAST, LEAST));
    let x = Scale::new((low, high), (SIDE, width - SIDE));
    let bottom = ROW * dots.len() as f64 + 4.0;
    let ticks = ticks::within((100.0 * low, 100.0 * high), (width / 70.0).max(2.0) as usize, 0.0);
    let texts = ticks.values.iter().map(|value| {
        let text = ticks::label(value.abs(), ticks.step);
        let sign = if *value > 0.0 {
            "+"
        } else if *value < 0.0 {
            "\u{2212}"
        } else {
            ""
        };
        (x.pixel(value / 100.0), format!("{sign}{text}"))
    });
    let (left, right) = (6.0, width - 6.0);
    let rows = dots.iter().enumerate().map(|(index, dot)| {
        let top = ROW * index as f64;
        let beyond = dot.interval.map_or((false, false), |(a, b)| (a < low, b > high));
        let interval = dot.interval.map(|(a, b)| {
            let start = if beyond.0 { left } else { x.pixel(a) };
            (start, if beyond.1 { right } else { x.pixel(b) })
        });
        DotRow {
            text: top + 16.0,
            y: top + 32.0,
            x: dot.value.map(|it| x.pixel(it)),
            interval,
            beyond,
        }
    });
    DotLayout {
        width,
        height: bottom + AXIS,
        zero: x.pixel(0.0),
        bottom,
        ticks: texts.collect(),
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(value: Option<f64>, interval: Option<(f64, f64)>) -> Dot {
        Dot { name: "Mixup".to_owned(), value, interval }
    }

    #[test]
    fn everything_lies_inside_and_in_order() {
        let dots = [
            dot(Some(0.02), Some((-0.01, 0.05))),
            dot(Some(-0.04), Some((-0.9, 0.82))),
            dot(None, None),
        ];
        for width in [10.0, 320.0, 900.0] {
            let made = layout(&dots, width);
            let inside = |pixel: f64| (0.0..=made.width).contains(&pixel);
            assert!(made.ticks.iter().all(|(pixel, _)| inside(*pixel)) && inside(made.zero));
            for row in &made.rows {
                assert!(row.x.is_none_or(inside) && row.y < made.bottom);
                if let (Some((low, high)), Some(x)) = (row.interval, row.x) {
                    assert!(inside(low) && inside(high) && low < x && x < high);
                }
            }
            assert_eq!(made.rows[1].beyond, (true, true));
            assert_eq!(made.rows[0].beyond, (false, false));
            assert_eq!(made.rows[2].x, None);
        }
    }

    #[test]
    fn ticks_are_points_with_their_sign() {
        let made = layout(&[dot(Some(0.02), Some((-0.02, 0.06)))], 600.0);
        let texts: Vec<_> = made.ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["\u{2212}2", "0", "+2", "+4", "+6"]);
        assert_eq!(made.ticks[1].0, made.zero);
    }

    #[test]
    fn no_difference_yet_still_has_an_axis() {
        let made = layout(&[dot(None, None)], 400.0);
        assert!(made.ticks.len() >= 2 && made.height > made.bottom);
    }
}
