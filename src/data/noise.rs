//! Reads `noisy_imagenette.csv` or `noisy_imagewoof.csv`, the official wrong labels.
//! Independent of burn and browsers.

use super::error::DataError;
use super::layout::normal;
use super::names::composed;
use super::{Class, NoiseColumns};
use crate::text;
use std::collections::{BTreeMap, BTreeSet};

/// The columns of the official levels, in the order of [`NoiseColumns`].
const COLUMNS: [&str; 4] =
    ["noisy_labels_1", "noisy_labels_5", "noisy_labels_25", "noisy_labels_50"];

/// Reads the table for the training images at `paths`. Rows of other images are
/// passed over; so are rows with a class that the data set does not have.
///
/// # Errors
/// [`DataError::NoiseTable`] if it is no UTF-8, lacks a column, or has a row
/// that is too short.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    classes: &[Class],
    paths: &BTreeSet<&str>,
) -> Result<NoiseColumns, DataError> {
    let bad = |detail: String| DataError::NoiseTable { path: name.to_owned(), detail };
    let text = std::str::from_utf8(bytes).map_err(|_| bad(text::damage_no_text().to_owned()))?;
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').map(cell).collect();
    let column = |wanted: &str| {
        header
            .iter()
            .position(|it| *it == wanted)
            .ok_or_else(|| bad(text::damage_no_column(wanted)))
    };
    let path_column = column("path")?;
    let mut label_columns = [0; 4];
    for (place, wanted) in label_columns.iter_mut().zip(COLUMNS) {
        *place = column(wanted)?;
    }

    let labels_by_id: BTreeMap<&str, u8> =
        classes.iter().zip(0u8..).map(|(class, label)| (class.id.as_str(), label)).collect();
    let mut labels = BTreeMap::new();
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(cell).collect();
        let at = |column: usize| {
            cells
                .get(column)
                .copied()
                .ok_or_else(|| bad(text::damage_columns(&(number + 2).to_string(), cells.len())))
        };
        let path = normal(at(path_column)?);
        if !paths.contains(path.as_str()) {
            continue;
        }
        let mut row = [Some(0u8); 4];
        for (label, column) in row.iter_mut().zip(label_columns) {
            *label = labels_by_id.get(&*composed(at(column)?)).copied();
        }
        if let [Some(one), Some(five), Some(twenty_five), Some(fifty)] = row {
            labels.insert(path, [one, five, twenty_five, fifty]);
        }
    }
    Ok(NoiseColumns { labels })
}

fn cell(text: &str) -> &str {
    text.trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "path,noisy_labels_0,noisy_labels_1,noisy_labels_5,noisy_labels_25,\
                          noisy_labels_50,is_valid";

    fn read_rows(rows: &str) -> Result<NoiseColumns, DataError> {
        let class = |id: &str| Class { id: id.to_owned(), name: id.to_owned() };
        let paths = BTreeSet::from(["train/a/1.jpg", "train/b/2.jpg"]);
        read("t.csv", rows.as_bytes(), &[class("a"), class("b")], &paths)
    }

    #[test]
    fn rows_are_kept_by_path_and_strangers_passed_over() {
        let columns = read_rows(&format!(
            "\u{feff}{HEADER}\r\ntrain/a/1.jpg,a,a,b,a,\"b\",False\r\n\
             train/b/2.jpg,b,b,b,zebra,b,False\r\ntrain/c/3.jpg,c,c,c,c,c,False\r\n\r\n"
        ))
        .unwrap();
        assert_eq!(columns.labels, BTreeMap::from([("train/a/1.jpg".to_owned(), [0, 1, 0, 1])]));
    }

    #[test]
    fn a_broken_table_says_what_is_wrong() {
        for (rows, detail) in [
            ("path,noisy_labels_1\n", "no column \"noisy_labels_5\""),
            ("", "no column \"path\""),
            (&format!("{HEADER}\ntrain/a/1.jpg,a\n"), "line 2 has only 2 columns"),
        ] {
            let error = read_rows(rows).unwrap_err().to_string();
            assert!(error.contains(detail), "{error}");
        }
        let error = read("t.csv", &[0xFF, 0xFE], &[], &BTreeSet::new()).unwrap_err();
        assert!(error.to_string().contains("not UTF-8"), "{error}");
    }
}
