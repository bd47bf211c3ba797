//! What the link of a run means, read once: lists ask for it at every render.

use crate::experiment::{Experiment, link};
use std::cell::OnceCell;
use std::rc::Rc;

/// The experiment of a link, once somebody asked for it. It is no part of what a run
/// is: any two are equal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meaning(OnceCell<(String, Rc<Experiment>)>);

impl Meaning {
    /// The experiment of this link.
    pub(super) fn of(&self, text: &str) -> Rc<Experiment> {
        let read = || Rc::new(link::parse(text).experiment);
        let (known, experiment) = self.0.get_or_init(|| (text.to_owned(), read()));
        if known == text { experiment.clone() } else { read() }
    }
}

impl PartialEq for Meaning {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::runs::tests::entry;
    use std::rc::Rc;

    #[test]
    fn a_link_is_read_once_and_again_if_it_is_another() {
        let mut run = entry("a", "v=1&size=32", 0.5);
        let first = run.experiment();
        assert!(Rc::ptr_eq(&first, &run.experiment()));
        assert!(Rc::ptr_eq(&first, &run.clone().experiment()));
        run.record.link = "v=1&size=48".to_owned();
        assert_eq!((first.size, run.experiment().size), (32, 48));
    }
}
