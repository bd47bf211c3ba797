//! An experiment fitted to the size of the images that it runs on. Independent of
//! the images themselves.

use super::{Experiment, range};
use crate::text;

impl Experiment {
    /// Clamps image sizes to `typical`, the median short side of the files, but never below
    /// the smallest size of a link. The few images that are smaller still are enlarged, as
    /// fastai does. Returns the experiment that will run and a sentence for each change.
    pub fn fitted(&self, typical: u32) -> (Self, Vec<String>) {
        let most = typical.max(range::SIZE.low);
        let mut fitted = self.clone();
        let mut notices = Vec::new();
        let sizes = fitted.prog.iter_mut().map(|phase| &mut phase.size);
        for size in std::iter::once(&mut fitted.size).chain(sizes) {
            if *size > most {
                let notice =
                    text::fit_size(&size.to_string(), &typical.to_string(), &most.to_string());
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
                *size = most;
            }
        }
        (fitted, notices)
    }
}

#[cfg(test)]
mod tests {
    use crate::experiment::link::parse;

    fn sizes(link: &str, typical: u32) -> (Vec<u32>, usize) {
        let (fitted, notices) = parse(link).experiment.fitted(typical);
        (fitted.phases().iter().map(|phase| phase.size).collect(), notices.len())
    }

    #[test]
    fn sizes_beyond_the_typical_side_are_clamped_to_it_but_never_below_16() {
        assert_eq!(sizes("v=1&size=64", 160), (vec![64], 0));
        assert_eq!(sizes("v=1&size=64", 40), (vec![40], 1));
        assert_eq!(sizes("v=1&size=64", 8), (vec![16], 1));
        assert_eq!(sizes("v=1&size=16", 8), (vec![16], 0));
        assert_eq!(sizes("v=1&prog=32x1,48x1,64x1", 40).0, [32, 40, 40]);
    }
}
