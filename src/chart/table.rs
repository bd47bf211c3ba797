//! Tables of text and their CSV; a chart's numbers as such a table.
//! Independent of how they are shown.

use super::{Figure, Point, Series, Unit, decimal};
use crate::order;

/// A table of text, header first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Cells, row after row, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The table as CSV (RFC 4180), lines ended by CR LF.
    pub fn csv(&self) -> String {
        let mut text = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                if cell.contains([',', '"', '\r', '\n']) {
                    text.push('"');
                    text.push_str(&cell.replace('"', "\"\""));
                    text.push('"');
                } else {
                    text.push_str(cell);
                }
            }
            text.push_str("\r\n");
        }
        text
    }
}

impl Table {
    /// The table as spreadsheets take it from the clipboard: cells between tabs, which
    /// are read alike whatever a country writes for a comma.
    pub fn tabs(&self) -> String {
        let mut text = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            let cells: Vec<String> =
                row.iter().map(|it| it.replace(['\t', '\r', '\n'], " ")).collect();
            text.push_str(&cells.join("\t"));
            text.push_str("\r\n");
        }
        text
    }
}

/// One row per epoch at which a sparse curve has a point, one column per curve.
/// Curves with a point per batch give the last one up to that place. Without
/// sparse curves, one row per point.
pub fn by_epoch(figure: &Figure) -> Table {
    let sparse: Vec<&Series> = figure.series.iter().filter(|series| !series.dense).collect();
    let mut places = places(sparse.iter().copied());
    if places.is_empty() {
        places = self::places(figure.series.iter());
    }
    build(figure, &places, |series, place| {
        if series.dense { last_until(&series.points, place) } else { at(&series.points, place) }
    })
}

/// Every point of every curve: one row per place, a cell empty where a curve
/// has no point. Nothing is left out or interpolated.
pub fn every_point(figure: &Figure) -> Table {
    let places = places(figure.series.iter());
    build(figure, &places, |series, place| at(&series.points, place))
}

fn build(figure: &Figure, places: &[f64], value: impl Fn(&Series, f64) -> Option<f64>) -> Table {
    let names = figure.series.iter().map(|series| series.name.clone());
    let edges = figure.bands.iter().flat_map(|band| {
        let name = figure.series.get(band.series).map_or("", |series| series.name.as_str());
        [format!("{name} \u{2212} sd"), format!("{name} + sd")]
    });
    Table {
        header: std::iter::once(figure.x.label.clone()).chain(names).chain(edges).collect(),
        rows: places
            .iter()
            .map(|place| {
                let cells = figure.series.iter().map(|series| {
                    value(series, *place).map_or_else(String::new, |value| decimal(value, 6))
                });
                let edges = figure.bands.iter().flat_map(|band| {
                    let found = band.points.iter().find(|(at, ..)| at == place);
                    let text = |value: Option<f64>| {
                        value.map_or_else(String::new, |value| decimal(value, 6))
                    };
                    [text(found.map(|(_, low, _)| *low)), text(found.map(|(.., high)| *high))]
                });
                std::iter::once(place_cell(figure, *place)).chain(cells).chain(edges).collect()
            })
            .collect(),
    }
}

fn places<'a>(series: impl Iterator<Item = &'a Series>) -> Vec<f64> {
    let mut places: Vec<f64> =
        series.flat_map(|series| series.points.iter().map(|point| point.x)).collect();
    order::sort_numbers(&mut places);
    places.dedup();
    places
}

fn at(points: &[Point], place: f64) -> Option<f64> {
    let index = points.partition_point(|point| point.x < place);
    points.get(index).filter(|point| point.x == place).map(|point| point.y)
}

fn last_until(points: &[Point], place: f64) -> Option<f64> {
    let index = points.partition_point(|point| point.x <= place);
    index.checked_sub(1).and_then(|index| points.get(index)).map(|point| point.y)
}

/// A place as the first cell of its row.
fn place_cell(figure: &Figure, place: f64) -> String {
    match figure.x.unit {
        Unit::Power => figure.x.unit.value(place),
        Unit::Number | Unit::Share => number(place),
    }
}

/// Up to six decimals, without idle zeros.
fn number(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Axis;
    use crate::chart::tests::plain_series;

    fn figure(with_sparse: bool) -> Figure {
        let axis =
            |label: &str| Axis { label: label.to_owned(), unit: Unit::Number, include: None };
        let mut all = vec![plain_series("train", true, &[(0.5, 2.0), (1.0, 1.5), (1.5, 1.25)])];
        if with_sparse {
            all.push(plain_series("valid", false, &[(1.0, 1.75), (2.0, 1.0)]));
        }
        Figure {
            title: String::new(),
            x: axis("epoch"),
            y: axis("loss"),
            series: all,
            bands: Vec::new(),
            marks: Vec::new(),
        }
    }

    #[test]
    fn the_twin_has_a_row_per_epoch() {
        assert_eq!(
            by_epoch(&figure(true)).csv(),
            "epoch,train,valid\r\n1,1.500000,1.750000\r\n2,1.250000,1.000000\r\n"
        );
        assert_eq!(by_epoch(&figure(false)).rows.len(), 3);
    }

    #[test]
    fn the_csv_has_every_point() {
        assert_eq!(
            every_point(&figure(true)).csv(),
            "epoch,train,valid\r\n0.5,2.000000,\r\n1,1.500000,1.750000\r\n\
             1.5,1.250000,\r\n2,,1.000000\r\n"
        );
    }

    #[test]
    fn a_band_gives_its_edges() {
        let mut banded = figure(true);
        banded.bands.push(crate::chart::Band { series: 1, points: vec![(1.0, 1.5, 2.0)] });
        let made = by_epoch(&banded);
        assert_eq!(made.header[3..], ["valid \u{2212} sd", "valid + sd"]);
        assert_eq!(made.rows[0][3..], ["1.500000", "2.000000"]);
        assert_eq!(made.rows[1][3..], ["", ""]);
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let odd = Table {
            header: vec!["a,b".to_owned(), "c".to_owned()],
            rows: vec![vec!["say \"hi\"".to_owned(), "plain".to_owned()]],
        };
        assert_eq!(odd.csv(), "\"a,b\",c\r\n\"say \"\"hi\"\"\",plain\r\n");
    }

    #[test]
    fn the_clipboard_gets_tabs_and_no_cell_breaks_out() {
        let odd = Table {
            header: vec!["a,b".to_owned(), "c".to_owned()],
            rows: vec![vec!["one\ttwo\nthree".to_owned(), "0.5".to_owned()]],
        };
        assert_eq!(odd.tabs(), "a,b\tc\r\none two three\t0.5\r\n");
    }

    #[test]
    fn a_logarithmic_axis_shows_the_numbers_themselves() {
        let mut figure = figure(false);
        figure.x.unit = Unit::Power;
        let first = &every_point(&figure).rows[0][0];
        let place = figure.series[0].points[0].x;
        assert_eq!(*first, format!("{:.2e}", libm::pow(10.0, place)));
    }
}
