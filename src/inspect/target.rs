//! One image's target under label smoothing and mixup, with the arithmetic that
//! leads to it. The numbers are those of [`crate::augment::targets`], which makes
//! the targets of training.

use crate::augment::mixup::Mix;
use crate::augment::targets;
use crate::chart::table::Table;
use crate::math;
use crate::text;

/// What decides about a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Number of classes, `N`.
    pub classes: usize,
    /// Label smoothing's ε, 0..1.
    pub eps: f64,
    /// Index of the class that the label names.
    pub label: u8,
    /// With mixup: the other image's label, and the weight λ of the image's own.
    pub mixed: Option<(u8, f64)>,
}

/// One term of a target, as a formula and with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Which classes have it.
    pub of: String,
    /// The formula.
    pub formula: String,
    /// The same with its numbers.
    pub numbers: String,
    /// Its value.
    pub value: f64,
}

impl Target {
    /// The target of each class; they sum to 1.
    pub fn row(&self) -> Vec<f32> {
        match self.mixed {
            None => targets::smooth(self.label, self.classes, self.eps),
            Some((other, lambda)) => {
                // As a batch of two images, the second of which is mixed into the first.
                let mix = [
                    Mix { partner: 1, lambda: lambda as f32 },
                    Mix { partner: 0, lambda: lambda as f32 },
                ];
                let rows = targets::rows(&[self.label, other], self.classes, self.eps, Some(&mix));
                rows.into_iter().take(self.classes).collect()
            }
        }
    }

    /// The smallest loss that any prediction can reach: the target's entropy, in
    /// nats. 0 where the target is all on one class.
    pub fn floor(&self) -> f64 {
        let terms = self.row().into_iter().map(f64::from).filter(|it| *it > 0.0);
        // Not `-0.0`, which would be written with its sign.
        terms.map(|it| -it * math::log(it)).sum::<f64>() + 0.0
    }

    /// The kinds of values in the row, each with its arithmetic.
    pub fn terms(&self) -> Vec<Term> {
        let (n, eps) = (self.classes, shown(self.eps));
        let share = self.eps / n.max(1) as f64;
        let wrong = Term {
            of: text::targets_every_other().into(),
            formula: "ε/N".into(),
            numbers: format!("{eps}/{n}"),
            value: share,
        };
        let first = match self.mixed {
            Some((other, lambda)) if other != self.label => {
                let own = |of: &str, sign: &str, weight: f64| Term {
                    of: of.into(),
                    formula: format!("{sign}·(1 − ε) + ε/N"),
                    numbers: format!("{}·(1 − {eps}) + {eps}/{n}", shown(weight)),
                    value: weight * (1.0 - self.eps) + share,
                };
                vec![
                    own(text::targets_own_class(), "λ", lambda),
                    own(text::targets_mixed_class(), "(1 − λ)", 1.0 - lambda),
                ]
            }
            _ => vec![Term {
                of: text::targets_right_class().into(),
                formula: "1 − ε + ε/N".into(),
                numbers: format!("1 − {eps} + {eps}/{n}"),
                value: 1.0 - self.eps + share,
            }],
        };
        let others = n > first.len();
        first.into_iter().chain(others.then_some(wrong)).collect()
    }

    /// The row as a table, `names` beginning with the first class.
    pub fn table(&self, names: &[String]) -> Table {
        let rows = self.row().into_iter().zip(names);
        Table {
            header: vec![text::targets_column_class().into(), text::targets_column_target().into()],
            rows: rows
                .map(|(value, name)| vec![name.clone(), format!("{:.6}", f64::from(value))])
                .collect(),
        }
    }
}

/// A number of at most four decimals, without idle zeros.
pub fn shown(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smoothed(classes: usize, eps: f64) -> Target {
        Target { classes, eps, label: 1, mixed: None }
    }

    fn assert_row(target: Target, expected: &[f64]) {
        let row = target.row();
        assert_eq!(row.len(), expected.len());
        for (value, expected) in row.into_iter().zip(expected) {
            assert!((f64::from(value) - expected).abs() < 1e-7, "{target:?}: {value}");
        }
    }

    #[test]
    fn the_questionnaire_s_five_classes() {
        assert_row(smoothed(5, 0.1), &[0.02, 0.92, 0.02, 0.02, 0.02]);
        let terms = smoothed(5, 0.1).terms();
        assert_eq!(
            (terms[0].numbers.as_str(), terms[1].numbers.as_str()),
            ("1 − 0.1 + 0.1/5", "0.1/5")
        );
        assert!((terms[0].value - 0.92).abs() < 1e-12 && (terms[1].value - 0.02).abs() < 1e-12);
    }

    #[test]
    fn the_extremes_of_what_can_be_set() {
        assert_row(smoothed(2, 0.0), &[0.0, 1.0]);
        assert_row(smoothed(2, 0.5), &[0.25, 0.75]);
        let many = smoothed(20, 0.5).row();
        assert!((f64::from(many[1]) - 0.525).abs() < 1e-7);
        assert!((f64::from(many[0]) - 0.025).abs() < 1e-7);
        assert!((many.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    /// The mixture of two smoothed rows is the smoothed mixture.
    #[test]
    fn mixup_shares_what_smoothing_leaves() {
        let target = Target { classes: 4, eps: 0.1, label: 0, mixed: Some((2, 0.7)) };
        assert_row(target, &[0.655, 0.025, 0.295, 0.025]);
        let values: Vec<f64> = target.terms().iter().map(|term| term.value).collect();
        for (value, expected) in values.iter().zip([0.655, 0.295, 0.025]) {
            assert!((value - expected).abs() < 1e-12, "{values:?}");
        }
    }

    #[test]
    fn an_image_mixed_with_its_own_class_keeps_its_target() {
        let target = Target { mixed: Some((1, 0.6)), ..smoothed(5, 0.1) };
        assert_row(target, &[0.02, 0.92, 0.02, 0.02, 0.02]);
        assert_eq!(target.terms(), smoothed(5, 0.1).terms());
    }

    /// ln 2 for an even mixture of two classes; 0.5003 nats at N = 10, ε = 0.1.
    #[test]
    fn the_floor_is_the_entropy_of_the_target() {
        assert_eq!(smoothed(10, 0.0).floor().to_string(), "0");
        assert!((smoothed(10, 0.1).floor() - 0.500_288).abs() < 1e-6);
        let even = Target { classes: 3, eps: 0.0, label: 0, mixed: Some((2, 0.5)) };
        assert!((even.floor() - core::f64::consts::LN_2).abs() < 1e-7);
    }

    #[test]
    fn terms_are_the_values_of_the_row() {
        for mixed in [None, Some((0, 0.8)), Some((1, 0.8))] {
            for classes in 2..=20 {
                let target = Target { mixed, ..smoothed(classes, 0.3) };
                let terms = target.terms();
                for value in target.row() {
                    let found = terms.iter().any(|it| (it.value - f64::from(value)).abs() < 1e-6);
                    assert!(found, "{target:?}: {value} is none of {terms:?}");
                }
            }
        }
    }

    #[test]
    fn numbers_are_written_without_idle_zeros() {
        assert_eq!(
            [0.1, 0.0, 1.0, 0.05, 0.123_456].map(shown),
            ["0.1", "0", "1", "0.05", "0.1235"]
        );
    }
}
