//! A summary as text: two tables, one of the arms and one of the contrasts, for a
//! terminal or in Markdown. Independent of how it was computed.

use super::summary::{pixels_text, pooled_sd};
use super::{ArmSummary, ContrastSummary, Plan, Summary, TestSummary};
use crate::chart::table::Table;
use crate::experiment::technique::Technique;
use crate::stats::intervals::{Interval, p_value, smallest_effect};
use crate::stats::verdict::{Measure, Verdict};
use crate::text;

/// What stands where there is no figure.
const NONE: &str = "–";

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TableStyle {
    Terminal,
    Markdown,
}

impl Summary {
    /// The result for a terminal: aligned columns.
    pub fn text(&self) -> String {
        self.write(TableStyle::Terminal)
    }

    /// The result in Markdown.
    pub fn markdown(&self) -> String {
        self.write(TableStyle::Markdown)
    }

    fn write(&self, style: TableStyle) -> String {
        let mut text = table(self.arms_table(), style);
        let others = [self.contrasts_table(), self.measures_table(), self.interactions_table()];
        for other in others.into_iter().filter(|it| !it.rows.is_empty()) {
            text.push('\n');
            text.push_str(&table(other, style));
        }
        for note in self.notes() {
            text.push('\n');
            text.push_str(&note);
            text.push('\n');
        }
        text
    }

    /// Notes below the figures.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.finished < self.runs {
            notes.push(text::sweep_ended(&self.finished.to_string(), &self.runs.to_string()));
        }
        if let Some(dataset) = &self.dataset {
            notes.push(text::sweep_dataset(&dataset.name, &dataset.valid.to_string()));
        }
        if !self.contrasts.is_empty() {
            notes.push(text::sweep_holm().to_owned());
        }
        if self.contrasts.iter().any(|it| it.provisional) {
            notes.push(text::sweep_waits().to_owned());
        }
        if self.older > 0 {
            notes.push(text::sweep_older(&self.older.to_string()));
        }
        notes.extend(self.subset_notes());
        notes.extend(self.equal_compute_note());
        notes.extend(self.power_note());
        if let Some(seeds) = self.seeds_for_one_point {
            notes.push(text::sweep_seeds_needed(&seeds.to_string()));
        }
        notes
    }
}

impl Summary {
    /// What the seeds of a complete sweep were enough for.
    fn power_note(&self) -> Option<String> {
        let seeds = self.arms.iter().map(|arm| arm.seeds.len() as u32).min()?;
        let smallest = smallest_effect(pooled_sd(&self.arms)?, seeds)?;
        (self.finished == self.runs && self.arms.len() > 1).then(|| {
            let points = text::decimal(&format!("{:.1}", 100.0 * smallest));
            text::sweep_power(&seeds.to_string(), &points)
        })
    }

    /// Whether the subsets lead to the conclusions of the whole, once all runs are there.
    fn subset_notes(&self) -> Vec<String> {
        let whole = |contrast: &ContrastSummary| {
            let mut settings = self.arms.get(contrast.with)?.settings.iter();
            // What is compared is no condition.
            settings.position(|it| it.key == "subset").filter(|place| *place > 0)?;
            let settings = &self.arms.get(contrast.with)?.settings;
            Some(settings.iter().any(|it| it.key == "subset" && it.value == "all"))
        };
        if self.finished < self.runs {
            return Vec::new();
        }
        let note = |(place, all): (usize, &ContrastSummary)| {
            let others = self.interactions.iter().filter(|it| it.first == place);
            let subsets: Vec<Verdict> = others
                .filter_map(|it| self.contrasts.get(it.other))
                .filter(|it| whole(it) == Some(false))
                .map(|it| it.verdict)
                .collect();
            if subsets.is_empty() || whole(all) != Some(true) {
                return None;
            }
            let name = &all.name;
            if all.verdict == Verdict::CannotTell {
                return Some(text::sweep_subset_open(name));
            }
            let count = |verdict: Verdict| subsets.iter().filter(|it| **it == verdict).count();
            let (same, open) = (count(all.verdict), count(Verdict::CannotTell));
            Some(text::sweep_subset(
                name,
                all.verdict.word(),
                &subsets.len().to_string(),
                &same.to_string(),
                &(subsets.len() - same - open).to_string(),
                &open.to_string(),
            ))
        };
        self.contrasts.iter().enumerate().filter_map(note).collect()
    }

    /// Where progressive resizing is judged at unequal compute alone, how to ask for more.
    fn equal_compute_note(&self) -> Option<String> {
        let ratio = self
            .contrasts
            .iter()
            .find(|it| it.name == Technique::ProgressiveResizing.name() && it.compute.is_some())?;
        let link = Plan::parse(&self.link).plan?.with_equal_compute()?.link();
        Some(text::sweep_equal_note(&pixels_text(ratio.compute?), &link))
    }
}

pub(super) fn arm_row(arm: &ArmSummary) -> Vec<String> {
    let percent = |share: f64| text::decimal(&format!("{:.2}", 100.0 * share));
    let mut seeds = arm.seeds.len().to_string();
    if !arm.diverged.is_empty() {
        seeds = text::sweep_seeds_diverged(&seeds, &arm.diverged.len().to_string());
    }
    let mean = arm.mean.map_or_else(|| NONE.to_owned(), percent);
    vec![arm.name.clone(), seeds, mean, arm.sd.map_or_else(|| NONE.to_owned(), percent)]
}

pub(super) fn contrast_row(contrast: &ContrastSummary) -> Vec<String> {
    let [delta, interval, p, mut verdict] = cells(&contrast.accuracy_test(), Measure::Accuracy);
    if let Some(ratio) = contrast.compute.filter(|_| contrast.p.is_some()) {
        verdict = format!("{verdict}; {}", pixels_text(ratio));
    }
    vec![contrast.name.clone(), delta, interval, p, verdict]
}

/// A test's figures as cells: difference, interval, p, verdict.
pub(super) fn cells(test: &TestSummary, measure: Measure) -> [String; 4] {
    let none = || NONE.to_owned();
    // The columns before it show the figures already.
    let verdict = match test.sentence.split_once(": ") {
        Some((verdict, _)) if test.p.is_some() => verdict.to_owned(),
        _ => test.sentence.clone(),
    };
    [
        test.delta.map_or_else(none, |it| measure.difference(it)),
        test.interval.map_or_else(none, |it| range(it, measure)),
        short_p(test.p_adjusted),
        verdict,
    ]
}

fn range(interval: Interval, measure: Measure) -> String {
    text::sweep_range(&measure.difference(interval.low), &measure.difference(interval.high))
}

fn short_p(p: Option<f64>) -> String {
    p.map_or_else(|| NONE.to_owned(), |p| p_value(p).trim_start_matches("= ").to_owned())
}

fn table(Table { header, mut rows }: Table, style: TableStyle) -> String {
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
                TableStyle::Terminal => format!("{cell:<width$}"),
                TableStyle::Markdown => format!("{:<width$}", cell.replace('|', "\\|")),
            })
            .collect();
        match style {
            TableStyle::Terminal => text.push_str(cells.join("  ").trim_end()),
            TableStyle::Markdown => text.push_str(&format!("| {} |", cells.join(" | "))),
        }
        text.push('\n');
        if index == 0 && style == TableStyle::Markdown {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            text.push_str(&format!("| {} |\n", rules.join(" | ")));
        }
    }
    text
}
