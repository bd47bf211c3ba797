//! What fits into the time of a lesson: as many epochs, or seeds, as a measured pace allows.

use super::{ClassImages, experiments};
use crate::experiment::{Experiment, link};
use crate::sweep::{MAX_SEEDS, Plan};

/// Epochs that a link can say.
const MOST_EPOCHS: u32 = 200;

/// A link that fits.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedLink {
    /// The link.
    pub link: String,
    /// Epochs of each run.
    pub epochs: u32,
    /// Runs that a device trains.
    pub runs: usize,
    /// Seconds that they take.
    pub seconds: f64,
}

/// Why none does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unfit {
    /// Not even one epoch does; so many seconds it takes.
    TooLong(f64),
    /// The phases of progressive resizing say how many epochs there are.
    Phases,
}

/// Fits a link into `seconds` where `speed` multiply-accumulates take a second. An experiment gets
/// the most epochs that fit. A sweep keeps its epochs and gets the most seeds; with `seats` a device
/// trains one of its seeds, all of which stay, and the epochs give way.
///
/// # Errors
/// [`Unfit`] if nothing fits.
pub fn fit(
    link: &str,
    seats: bool,
    images: &ClassImages,
    speed: f64,
    seconds: f64,
) -> Result<FittedLink, Unfit> {
    let fitting = Fitting { images, speed, seconds };
    let Some(plan) = Plan::parse(link).plan else {
        let experiment = link::parse(link).experiment;
        return fitting.most_epochs(&experiment, |it| (it.link(), vec![it.clone()]));
    };
    if !seats {
        for count in (1..=MAX_SEEDS).rev() {
            let (fewer, notices) = plan.with_seeds(count);
            if !notices.is_empty() {
                continue;
            }
            let runs = experiments(&fewer);
            if fitting.seconds_of(&runs) <= seconds {
                return Ok(fitting.fitted(fewer.link(), &runs));
            }
        }
    }
    let one = if seats { plan.clone() } else { plan.with_seeds(1).0 };
    fitting.most_epochs(one.base(), |base| {
        let whole = Plan::define(&one.definition(), base).plan.unwrap_or_else(|| one.clone());
        let first = whole.sweep().seeds.first().copied().unwrap_or_default();
        (whole.link(), experiments(&whole.with_seed(first)))
    })
}

struct Fitting<'a> {
    images: &'a ClassImages,
    speed: f64,
    seconds: f64,
}

impl Fitting<'_> {
    fn seconds_of(&self, runs: &[Experiment]) -> f64 {
        self.images.work(runs) / self.speed
    }

    fn fitted(&self, link: String, runs: &[Experiment]) -> FittedLink {
        let epochs = runs.iter().map(|run| run.epochs).max().unwrap_or_default();
        FittedLink { link, epochs, runs: runs.len(), seconds: self.seconds_of(runs) }
    }

    /// The most epochs with which what `with` makes of the experiment fits.
    fn most_epochs(
        &self,
        experiment: &Experiment,
        with: impl Fn(&Experiment) -> (String, Vec<Experiment>),
    ) -> Result<FittedLink, Unfit> {
        if !experiment.prog.is_empty() {
            let (link, runs) = with(experiment);
            let fits = self.seconds_of(&runs) <= self.seconds;
            return if fits { Ok(self.fitted(link, &runs)) } else { Err(Unfit::Phases) };
        }
        let at = |epochs: u32| with(&Experiment { epochs, ..experiment.clone() });
        // More epochs never take less time.
        let (mut low, mut high) = (0, MOST_EPOCHS);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match self.seconds_of(&at(middle).1) <= self.seconds {
                true => low = middle,
                false => high = middle - 1,
            }
        }
        let (link, runs) = at(low.max(1));
        match low {
            0 => Err(Unfit::TooLong(self.seconds_of(&runs))),
            _ => Ok(self.fitted(link, &runs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::PageSnapshot;
    use crate::experiment::DataSource;
    use proptest::prelude::*;

    const SPEED: f64 = 4e9;

    fn drawings() -> ClassImages {
        ClassImages::of(&DataSource::Sample, &PageSnapshot::default()).unwrap()
    }

    fn fitted(link: &str, seats: bool, minutes: f64) -> Result<FittedLink, Unfit> {
        fit(link, seats, &drawings(), SPEED, 60.0 * minutes)
    }

    #[test]
    fn an_experiment_gets_the_most_epochs_that_fit() {
        let found = fitted("v=1&epochs=3&mixup=0.4", false, 5.0).unwrap();
        assert!(found.seconds <= 300.0 && found.runs == 1, "{found:?}");
        assert_eq!(found.link, format!("v=1&epochs={}&mixup=0.4", found.epochs));
        let more = Experiment { epochs: found.epochs + 1, ..link::parse(&found.link).experiment };
        assert!(drawings().work(&[more]) / SPEED > 300.0);
    }

    #[test]
    fn a_sweep_gets_seeds_and_a_class_gets_epochs() {
        let link = "v=1&epochs=2&sweep=alone:mixup;seed:1..30";
        let own = fitted(link, false, 3.0).unwrap();
        assert!(own.link.contains("epochs=2") && own.seconds <= 180.0, "{own:?}");
        assert!(own.runs >= 2 && own.runs < 60, "{own:?}");
        let class = fitted(link, true, 3.0).unwrap();
        assert!(class.link.ends_with("seed:1..30") && class.epochs > 2, "{class:?}");
        assert_eq!(class.runs, 2);
        // Too little for two epochs of two arms: one seed, and fewer epochs.
        let little = fitted(link, false, own.seconds / 60.0 / own.runs as f64 * 1.2).unwrap();
        assert_eq!((little.epochs, little.runs), (1, 2));
    }

    #[test]
    fn what_cannot_fit_says_so() {
        let Err(Unfit::TooLong(seconds)) = fitted("v=1&model=xresnet18&size=160", false, 0.1)
        else {
            panic!("it fits")
        };
        assert!(seconds > 6.0);
        assert_eq!(fitted("v=1&prog=32x20,64x20", false, 0.1), Err(Unfit::Phases));
        let phases = fitted("v=1&prog=32x1,64x1", false, 60.0).unwrap();
        assert_eq!(phases.link, link::parse("v=1&prog=32x1,64x1").experiment.link());
    }

    proptest! {
        #[test]
        fn nothing_proposed_is_over_time(minutes in 0.05f64..60.0, epochs in 1u32..40, seats: bool) {
            for sweep in ["", "&sweep=alone:mixup;seed:1..5"] {
                let link = format!("v=1&epochs={epochs}{sweep}");
                if let Ok(found) = fitted(&link, seats, minutes) {
                    prop_assert!(found.seconds <= 60.0 * minutes);
                }
            }
        }
    }
}
