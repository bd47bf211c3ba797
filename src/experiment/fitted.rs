//! An experiment fitted to the size of the images that it runs on. Independent of
//! the images themselves.

use super::Experiment;

impl Experiment {
    /// Clamps image sizes to `original`, the smallest short side of the originals.
    /// Returns the experiment that will run and a sentence for each change.
    pub fn fitted(&self, original: u32) -> (Self, Vec<String>) {
        let mut fitted = self.clone();
        let mut notices = Vec::new();
        let sizes = fitted.prog.iter_mut().map(|phase| &mut phase.size);
        for size in std::iter::once(&mut fitted.size).chain(sizes) {
            if *size > original {
                let notice = format!(
                    "size {size} is larger than the images ({original} px); {original} is used, \
                     because enlarging adds nothing"
                );
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
                *size = original;
            }
        }
        (fitted, notices)
    }
}
