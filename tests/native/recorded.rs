//! The recorded results that ship with the page: every file is whole and complete, and
//! docs/results.md states what the files say, word for word.

use imagenette_playground::recorded::RecordedTable;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes that the tables may have together: they are fetched over a classroom's network.
const MOST: usize = 1_500_000;

#[derive(Deserialize)]
struct Listed {
    title: String,
    file: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn list() -> Vec<Listed> {
    let text = fs::read_to_string(root().join("web/recorded/index.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn bytes(listed: &Listed) -> Vec<u8> {
    fs::read(root().join("web/recorded").join(&listed.file)).unwrap()
}

#[test]
fn every_table_is_whole_and_they_are_small_together() {
    let list = list();
    assert!(!list.is_empty());
    let mut total = 0;
    for listed in &list {
        let bytes = bytes(listed);
        total += bytes.len();
        let table = RecordedTable::read(&bytes).unwrap();
        let summary = table.summary().unwrap();
        assert_eq!(summary.finished, summary.runs, "{}: runs are missing", listed.title);
        assert_eq!(table.labels.len(), 3925, "{}: not all validation images", listed.title);
        for run in &table.runs {
            assert_eq!(run.record.dataset.train, 9469, "{}", run.record.link);
            assert!(run.record.log_probabilities.is_none());
        }
    }
    assert!(total <= MOST, "{total} bytes");
}

#[test]
fn the_tables_are_those_that_the_script_trains() {
    let tables = fs::read_to_string(root().join("tests/recorded/tables.txt")).unwrap();
    let links: Vec<&str> = tables
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    for listed in list() {
        let table = RecordedTable::read(&bytes(&listed)).unwrap();
        let canonical = |link: &&str| {
            let plan = imagenette_playground::sweep::Plan::parse(link).plan.unwrap();
            plan.link() == table.link
        };
        assert!(links.iter().any(canonical), "{} is on no line of tables.txt", table.link);
    }
}

#[test]
fn the_page_of_results_says_what_the_files_say() {
    let page = fs::read_to_string(root().join("docs/results.md")).unwrap();
    let mut missing = Vec::new();
    for listed in list() {
        let table = RecordedTable::read(&bytes(&listed)).unwrap();
        let (link, said) = (&table.link, table.summary().unwrap().markdown());
        let section = format!("## {}\n\n`{link}`\n\n{said}", listed.title);
        let origin = table.origin();
        missing.extend([section, origin].into_iter().filter(|text| !page.contains(text.as_str())));
    }
    assert!(missing.is_empty(), "docs/results.md should have:\n\n{}", missing.join("\n"));
}
