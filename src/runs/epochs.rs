//! The epoch table as fastai prints it, as cells of text. Independent of how it
//! is shown.

use crate::chart::table::Table;
use crate::format;
use crate::record::{EpochRow, TtaResult};

/// fastai's columns `epoch train_loss valid_loss accuracy time`, then the plain
/// `nll`, and `phase` and `size` if there are several phases; a last row for
/// test-time augmentation, if it was on, with what it cost.
pub fn table(rows: &[EpochRow], tta: Option<&TtaResult>, phases: bool) -> Table {
    let mut header = vec!["epoch", "train_loss", "valid_loss", "accuracy", "time", "nll"];
    if phases {
        header.extend(["phase", "size"]);
    }
    let mut cells: Vec<Vec<String>> = Vec::with_capacity(rows.len() + 1);
    let mut previous_phase = None;
    for row in rows {
        let mut line = vec![
            row.epoch.to_string(),
            format::metric(row.train_loss),
            format::metric(row.valid_loss),
            format::metric(row.accuracy),
            format::duration(row.seconds),
            format::metric(row.nll),
        ];
        if phases {
            // fine_tune begins each later phase with one warm-up epoch.
            let warm_up = row.phase > 0 && previous_phase != Some(row.phase);
            let phase = row.phase + 1;
            line.push(if warm_up { format!("{phase} (warm-up)") } else { phase.to_string() });
            line.push(row.size.to_string());
        }
        previous_phase = Some(row.phase);
        cells.push(line);
    }
    if let Some(tta) = tta {
        let mut line = vec![
            "TTA".to_owned(),
            String::new(),
            String::new(),
            format::metric(tta.accuracy),
            format::duration(tta.seconds),
        ];
        line.resize(header.len(), String::new());
        cells.push(line);
    }
    Table { header: header.into_iter().map(str::to_owned).collect(), rows: cells }
}

/// True if the rows belong to more than one phase.
pub fn has_phases(rows: &[EpochRow]) -> bool {
    rows.iter().any(|row| row.phase > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(epoch: u32, phase: u32, size: u32) -> EpochRow {
        EpochRow {
            epoch,
            phase,
            size,
            train_loss: 1.5,
            valid_loss: 1.25,
            nll: 1.125,
            accuracy: 0.5,
            seconds: 62.0,
        }
    }

    #[test]
    fn columns_and_decimals_are_fastai_s() {
        let made = table(&[row(0, 0, 64)], None, false);
        assert_eq!(
            made.csv(),
            "epoch,train_loss,valid_loss,accuracy,time,nll\r\n\
             0,1.500000,1.250000,0.500000,01:02,1.125000\r\n"
        );
    }

    #[test]
    fn phases_show_their_warm_up_and_tta_its_cost() {
        let rows = [row(0, 0, 32), row(1, 1, 64), row(2, 1, 64)];
        assert!(has_phases(&rows));
        let tta = TtaResult { accuracy: 0.525, passes: 5, seconds: 3.0 };
        let made = table(&rows, Some(&tta), true);
        let phases: Vec<_> = made.rows.iter().map(|cells| cells[6].as_str()).collect();
        assert_eq!(phases, ["1", "2 (warm-up)", "2", ""]);
        assert_eq!(made.rows[3][..5], ["TTA", "", "", "0.525000", "00:03"]);
        assert!(made.rows.iter().all(|cells| cells.len() == made.header.len()));
    }
}
