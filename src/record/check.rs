//! What every record has to keep to that comes from a file or a store, whatever its
//! format: the one validator of them all. Independent of how records are read.

use super::{FORMAT, Outcome, Predictions, RunRecord};
use crate::experiment::link::{self, is_invisible};

/// Most characters of a name or another text of a record.
const LONGEST_TEXT: usize = 1000;
/// Most epochs of a run: many times what a link can ask for.
const MOST_EPOCHS: usize = 10_000;
/// Most images of a data set.
const MOST_IMAGES: u32 = 10_000_000;
/// Classes of a data set.
const CLASSES: std::ops::RangeInclusive<usize> = 2..=20;

/// Why a record is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// Its format is not one that is read.
    #[error("it was made by a newer version of this program (format {0}; this one reads {FORMAT})")]
    Newer(u32),
    /// Its link says no experiment of this version.
    #[error("its link is too long or is no link of this version")]
    Link,
    /// It has no epochs, or far too many.
    #[error("it has no epochs, or more than any run")]
    Epochs,
    /// A figure is not where such figures are.
    #[error("its {0} cannot be")]
    Figure(&'static str),
    /// A text is far too long.
    #[error("its {0} is far too long")]
    Text(&'static str),
    /// The lists of its probabilities do not fit each other or the run.
    #[error("its probabilities are damaged: they do not fit each other")]
    Sizes,
}

impl RunRecord {
    /// True if a loss of it was no number: its last epochs are no result.
    pub fn is_diverged(&self) -> bool {
        self.outcome == Outcome::Diverged
    }

    /// The record, if it can be a run of this program. Marks that cannot be seen are
    /// taken out of its texts; a run with losses that are no numbers is one that
    /// diverged, and has no probabilities.
    ///
    /// # Errors
    /// [`RecordFault`], the first one.
    pub fn checked(mut self) -> Result<Self, RecordFault> {
        if self.format > FORMAT {
            return Err(RecordFault::Newer(self.format));
        }
        if self.format == 0 {
            return Err(RecordFault::Figure("format"));
        }
        if link::parse_exactly(&self.link).is_none() {
            return Err(RecordFault::Link);
        }
        self.clean_texts()?;
        self.check_epochs()?;
        self.check_figures()?;
        if self.is_diverged() {
            let damaged = |it: &Predictions| !it.plain.iter().all(|score| score.is_finite());
            if self.images_per_second.is_nan() {
                // As of a run that took no time: the page shows none.
                self.images_per_second = 0.0;
            }
            self.log_probabilities = self.log_probabilities.take().filter(|it| !damaged(it));
        }
        match &self.log_probabilities {
            Some(predictions) => self.check_predictions(predictions).map(|()| self),
            None => Ok(self),
        }
    }

    fn clean_texts(&mut self) -> Result<(), RecordFault> {
        let texts = [
            ("build", &mut self.build),
            ("date", &mut self.date),
            ("data set's name", &mut self.dataset.name),
            ("data set's hash", &mut self.dataset.hash),
            ("engine", &mut self.engine),
            ("adapter", &mut self.adapter),
            ("network", &mut self.model.name),
        ];
        for (name, text) in texts {
            if text.len() > LONGEST_TEXT {
                return Err(RecordFault::Text(name));
            }
            text.retain(|it| !is_invisible(it));
        }
        Ok(())
    }

    fn check_epochs(&mut self) -> Result<(), RecordFault> {
        let rows = &self.epochs;
        if !(1..=MOST_EPOCHS).contains(&rows.len())
            || rows.windows(2).any(|pair| matches!(pair, [a, b] if a.epoch >= b.epoch))
        {
            return Err(RecordFault::Epochs);
        }
        for row in rows {
            let losses = [row.train_loss, row.valid_loss, row.nll];
            if losses.iter().any(|loss| loss.is_infinite()) {
                return Err(RecordFault::Figure("loss"));
            }
            if losses.iter().any(|loss| loss.is_nan()) {
                self.outcome = Outcome::Diverged;
            }
        }
        Ok(())
    }

    fn check_figures(&self) -> Result<(), RecordFault> {
        let missing = self.is_diverged();
        let share = |it: f64| (0.0..=1.0).contains(&it) || (missing && it.is_nan());
        let amount = |it: f64| (it.is_finite() && it >= 0.0) || (missing && it.is_nan());
        let rows = &self.epochs;
        let checks = [
            ("accuracy", share(self.accuracy) && rows.iter().all(|row| share(row.accuracy))),
            ("accuracy with TTA", self.tta.is_none_or(|tta| share(tta.accuracy))),
            ("time", rows.iter().all(|row| amount(row.seconds))),
            ("time of TTA", self.tta.is_none_or(|tta| amount(tta.seconds))),
            ("speed", amount(self.images_per_second)),
            ("image size", rows.iter().all(|row| (1..=4096).contains(&row.size))),
            (
                "number of images",
                [self.dataset.train, self.dataset.valid].iter().all(|count| *count <= MOST_IMAGES),
            ),
        ];
        match checks.iter().find(|(_, fine)| !fine) {
            Some((name, _)) => Err(RecordFault::Figure(name)),
            None => Ok(()),
        }
    }

    /// Checks what a run predicted against its record: as many images in every list, not
    /// more than the run was measured on, and classes that there are.
    ///
    /// # Errors
    /// [`RecordFault::Sizes`].
    pub fn check_predictions(&self, predictions: &Predictions) -> Result<(), RecordFault> {
        let n = predictions.images.len();
        let classes = predictions.plain.len().checked_div(n).unwrap_or(0);
        let known = |class: &u8| usize::from(*class) < classes;
        let fits = n <= self.dataset.valid as usize
            && CLASSES.contains(&classes)
            && predictions.labels.len() == n
            && predictions.plain.len() == n * classes
            && predictions
                .tta
                .as_ref()
                .is_none_or(|scores| scores.len() == predictions.plain.len())
            && predictions.labels.iter().all(known)
            && predictions
                .plain
                .iter()
                .chain(predictions.tta.iter().flatten())
                .all(|score| score.is_finite());
        let epochs = [0, self.epochs.len()].contains(&predictions.epochs.len())
            && predictions.epochs.iter().all(|epoch| {
                epoch.predicted.len() == n
                    && epoch.log_probability.len() == n
                    && epoch.predicted.iter().all(known)
            });
        if fits && epochs { Ok(()) } else { Err(RecordFault::Sizes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::tests::entry;

    fn record() -> RunRecord {
        entry("a", "v=1&size=32", 0.5).record
    }

    fn predictions() -> Predictions {
        Predictions {
            images: vec![4, 5],
            labels: vec![0, 1],
            plain: vec![-0.5, -1.0, -0.25, -2.0],
            ..Predictions::default()
        }
    }

    #[test]
    fn a_sound_record_stays_as_it_is() {
        assert_eq!(record().checked(), Ok(record()));
        let with = RunRecord { log_probabilities: Some(predictions()), ..record() };
        assert_eq!(with.clone().checked(), Ok(with));
    }

    #[test]
    fn every_fault_is_named() {
        type Harm = fn(&mut RunRecord);
        let harms: [(Harm, RecordFault); 15] = [
            (|it| it.format = 2, RecordFault::Newer(2)),
            (|it| it.format = 0, RecordFault::Figure("format")),
            (|it| it.link = format!("v=1&data=https://a/{}", "b".repeat(9000)), RecordFault::Link),
            (|it| it.link = "hello".to_owned(), RecordFault::Link),
            (|it| it.epochs.clear(), RecordFault::Epochs),
            (|it| it.epochs[1].epoch = 0, RecordFault::Epochs),
            (|it| it.epochs[0].nll = f64::INFINITY, RecordFault::Figure("loss")),
            (|it| it.accuracy = f64::INFINITY, RecordFault::Figure("accuracy")),
            (|it| it.accuracy = f64::NAN, RecordFault::Figure("accuracy")),
            (|it| it.epochs[0].accuracy = -0.1, RecordFault::Figure("accuracy")),
            (|it| it.epochs[0].seconds = -1.0, RecordFault::Figure("time")),
            (|it| it.images_per_second = f64::INFINITY, RecordFault::Figure("speed")),
            (|it| it.epochs[0].size = 0, RecordFault::Figure("image size")),
            (|it| it.dataset.valid = u32::MAX, RecordFault::Figure("number of images")),
            (|it| it.adapter = "a".repeat(1_000_000), RecordFault::Text("adapter")),
        ];
        for (harm, fault) in harms {
            let mut harmed = record();
            harm(&mut harmed);
            assert_eq!(harmed.checked(), Err(fault));
        }
    }

    #[test]
    fn probabilities_fit_each_other_and_the_run() {
        type Harm = fn(&mut Predictions);
        let harms: [Harm; 7] = [
            |it| it.labels = vec![0, 2],
            |it| it.labels = vec![0],
            |it| it.plain = vec![-1.0; 3],
            |it| it.plain = vec![-1.0; 200],
            |it| it.plain[0] = f32::NAN,
            |it| it.tta = Some(vec![-1.0]),
            |it| it.epochs = vec![Default::default(); 2],
        ];
        for harm in harms {
            let mut harmed = predictions();
            harm(&mut harmed);
            let harmed = RunRecord { log_probabilities: Some(harmed), ..record() };
            assert_eq!(harmed.checked(), Err(RecordFault::Sizes));
        }
    }

    #[test]
    fn a_run_with_a_loss_that_is_no_number_diverged() {
        let mut lost = RunRecord { log_probabilities: Some(predictions()), ..record() };
        lost.epochs[2].valid_loss = f64::NAN;
        lost.epochs[2].accuracy = f64::NAN;
        lost.accuracy = f64::NAN;
        lost.log_probabilities.as_mut().unwrap().plain[1] = f32::NAN;
        let read = lost.checked().unwrap();
        assert!(read.is_diverged() && read.log_probabilities.is_none());
        let text = crate::json::write(&read).unwrap();
        assert!(text.contains(r#""valid_loss":null"#), "{text}");
        let again: RunRecord = crate::json::read(&text).unwrap();
        assert!(again.accuracy.is_nan() && again.epochs[2].valid_loss.is_nan());
        assert!(again.checked().unwrap().is_diverged());
    }

    #[test]
    fn marks_that_cannot_be_seen_leave_the_texts() {
        let mut odd = record();
        odd.dataset.name = "pic\u{202e}tures\n\u{7}".to_owned();
        assert_eq!(odd.checked().unwrap().dataset.name, "pictures");
    }
}
