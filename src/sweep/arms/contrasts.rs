//! What a plan compares: arms with arms, and differences with differences.

use super::{Contrast, Interaction, cells, setting_text, value_text, with_conditions, without_tta};
use crate::experiment::names;
use crate::experiment::technique::Technique;
use crate::sweep::{Design, Plan, SweepAxis};
use crate::text;

impl Plan {
    /// What is compared. In a grid: each value of the first key with its first
    /// value, under each combination of the other keys. In an ablation: each
    /// technique's presence with its absence, under each of its conditions.
    pub fn contrasts(&self) -> Vec<Contrast> {
        self.distinct_contrasts().0
    }

    /// The contrasts, and where each of the design's is among them.
    fn distinct_contrasts(&self) -> (Vec<Contrast>, Vec<usize>) {
        let (arms, places) = self.distinct_arms();
        let place = |cell: usize| places.get(cell).copied().unwrap_or(cell);
        let mut contrasts: Vec<Contrast> = Vec::new();
        let mut among = Vec::new();
        for (condition, cell) in cells(self.conditions()).iter().enumerate() {
            for (name, without, with) in self.compared(condition) {
                let (without, with) = (place(without), place(with));
                let known =
                    contrasts.iter().position(|it| (it.without, it.with) == (without, with));
                among.push(known.unwrap_or(contrasts.len()));
                if let (None, Some(a), Some(b)) = (known, arms.get(without), arms.get(with)) {
                    let only_tta = without_tta(&a.experiment) == without_tta(&b.experiment);
                    let name = with_conditions(name, &self.effective_keys(cell));
                    contrasts.push(Contrast { name, without, with, only_tta });
                }
            }
        }
        (contrasts, among)
    }

    /// The keys under whose values the same is compared.
    fn conditions(&self) -> &[SweepAxis] {
        match &self.sweep.design {
            Design::Grid(axes) => axes.get(1..).unwrap_or_default(),
            Design::Alone(_) | Design::AllButOne(_) => &self.sweep.conditions,
        }
    }

    /// What is compared under one combination of the conditions: names, and the cells
    /// without and with it.
    fn compared(&self, condition: usize) -> Vec<(String, usize, usize)> {
        let (techniques, alone) = match &self.sweep.design {
            Design::Grid(axes) => return grid(axes, condition),
            Design::Alone(techniques) => (techniques, true),
            Design::AllButOne(techniques) => (techniques, false),
        };
        let equal = usize::from(self.sweep.equal_compute);
        let common = condition * (techniques.len() + 1 + equal);
        let mut compared: Vec<(String, usize, usize)> = (common + 1..)
            .zip(techniques)
            .map(|(arm, technique)| {
                let (without, with) = if alone { (common, arm) } else { (arm, common) };
                (technique.name().to_owned(), without, with)
            })
            .collect();
        let prog = techniques.iter().position(|it| *it == Technique::ProgressiveResizing);
        if let (1, Some(prog)) = (equal, prog) {
            let without = if alone { common } else { common + prog + 1 };
            compared.push((
                text::sweep_equal_compute().to_owned(),
                without,
                common + techniques.len() + 1,
            ));
        }
        compared
    }

    /// Which contrasts are compared with each other: each with the one that has the first
    /// value of one condition and is else the same. One draw of the data is not compared
    /// with another: which is which, is chance.
    pub fn interactions(&self) -> Vec<Interaction> {
        let (conditions, values) = (self.conditions(), self.compared(0).len());
        let (contrasts, among) = self.distinct_contrasts();
        let cells = cells(conditions);
        let mut interactions: Vec<Interaction> = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            // How many cells on the next value of a condition is.
            let mut stride = cells.len();
            for (axis, (key, value)) in conditions.iter().zip(cell) {
                stride /= axis.values.len().max(1);
                let step = axis.values.iter().position(|it| it == value).unwrap_or(0);
                for index in (0..values).filter(|_| step > 0 && *key != "dseed") {
                    let at = |cell: usize| among.get(cell * values + index).copied();
                    let (Some(first), Some(other)) = (at(place - step * stride), at(place)) else {
                        continue;
                    };
                    let is_listed = |it: &Interaction| (it.first, it.other) == (first, other);
                    if first == other || interactions.iter().any(is_listed) {
                        continue;
                    }
                    let name = contrasts.get(other).map_or("", |it| it.name.as_str());
                    let than = axis.values.first().map_or("", String::as_str);
                    let name = text::sweep_against(name, &setting_text(key, than));
                    interactions.push(Interaction { name, first, other });
                }
            }
        }
        interactions
    }
}

/// Each value of the first key with its first value.
fn grid(axes: &[SweepAxis], condition: usize) -> Vec<(String, usize, usize)> {
    let Some((compared, conditions)) = axes.split_first() else {
        return Vec::new();
    };
    let Some((first, others)) = compared.values.split_first() else {
        return Vec::new();
    };
    let each: usize = conditions.iter().map(|axis| axis.values.len()).product();
    (1..)
        .zip(others)
        .map(|(index, value)| {
            let name = change_text(compared.key, first, value);
            (name, condition, index * each + condition)
        })
        .collect()
}

/// A change as shown: `mixup 0 → 0.4`, or by names: `padded random crop → random resized crop
/// (crop pad → rrc)`.
fn change_text(key: &str, from: &str, to: &str) -> String {
    let written = format!("{key} {} → {}", value_text(from), value_text(to));
    match (names::value_name(key, from), names::value_name(key, to)) {
        (Some(before), Some(after)) => format!("{before} → {after} ({written})"),
        _ => written,
    }
}
