//! The images that one run gets right and the other wrong: picked, put in order,
//! and as a table.

use crate::chart::table::Table;
use crate::order::{sort_by, sort_by_number};

/// The prediction of a run for one image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageAnswer {
    /// The class that it takes the image for.
    pub predicted: u8,
    /// Probability that it gives to the true class, 0..1.
    pub truth: f64,
    /// Probability of the predicted class; unknown for epochs before the end, of which only the
    /// true class's is stored.
    pub own: Option<f64>,
}

/// An image that was fixed or broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flip {
    /// Its index in the data set.
    pub image: u32,
    /// Its true class.
    pub label: u8,
    /// Wrong before and right after; else the other way round.
    pub fixed: bool,
    /// The prediction of the first run.
    pub before: ImageAnswer,
    /// The prediction of the second run.
    pub after: ImageAnswer,
}

impl Flip {
    /// Change of the true class's probability, −1..1.
    pub fn change(&self) -> f64 {
        self.after.truth - self.before.truth
    }

    /// What happened to the image, in a word.
    pub fn kind(&self) -> &'static str {
        if self.fixed { "fixed" } else { "broken" }
    }
}

/// Which images are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Fixed and broken ones.
    #[default]
    Both,
    /// Only those that were fixed.
    Fixed,
    /// Only those that were broken.
    Broken,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The largest change of the true class's probability first, up or down.
    #[default]
    LargestChange,
    /// The smallest change first: the images on the fence.
    SmallestChange,
    /// By true class, then by the largest change.
    Class,
    /// As in the data set.
    DataSet,
}

/// The flips to be shown, in order.
pub fn arrange(flips: &[Flip], show: Show, order: Order) -> Vec<Flip> {
    let mut shown: Vec<Flip> = flips
        .iter()
        .filter(|flip| match show {
            Show::Both => true,
            Show::Fixed => flip.fixed,
            Show::Broken => !flip.fixed,
        })
        .copied()
        .collect();
    let size = |flip: &Flip| flip.change().abs();
    // Stable: equals stay in the order of the data set.
    match order {
        Order::LargestChange => sort_by_number(&mut shown, |flip| -size(flip)),
        Order::SmallestChange => sort_by_number(&mut shown, size),
        Order::Class => {
            sort_by(&mut shown, |a, b| a.label.cmp(&b.label).then(size(b).total_cmp(&size(a))));
        }
        Order::DataSet => sort_by(&mut shown, |a, b| a.image.cmp(&b.image)),
    }
    shown
}

/// The name of a class, or its number where the names are not known.
pub fn class_name(names: &[String], class: u8) -> String {
    names.get(usize::from(class)).cloned().unwrap_or_else(|| format!("class {class}"))
}

/// The flips as a table, one row an image; `numbers` are those of the two runs.
pub fn table(flips: &[Flip], names: &[String], numbers: [u32; 2]) -> Table {
    let [a, b] = numbers;
    let header = [
        "image".to_owned(),
        "true class".to_owned(),
        "change".to_owned(),
        format!("run {a} says"),
        format!("run {b} says"),
        format!("run {a} probability of the true class"),
        format!("run {b} probability of the true class"),
    ];
    let row = |flip: &Flip| {
        vec![
            flip.image.to_string(),
            class_name(names, flip.label),
            flip.kind().to_owned(),
            class_name(names, flip.before.predicted),
            class_name(names, flip.after.predicted),
            format!("{:.4}", flip.before.truth),
            format!("{:.4}", flip.after.truth),
        ]
    };
    Table { header: header.to_vec(), rows: flips.iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flip(image: u32, label: u8, before: f64, after: f64) -> Flip {
        let answer = |truth| ImageAnswer { predicted: 0, truth, own: None };
        Flip { image, label, fixed: after > before, before: answer(before), after: answer(after) }
    }

    fn images(flips: &[Flip]) -> Vec<u32> {
        flips.iter().map(|flip| flip.image).collect()
    }

    #[test]
    fn flips_are_picked_and_ordered() {
        let all = [flip(4, 1, 0.4, 0.9), flip(7, 0, 0.8, 0.1), flip(2, 1, 0.4, 0.6)];
        let by = |show, order| images(&arrange(&all, show, order));
        assert_eq!(by(Show::Both, Order::LargestChange), [7, 4, 2]);
        assert_eq!(by(Show::Both, Order::SmallestChange), [2, 4, 7]);
        assert_eq!(by(Show::Both, Order::Class), [7, 4, 2]);
        assert_eq!(by(Show::Both, Order::DataSet), [2, 4, 7]);
        assert_eq!(by(Show::Fixed, Order::LargestChange), [4, 2]);
        assert_eq!(by(Show::Broken, Order::LargestChange), [7]);
        assert_eq!(all.map(|flip| flip.kind()), ["fixed", "broken", "fixed"]);
    }

    #[test]
    fn the_table_names_classes_where_it_can() {
        let names = ["tench".to_owned()];
        let table = table(&[flip(4, 1, 0.4, 0.9)], &names, [2, 5]);
        assert_eq!(table.header[4], "run 5 says");
        assert_eq!(table.rows, [["4", "class 1", "fixed", "tench", "tench", "0.4000", "0.9000"]]);
    }
}
