//! What the tools for a class decide: whether a laptop is ready, what fits into the time, what
//! a prediction was worth, a link as a QR code. Independent of browsers and of how it is shown.

pub mod check;
pub mod fit;
pub mod guess;
pub mod qr;

use crate::bridge::PageSnapshot;
use crate::cost::{taken, work};
use crate::experiment::{DataSource, Experiment, link};
use crate::lessons::DRAWINGS;
use crate::sweep::Plan;

/// The runs that a link plans: those of its sweep, or one.
pub fn planned(link: &str) -> Vec<Experiment> {
    match Plan::parse(link).plan {
        Some(plan) => experiments(&plan),
        None => vec![link::parse(link).experiment],
    }
}

/// The runs of a sweep.
fn experiments(plan: &Plan) -> Vec<Experiment> {
    plan.runs().into_iter().map(|run| run.experiment).collect()
}

/// Images of each class: to train on, to validate with.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassImages {
    /// Training images.
    pub train: Vec<u32>,
    /// Validation images.
    pub valid: Vec<u32>,
    /// Bytes that their pixels take, if they are loaded.
    pub memory: Option<f64>,
}

impl ClassImages {
    /// The images of an experiment's data, if they are loaded or the built-in drawings.
    pub fn of(data: &DataSource, page: &PageSnapshot) -> Option<Self> {
        let loaded = page.data.as_ref().filter(|loaded| loaded.data == data.text());
        match loaded {
            Some(loaded) => Some(Self {
                train: loaded.train.clone(),
                valid: loaded.valid.clone(),
                memory: Some(loaded.memory),
            }),
            None if *data == DataSource::Sample => {
                let (train, valid) = DRAWINGS;
                Some(Self { train: train.to_vec(), valid: valid.to_vec(), memory: None })
            }
            None => None,
        }
    }

    /// Multiply-accumulates of all these runs.
    pub fn work(&self, runs: &[Experiment]) -> f64 {
        let of =
            |it: &Experiment| work(it, taken(&self.train, it.subset), taken(&self.valid, it.valid));
        runs.iter().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::ImageCounts;

    #[test]
    fn a_link_plans_one_run_or_those_of_its_sweep() {
        assert_eq!(planned("v=1&epochs=3").len(), 1);
        let runs = planned("v=1&sweep=mixup:0|0.4;seed:1..3");
        assert_eq!(runs.iter().filter(|run| run.mixup > 0.0).count(), 3);
        assert_eq!(runs.len(), 6);
    }

    #[test]
    fn the_drawings_are_known_and_other_data_once_they_are_loaded() {
        let mut page = PageSnapshot::default();
        let drawings = ClassImages::of(&DataSource::Sample, &page).unwrap();
        assert_eq!(drawings.train.iter().sum::<u32>(), 1000);
        let data = link::parse("v=1&data=imagenette").experiment.data;
        assert_eq!(ClassImages::of(&data, &page), None);
        let (train, valid) = (vec![7; 10], vec![3; 10]);
        page.data = Some(ImageCounts { data: data.text(), train, valid, memory: 1e6 });
        assert_eq!(ClassImages::of(&data, &page).unwrap().train, [7; 10]);
        // Twice the runs are twice the work.
        let one = planned("v=1");
        let two = [one.clone(), one.clone()].concat();
        assert_eq!(drawings.work(&two), 2.0 * drawings.work(&one));
    }
}
