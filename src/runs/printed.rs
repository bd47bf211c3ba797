//! The epochs of a run as fastai prints them on a terminal: one table for each
//! call of `fit`, epochs counted from 0 in each. Text only.

use crate::experiment::Experiment;
use crate::format;
use crate::record::{EpochRow, TtaResult};

/// Least width of a column of fastprogress.
const WIDTH: usize = 8;

/// What the program of [`crate::experiment::fastai`] prints for such a run.
/// `nll` has a column where labels are smoothed, as in that program.
pub fn printed(experiment: &Experiment, rows: &[EpochRow], tta: Option<&TtaResult>) -> String {
    let mut names = vec!["epoch", "train_loss", "valid_loss", "accuracy"];
    if experiment.ls > 0.0 {
        names.push("nll");
    }
    names.push("time");
    let mut text = String::new();
    for (index, fit) in fit_calls(rows, experiment.ft).into_iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&line(&names, &names));
        for (epoch, row) in fit.iter().enumerate() {
            let mut cells = vec![
                epoch.to_string(),
                format::metric(row.train_loss),
                format::metric(row.valid_loss),
                format::metric(row.accuracy),
            ];
            if experiment.ls > 0.0 {
                cells.push(format::metric(row.nll));
            }
            cells.push(format::duration(row.seconds));
            text.push_str(&line(&names, &cells));
        }
    }
    if let Some(tta) = tta {
        text.push_str(&format!("\nTTA accuracy: {}\n", format::metric(tta.accuracy)));
    }
    text
}

/// The rows of each call of `fit`: a phase, or of the later ones its warm-up and
/// what follows it. `tuned` is true where the first phase, too, is a `fine_tune`.
fn fit_calls(rows: &[EpochRow], tuned: bool) -> Vec<&[EpochRow]> {
    let mut fits = Vec::new();
    for phase in rows.chunk_by(|a, b| a.phase == b.phase) {
        let warm_up = phase.first().is_some_and(|row| tuned || row.phase > 0);
        let (first, rest) = phase.split_at(if warm_up { 1 } else { 0 });
        fits.extend([first, rest].into_iter().filter(|rows| !rows.is_empty()));
    }
    fits
}

fn line<T: AsRef<str>>(names: &[&str], cells: &[T]) -> String {
    let mut text = String::new();
    for (name, cell) in names.iter().zip(cells) {
        let width = name.len().max(WIDTH) + 2;
        text.push_str(&format!("{:width$}", cell.as_ref()));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link::parse;

    fn row(epoch: u32, phase: u32) -> EpochRow {
        EpochRow {
            epoch,
            phase,
            size: 64,
            train_loss: 3.706686,
            valid_loss: 12.711702,
            nll: 1.5,
            accuracy: 0.4,
            seconds: 2.0,
        }
    }

    #[test]
    fn lines_are_those_of_fastai() {
        let text = printed(&parse("v=1").experiment, &[row(0, 0), row(1, 0)], None);
        assert_eq!(
            text,
            "epoch     train_loss  valid_loss  accuracy  time\n\
             0         3.706686    12.711702   0.400000  00:02\n\
             1         3.706686    12.711702   0.400000  00:02\n"
        );
    }

    #[test]
    fn every_fit_has_its_table_and_counts_from_zero() {
        let rows = [row(0, 0), row(1, 1), row(2, 1), row(3, 1)];
        let tta = TtaResult { accuracy: 0.525, passes: 5, seconds: 1.0 };
        let text = printed(&parse("v=1&ls=0.1").experiment, &rows, Some(&tta));
        let tables: Vec<&str> = text.split("\n\n").collect();
        assert_eq!(tables.len(), 4);
        assert!(
            tables[0].starts_with("epoch     train_loss  valid_loss  accuracy  nll       time")
        );
        assert!(tables[1].lines().nth(1).is_some_and(|line| line.starts_with("0 ")));
        assert_eq!(tables[2].lines().count(), 3);
        assert_eq!(tables[3], "TTA accuracy: 0.525000\n");
    }
}
