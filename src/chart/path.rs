//! SVG path data. Independent of everything else.

use super::Marker;
use std::fmt::Write as _;

/// One polyline through pixels, to a tenth of a pixel: `M1 2L3 4.5`.
pub fn polyline(pixels: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut data = String::new();
    for (x, y) in pixels {
        data.push(if data.is_empty() { 'M' } else { 'L' });
        push_tenths(&mut data, x);
        data.push(' ');
        push_tenths(&mut data, y);
    }
    data
}

/// The outlines of markers around pixels, as one path; empty for
/// [`Marker::None`].
pub fn markers(pixels: impl IntoIterator<Item = (f64, f64)>, marker: Marker) -> String {
    let outline = match marker {
        Marker::None => return String::new(),
        Marker::Circle | Marker::Ring => "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
        Marker::Square => "m-3.2-3.2h6.4v6.4h-6.4z",
        Marker::Triangle => "m0-4.2l4.2 7.4h-8.4z",
        Marker::Diamond => "m0-4.6l4.6 4.6l-4.6 4.6l-4.6-4.6z",
        Marker::Cross => "m-3.6-3.6l7.2 7.2m0-7.2l-7.2 7.2",
    };
    let mut data = String::new();
    for (x, y) in pixels {
        data.push('M');
        push_tenths(&mut data, x);
        data.push(' ');
        push_tenths(&mut data, y);
        data.push_str(outline);
    }
    data
}

fn push_tenths(data: &mut String, value: f64) {
    let tenths = (value * 10.0).round() / 10.0 + 0.0;
    // Writing to a string cannot fail.
    write!(data, "{tenths}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polyline_is_short_and_exact_to_a_tenth() {
        assert_eq!(polyline([(1.0, 2.04), (3.26, -0.01)]), "M1 2L3.3 0");
        assert_eq!(polyline([]), "");
    }

    #[test]
    fn every_marker_but_none_has_an_outline_of_its_own() {
        let all =
            [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond, Marker::Cross];
        let mut outlines: Vec<_> = all.map(|marker| markers([(1.0, 1.0)], marker)).to_vec();
        assert!(outlines.iter().all(|outline| outline.starts_with("M1 1m")));
        outlines.sort();
        outlines.dedup();
        assert_eq!(outlines.len(), all.len());
        assert_eq!(markers([(1.0, 1.0)], Marker::None), "");
    }
}
