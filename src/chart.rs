//! Line charts as plain data: what to draw ([`Figure`]) and where it comes to
//! lie ([`layout`]). Independent of yew and browsers: the page turns a layout
//! into SVG.

pub mod cursor;
pub mod dots;
pub mod downsample;
pub mod layout;
pub mod path;
pub mod scale;
pub mod table;
pub mod ticks;

use crate::math;
use crate::text;
use std::rc::Rc;

/// A chart: series over a common horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its heading, also the file name of its CSV.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The curves, the most important first: it is drawn over the others.
    pub series: Vec<Series>,
    /// Bands around curves.
    pub bands: Vec<Band>,
    /// Places on the horizontal axis where something changed.
    pub marks: Vec<Mark>,
}

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it measures.
    pub label: String,
    /// How its values are written.
    pub unit: Unit,
    /// Values that must be in view, whatever the data: lowest and highest.
    pub include: Option<(f64, f64)>,
}

/// How the values of an axis are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number.
    Number,
    /// A share in 0..1, as per cent; the axis does not leave that range.
    Share,
    /// The decimal logarithm of a number: a logarithmic axis.
    Power,
}

impl Unit {
    /// A value of a curve, for reading off.
    pub fn value(self, value: f64) -> String {
        match self {
            Self::Number => text::decimal(&decimal(value, 4)),
            Self::Share => text::percentage(&format!("{:.1}", 100.0 * value)),
            Self::Power => format!("{:.2e}", math::pow(10.0, value)),
        }
    }

    /// A tick, with as many decimals as the distance of the ticks needs.
    pub fn tick(self, value: f64, step: f64) -> String {
        match self {
            Self::Number => text::decimal(&ticks::label(value, step)),
            Self::Share => text::percentage(&ticks::label(100.0 * value, 100.0 * step)),
            Self::Power => format!("{:.0e}", math::pow(10.0, value)),
        }
    }
}

/// A number with so many decimals; one that would lose its digits to them, like a
/// small learning rate, as a power of ten.
fn decimal(value: f64, decimals: usize) -> String {
    let least = math::pow(10.0, 1.0 - decimals as f64);
    if value != 0.0 && value.abs() < least {
        format!("{value:.2e}")
    } else {
        format!("{value:.decimals$}")
    }
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its full name, unique in the figure.
    pub name: String,
    /// The short name at the end of the curve; empty for none.
    pub label: String,
    /// Its points, ascending in `x`. Points that are not finite are left out.
    pub points: Rc<[Point]>,
    /// How it looks.
    pub style: Style,
    /// True if it has a point per batch rather than per epoch.
    pub dense: bool,
}

/// The spread around a curve: a standard deviation to either side.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Index of the curve in [`Figure::series`].
    pub series: usize,
    /// Its edges, at ascending places.
    pub points: Vec<Edges>,
}

/// A place on the horizontal axis, and the lower and upper edge of a band there.
pub type Edges = (f64, f64, f64);

/// One point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Horizontal value.
    pub x: f64,
    /// Vertical value.
    pub y: f64,
}

/// A place on the horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where.
    pub x: f64,
    /// What changed there.
    pub label: String,
}

/// How a curve looks: never told apart by its colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Index into the palette, from 1 to [`Style::COLOURS`].
    pub colour: u8,
    /// The pattern of its stroke.
    pub dash: Dash,
    /// What its points look like.
    pub marker: Marker,
    /// How strongly it is drawn.
    pub weight: Weight,
}

impl Style {
    /// Colours in the palette.
    pub const COLOURS: u8 = 8;
}

/// The pattern of a stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// One line.
    Solid,
    /// Long dashes.
    Long,
    /// Short dashes.
    Short,
    /// Dots.
    Dots,
    /// Dash and dot in turn.
    DashDot,
    /// A dash and two dots.
    DashDotDot,
}

impl Dash {
    /// SVG's `stroke-dasharray`, in pixels.
    pub fn array(self) -> &'static str {
        match self {
            Self::Solid => "none",
            Self::Long => "10 4",
            Self::Short => "5 3",
            Self::Dots => "1.5 4",
            Self::DashDot => "9 3 1.5 3",
            Self::DashDotDot => "9 3 1.5 3 1.5 3",
        }
    }
}

/// What the points of a curve look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// No markers.
    None,
    /// A disc.
    Circle,
    /// A square.
    Square,
    /// A triangle.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A cross.
    Cross,
    /// A ring.
    Ring,
}

/// How strongly a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// In the background.
    Light,
    /// Thinner than the main curves.
    Thin,
    /// A main curve.
    Normal,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A solid line without markers and label.
    pub(crate) fn plain_series(name: &str, dense: bool, points: &[(f64, f64)]) -> Series {
        Series {
            name: name.to_owned(),
            label: String::new(),
            points: points.iter().map(|&(x, y)| Point { x, y }).collect(),
            style: Style {
                colour: 1,
                dash: Dash::Solid,
                marker: Marker::None,
                weight: Weight::Normal,
            },
            dense,
        }
    }

    #[test]
    fn small_rates_keep_their_digits() {
        let read = |value: f64| (Unit::Number.value(value), decimal(value, 6));
        assert_eq!(read(0.0), ("0.0000".into(), "0.000000".into()));
        assert_eq!(read(0.0123), ("0.0123".into(), "0.012300".into()));
        assert_eq!(read(1.2e-5), ("1.20e-5".into(), "0.000012".into()));
        assert_eq!(read(-4e-8), ("-4.00e-8".into(), "-4.00e-8".into()));
    }
}
