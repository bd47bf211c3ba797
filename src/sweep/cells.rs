//! A summary as tables of cells: for reading, and with every digit for CSV.
//! Independent of how they are shown.

use super::table::{arm_row, contrast_row};
use super::{Reading, Summary};
use crate::chart::table::Table;

impl Summary {
    /// What is compared, as it is read: Δ in points, interval, p, verdict.
    pub fn contrasts_table(&self) -> Table {
        let header = ["what it changes", "Δ points", "95% interval", "p (Holm)", "verdict"];
        Table { header: owned(&header), rows: self.contrasts.iter().map(contrast_row).collect() }
    }

    /// The arms, as they are read: seeds, mean, spread.
    pub fn arms_table(&self) -> Table {
        let header = ["arm", "seeds", "accuracy %", "sd"];
        Table { header: owned(&header), rows: self.arms.iter().map(arm_row).collect() }
    }

    /// What is compared, in numbers: shares of 1, not rounded.
    pub fn contrasts_csv(&self) -> String {
        let header = [
            "what it changes",
            "without",
            "with",
            "delta",
            "low",
            "high",
            "p",
            "p_adjusted",
            "test",
            "verdict",
        ];
        let name = |arm: usize| self.arms.get(arm).map_or_else(String::new, |it| it.name.clone());
        let rows = self.contrasts.iter().map(|it| {
            vec![
                it.name.clone(),
                name(it.without),
                name(it.with),
                number(it.delta),
                number(it.interval.map(|interval| interval.low)),
                number(it.interval.map(|interval| interval.high)),
                number(it.p),
                number(it.p_adjusted),
                it.method.map_or_else(String::new, |method| method.name().to_owned()),
                it.verdict.name().to_owned(),
            ]
        });
        Table { header: owned(&header), rows: rows.collect() }.csv()
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

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
