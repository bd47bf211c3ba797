//! The table that says what each kernel moves, and its comparison with the one that was
//! committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A column: its name, and whether larger numbers are worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub more_is_worse: bool,
}

/// A line of a table: what it is about, numbers, and a remark.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: String,
    pub numbers: Vec<String>,
}

/// Lines with the same columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub title: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

impl Table {
    /// As text, with tabs between the columns.
    pub fn write(&self, text: &mut String) {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let _ = writeln!(text, "{}\t{}", self.title, names.join("\t"));
        for row in &self.rows {
            let _ = writeln!(text, "{}\t{}", row.name, row.numbers.join("\t"));
        }
    }

    /// As text for a person, with columns of equal width.
    pub fn show(&self) -> String {
        let width = |cells: &mut dyn Iterator<Item = &str>| {
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let names = self.rows.iter().map(|row| &*row.name);
        let first = width(&mut names.chain([&*self.title]));
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                let cells = self.rows.iter().map(|row| &*row.numbers[at]);
                width(&mut cells.chain([self.columns[at].name]))
            })
            .collect();
        let mut text = String::new();
        let mut line = |name: &str, cells: &mut dyn Iterator<Item = &str>| {
            let _ = write!(text, "{name:first$}");
            for (cell, width) in cells.zip(&widths) {
                let _ = write!(text, "  {cell:>width$}");
            }
            text.push('\n');
        };
        line(&self.title, &mut self.columns.iter().map(|column| column.name));
        for row in &self.rows {
            line(&row.name, &mut row.numbers.iter().map(|it| &**it));
        }
        text
    }
}

/// Columns that depend on the speed of the processor: they are shown, not compared.
const TIMED: [&str; 1] = ["submits"];

/// Numbers of tables as text, by title, line and column.
type Cells = BTreeMap<(String, String, String), String>;

fn cells(text: &str) -> Cells {
    let mut found = Cells::new();
    let mut head: Vec<String> = Vec::new();
    for line in text.lines() {
        let parts: Vec<String> = line.split('\t').map(str::to_owned).collect();
        if parts.len() < 2 {
            head.clear();
        } else if head.is_empty() {
            head = parts;
        } else {
            for (column, number) in head.iter().zip(&parts).skip(1) {
                let key = (head[0].clone(), parts[0].clone(), column.clone());
                found.insert(key, number.clone());
            }
        }
    }
    found
}

/// All tables as the file that is committed.
pub fn file(tables: &[Table]) -> String {
    let texts = tables.iter().map(|table| {
        let mut text = String::new();
        table.write(&mut text);
        text
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// What differs between the committed file and the tables: nothing, or one line for each number.
pub fn differences(committed: &str, tables: &[Table]) -> Vec<String> {
    let (then, now) = (cells(committed), cells(&file(tables)));
    let worse = |title: &str, name: &str| {
        let table = tables.iter().find(|table| table.title == title);
        let column = table.and_then(|table| table.columns.iter().find(|it| it.name == name));
        column.is_none_or(|column| column.more_is_worse)
    };
    let mut found = Vec::new();
    let mut lines_missing = std::collections::BTreeSet::new();
    for ((title, line, column), number) in &now {
        let Some(old) = then.get(&(title.clone(), line.clone(), column.clone())) else {
            if lines_missing.insert((title, line)) {
                found.push(format!("new: {title}: {line}"));
            }
            continue;
        };
        if old != number && !TIMED.contains(&&**column) {
            let rose = match (old.parse::<f64>(), number.parse::<f64>()) {
                (Ok(old), Ok(number)) => Some(number > old),
                _ => None,
            };
            let word = match rose {
                Some(rose) if rose == worse(title, column) => "worse",
                Some(_) => "better",
                None => "changed",
            };
            found.push(format!("{word}: {title}: {line}: {column} was {old} and is {number}"));
        }
    }
    for (title, line, _) in then.keys() {
        let gone = !now.keys().any(|(a, b, _)| (a, b) == (title, line));
        if gone && lines_missing.insert((title, line)) {
            found.push(format!("gone: {title}: {line}"));
        }
    }
    found
}
