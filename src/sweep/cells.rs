//! A summary as tables of cells: for reading, and with every digit for CSV.
//! Independent of how they are shown.

use super::table::{arm_row, cells, contrast_row};
use super::{Reading, Summary, TestSummary};
use crate::chart::table::Table;
use crate::stats::verdict::{Measure, Verdict};
use crate::text;

impl Summary {
    /// What is compared, as it is read: Δ in points, interval, p, verdict.
    pub fn contrasts_table(&self) -> Table {
        let header = [
            text::sweep_changes(),
            text::sweep_delta(),
            text::sweep_interval(),
            "p (Holm)",
            text::sweep_verdict(),
        ];
        Table { header: owned(&header), rows: self.contrasts.iter().map(contrast_row).collect() }
    }

    /// The same by other figures than accuracy; without rows if none is known.
    pub fn measures_table(&self) -> Table {
        let header = [
            text::sweep_changes(),
            text::sweep_by(),
            "Δ",
            text::sweep_interval(),
            "p (Holm)",
            text::sweep_verdict(),
        ];
        let mut rows = Vec::new();
        for contrast in &self.contrasts {
            for it in contrast.measures.iter().filter(|it| it.test.delta.is_some()) {
                let by = format!("{} ({})", it.measure.name(), it.measure.unit());
                let mut row = vec![contrast.name.clone(), by];
                row.extend(cells(&it.test, it.measure));
                rows.push(row);
            }
        }
        Table { header: owned(&header), rows }
    }

    /// Whether the gains differ between conditions, as it is read.
    pub fn interactions_table(&self) -> Table {
        let header = [
            text::sweep_other_gain(),
            text::sweep_delta(),
            text::sweep_interval(),
            "p (Holm)",
            text::sweep_gain(),
        ];
        let rows = self.interactions.iter().map(|it| {
            let mut row = vec![it.name.clone()];
            row.extend(cells(&it.test, Measure::Accuracy));
            row
        });
        Table { header: owned(&header), rows: rows.collect() }
    }

    /// The arms, as they are read: seeds, mean, spread.
    pub fn arms_table(&self) -> Table {
        let header =
            [text::sweep_arm(), text::sweep_seeds(), text::sweep_accuracy(), text::sweep_sd()];
        Table { header: owned(&header), rows: self.arms.iter().map(arm_row).collect() }
    }

    /// What is compared, in numbers: shares of 1, not rounded. `pixels` are those trained
    /// with it, over those without it.
    pub fn contrasts_csv(&self) -> String {
        let name = |arm: usize| self.arms.get(arm).map_or_else(String::new, |it| it.name.clone());
        let rows = self.contrasts.iter().map(|it| {
            let mut row = vec![it.name.clone(), name(it.without), name(it.with)];
            row.extend(numbers(&it.accuracy_test(), it.verdict.name()));
            row.push(number(Some(it.compute.unwrap_or(1.0))));
            row
        });
        let mut header = owned(&["what it changes", "without", "with"]);
        header.extend(owned(&NUMBERS));
        header.push("pixels".to_owned());
        Table { header, rows: rows.collect() }.csv()
    }

    /// The same by other figures than accuracy (NLL in nats, ECE as a share of 1), and
    /// whether the gain of accuracy is another under other conditions.
    pub fn others_csv(&self) -> String {
        let mut rows = Vec::new();
        let mut push = |name: &str, by: &str, numbers: [String; 7]| {
            let mut row = vec![name.to_owned(), by.to_owned()];
            row.extend(numbers);
            rows.push(row);
        };
        for contrast in &self.contrasts {
            for it in contrast.measures.iter().filter(|it| it.test.delta.is_some()) {
                let numbers = numbers(&it.test, it.test.verdict.name());
                push(&contrast.name, it.measure.name(), numbers);
            }
        }
        for it in &self.interactions {
            push(&it.name, "gain of accuracy", numbers(&it.test, gain_name(it.test.verdict)));
        }
        let mut header = owned(&["what it changes", "by"]);
        header.extend(owned(&NUMBERS));
        Table { header, rows }.csv()
    }

    /// The accuracy of every seed of every arm.
    pub fn arms_csv(&self) -> String {
        let rows = self.arms.iter().flat_map(|arm| {
            let reading = match arm.reading {
                Reading::Plain => "plain",
                Reading::Tta => "tta",
            };
            arm.seeds.iter().map(move |score| {
                let accuracy = number(Some(score.accuracy));
                vec![arm.name.clone(), score.seed.to_string(), reading.to_owned(), accuracy]
            })
        });
        let header = ["arm", "seed", "reading", "accuracy"];
        Table { header: owned(&header), rows: rows.collect() }.csv()
    }
}

/// The name in files for whether a gain is another one.
fn gain_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Helps => "larger",
        Verdict::Hurts => "smaller",
        Verdict::CannotTell => verdict.name(),
    }
}

/// The columns of [`numbers`].
const NUMBERS: [&str; 7] = ["delta", "low", "high", "p", "p_adjusted", "test", "verdict"];

fn numbers(test: &TestSummary, verdict: &str) -> [String; 7] {
    [
        number(test.delta),
        number(test.interval.map(|interval| interval.low)),
        number(test.interval.map(|interval| interval.high)),
        number(test.p),
        number(test.p_adjusted),
        test.method.map_or_else(String::new, |method| method.name().to_owned()),
        verdict.to_owned(),
    ]
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
