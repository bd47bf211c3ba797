//! A summary as text: two tables, one of the arms and one of the contrasts, for a
//! terminal or in Markdown. Independent of how it was computed.

use super::{ArmSummary, ContrastSummary, Summary};
use crate::chart::table::Table;
use crate::stats::intervals::{p_value, points};

/// What stands where there is no figure.
const NONE: &str = "–";

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Terminal,
    Markdown,
}

impl Summary {
    /// The result for a terminal: aligned columns.
    pub fn text(&self) -> String {
        self.write(Style::Terminal)
    }

    /// The result in Markdown.
    pub fn markdown(&self) -> String {
        self.write(Style::Markdown)
    }

    fn write(&self, style: Style) -> String {
        let mut text = table(self.arms_table(), style);
        if !self.contrasts.is_empty() {
            text.push('\n');
            text.push_str(&table(self.contrasts_table(), style));
        }
        for note in self.notes() {
            text.push('\n');
            text.push_str(&note);
            text.push('\n');
        }
        text
    }

    /// What has to be said beside the figures.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.finished < self.runs {
            notes.push(format!("{} of {} runs have ended.", self.finished, self.runs));
        }
        if let Some(dataset) = &self.dataset {
            notes.push(format!(
                "{}, {} validation images; accuracies are those of the last epoch.",
                dataset.name, dataset.valid
            ));
        }
        if !self.contrasts.is_empty() {
            notes.push(
                "Each interval is of its own line alone; the verdict goes by p after Holm's \
                 correction for all lines."
                    .to_owned(),
            );
        }
        if let Some(seeds) = self.seeds_for_one_point {
            notes.push(format!(
                "Seeds spread so much here that a difference of 1 point needs about {seeds} seeds \
                 an arm to be seen."
            ));
        }
        notes
    }
}

pub(super) fn arm_row(arm: &ArmSummary) -> Vec<String> {
    let percent = |share: f64| format!("{:.2}", 100.0 * share);
    let mut seeds = arm.seeds.len().to_string();
    if !arm.diverged.is_empty() {
        seeds = format!("{seeds} (+ {} diverged)", arm.diverged.len());
    }
    let mean = arm.mean.map_or_else(|| NONE.to_owned(), percent);
    vec![arm.name.clone(), seeds, mean, arm.sd.map_or_else(|| NONE.to_owned(), percent)]
}

pub(super) fn contrast_row(contrast: &ContrastSummary) -> Vec<String> {
    let none = || NONE.to_owned();
    let p = contrast.p_adjusted.map(|p| p_value(p).trim_start_matches("= ").to_owned());
    // A verdict with figures is told by the columns before it.
    let verdict = match contrast.p {
        Some(_) if !contrast.sentence.contains("diverged") => contrast.verdict.name().to_owned(),
        _ => contrast.sentence.clone(),
    };
    vec![
        contrast.name.clone(),
        contrast.delta.map_or_else(none, points),
        contrast
            .interval
            .map_or_else(none, |it| format!("{} to {}", points(it.low), points(it.high))),
        p.unwrap_or_else(none),
        verdict,
    ]
}

fn table(Table { header, mut rows }: Table, style: Style) -> String {
    rows.insert(0, header);
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| match style {
                Style::Terminal => format!("{cell:<width$}"),
                Style::Markdown => format!("{:<width$}", cell.replace('|', "\\|")),
            })
            .collect();
        match style {
            Style::Terminal => text.push_str(cells.join("  ").trim_end()),
            Style::Markdown => text.push_str(&format!("| {} |", cells.join(" | "))),
        }
        text.push('\n');
        if index == 0 && style == Style::Markdown {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            text.push_str(&format!("| {} |\n", rules.join(" | ")));
        }
    }
    text
}
