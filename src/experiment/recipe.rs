//! The best recipe that was measured here, as a link: see docs/performance.md for what it
//! reached, and on what.

/// The network, crop, targets and epochs of the most accurate run. What it leaves
/// unsaid is a default of `v=1`: 64 px, batches of 64, a learning rate of 0.01.
pub const LINK: &str = "#v=1&data=imagenette&model=resnet9&epochs=40&crop=rrc&ls=0.1&tta=4";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link;

    #[test]
    fn the_recipe_is_a_link_in_its_canonical_form() {
        let parsed = link::parse(LINK);
        assert!(parsed.notices.is_empty(), "{:?}", parsed.notices);
        assert_eq!(format!("#{}", parsed.experiment.link()), LINK);
    }
}
